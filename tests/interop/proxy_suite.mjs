// hubbub behind a proxy with the configuration that docs/deploy gives: what clients find there, what the server is told,
// and what the proxy writes down. Each proxy runs it in a process of its own, see clients/.
import assert from 'node:assert/strict';
import http from 'node:http';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { run_client_suite } from './client_suite.mjs';
import { start_proxy } from './support/proxy.mjs';
import { start_server } from './support/server.mjs';
import { eventually, Inbox, within } from './support/waiting.mjs';
import { ask, negotiate, open_websocket, Peer, request, RS } from './support/wire.mjs';

const signalr = createRequire(import.meta.url)('signalr-10');
const generous = 30_000;

export function run_proxy_suite(kind) {
  // The conformance server behind the proxy, with the face of a server: clients are given the proxy's address, and a restart
  // is the server's, not the proxy's.
  async function start_both(settings) {
    const server = await start_server(settings);
    const proxy = await start_proxy(kind, server.port).catch(async (error) => { await server.stop(); throw error; });
    return {
      url: proxy.url, port: proxy.port, log: proxy.log,
      restart: () => server.restart(),
      stop: async () => { await proxy.stop(); await server.stop(); },
    };
  }

  run_client_suite('signalr-10', 'signalr-msgpack-10', { behind: kind, start: start_both });

  describe(`${kind} as docs/deploy has it`, { timeout: 120_000 }, () => {
    it('tells the server who the client is, and nothing that the client made up', async (test) => {
      const requests = [];
      const proxy = await start_before(test, kind, (request, answer) => { requests.push(request.headers); answer.end(); });

      await ask(proxy, 'GET', '/', {
        Host: 'chat.example:8443', Forwarded: 'for=203.0.113.9', 'X-Forwarded-For': '203.0.113.9, 203.0.113.10',
        'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'evil.example',
      });

      assert.equal(requests.length, 1);
      const [headers] = requests;
      assert.equal(headers.host, 'chat.example:8443');  // what the origin of a page is compared with
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-forwarded-proto'], 'http');
      assert.equal(headers['x-forwarded-host'], 'chat.example:8443');
      assert.equal(headers.forwarded, undefined);
    });

    // Neither has a goodbye of its own: the server knows that the client has gone only when the proxy tells it.
    it('ends an event stream whose client has gone', async (test) => {
      const gone = new Inbox('clients that have gone');
      const proxy = await start_before(test, kind, (request, answer) => {
        answer.on('close', () => gone.push());
        answer.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }).write(':\r\n\r\n');
      });
      const received = new Inbox('pieces of the event stream');
      const stream = http.get(`${proxy.url}/test?id=x`, (answer) => { answer.on('data', (bytes) => received.push(bytes)).on('error', () => {}); });
      stream.on('error', () => {});
      await received.next();

      stream.destroy();

      await gone.next();
    });

    it('ends a poll whose client has gone', async (test) => {
      const [arrived, gone] = [new Inbox('polls'), new Inbox('clients that have gone')];
      const proxy = await start_before(test, kind, (request, answer) => { answer.on('close', () => gone.push()); arrived.push(); });
      const poll = http.get(`${proxy.url}/test?id=x`).on('error', () => {});
      await arrived.next();

      poll.destroy();

      await gone.next();
    });

    describe('with the conformance server', () => {
      let both;
      before(async () => { both = await start_both({}); });
      after(async () => { await both?.stop(); });

      it('writes down no token', async () => {
        const { connectionToken } = await negotiate(both);
        const peer = await open_websocket(both, `/test?id=${connectionToken}&access_token=secret-4c1d`);
        peer.drop();
        assert.equal((await ask(both, 'POST', '/auth/negotiate?access_token=secret-4c1d')).status, 401);

        await eventually(`${kind} has written both requests down`, () => /\/test(?!\/)/.test(both.log()) && both.log().includes('/auth/negotiate'));

        assert.doesNotMatch(both.log(), /secret-4c1d|access_token/);
        assert.ok(!both.log().includes(connectionToken));
      });

      // Small pieces of an answer that are held back until more comes cost 200 ms each.
      it('passes events on at once', async (test) => {
        const client = new signalr.HubConnectionBuilder()
          .withUrl(`${both.url}/test`, { transport: signalr.HttpTransportType.ServerSentEvents })
          .configureLogging(signalr.LogLevel.None).build();
        test.after(() => client.stop());
        await within(generous, 'the client to start', client.start());

        let quickest = Infinity;  // of many: a busy machine slows down some of them, not all
        for (let i = 0; i < 30 && quickest >= 100; i++) {
          const from = performance.now();
          await within(generous, 'an echo', client.invoke('Echo', 'x'));
          quickest = Math.min(quickest, performance.now() - from);
        }

        assert.ok(quickest < 100, `the quickest of 30 echoes took ${quickest} ms`);
      });

      // A proxy that takes everything for a slow client hides it from the server, and fills its memory or disk meanwhile.
      it('lets the server see that a client of an event stream does not read', async (test) => {
        const sender = new signalr.HubConnectionBuilder().withUrl(`${both.url}/bench`).configureLogging(signalr.LogLevel.None).build();
        test.after(() => sender.stop());
        await within(generous, 'the sender to start', sender.start());
        const { connectionId, connectionToken } = await negotiate(both, '/bench');
        const target = `/bench?id=${connectionToken}`;
        const reader = await Peer.connect(both);
        test.after(() => reader.drop());
        reader.write(request('GET', target, { Accept: 'text/event-stream' }));
        await reader.bytes(1);  // the stream has begun
        reader.pause();
        assert.equal((await ask(both, 'POST', target, {}, `{"protocol":"json","version":1}${RS}`)).status, 200);
        const clients = () => within(generous, 'the number of clients', sender.invoke('ConnectedCount'));
        await eventually('both are connected', async () => (await clients()) === 2);

        const payload = 'x'.repeat(1024 * 1024);
        for (let sent = 0; sent < 80 && (await clients()) === 2; sent++) {
          await within(generous, 'a message to be sent', sender.invoke('SendConnection', connectionId, payload));
        }

        await eventually('the server has given the reader up', async () => (await clients()) === 1, 20_000);
      });
    });
  });
}

// The proxy in front of a server that is nothing but `handler`, until the test has ended.
async function start_before(test, kind, handler) {
  const listener = http.createServer(handler);
  await new Promise((resolve, reject) => { listener.once('error', reject).listen(0, '127.0.0.1', resolve); });
  test.after(() => new Promise((resolve) => { listener.close(resolve); listener.closeAllConnections(); }));
  const proxy = await start_proxy(kind, listener.address().port);
  test.after(() => proxy.stop());
  return proxy;
}
