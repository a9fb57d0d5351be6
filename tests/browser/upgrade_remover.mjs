// A proxy of the old kind: it passes on whole requests and answers, but not the wish to change the protocol. RFC 9110 lets
// it: Upgrade and Connection are for the next hop only.
import http from 'node:http';

const for_the_next_hop_only = new Set(['connection', 'upgrade', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te']);
const passed_on = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !for_the_next_hop_only.has(name)));

/** A started proxy in front of `server`, on a free loopback port. `removed` counts the upgrades it did not pass on. */
export async function start_upgrade_remover(server) {
  const agent = new http.Agent({ keepAlive: true });
  const proxy = { removed: 0 };
  // Without a listener for 'upgrade' Node hands such requests to this one, as what they are without that header.
  const listener = http.createServer((request, answer) => {
    if (request.headers.upgrade) proxy.removed++;
    const onward = http.request({ agent, host: '127.0.0.1', port: server.port, method: request.method, path: request.url, headers: passed_on(request.headers) });
    onward.on('response', (answered) => {
      answer.writeHead(answered.statusCode, passed_on(answered.headers));
      answer.flushHeaders();  // an event stream's head must not wait for its first event
      answered.pipe(answer).on('close', () => answered.destroy());
      answered.on('error', () => answer.destroy());
    });
    onward.on('error', () => { if (answer.headersSent) answer.destroy(); else answer.writeHead(502).end(); });
    answer.on('close', () => { if (!answer.writableFinished) onward.destroy(); });
    request.pipe(onward);
  });
  await new Promise((resolve, reject) => { listener.once('error', reject).listen(0, '127.0.0.1', resolve); });
  proxy.url = `http://127.0.0.1:${listener.address().port}`;
  proxy.stop = () => new Promise((resolve) => {
    listener.close(() => { agent.destroy(); resolve(); });
    listener.closeAllConnections();
  });
  return proxy;
}
