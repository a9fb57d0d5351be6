// Stateful reconnect with a version of Microsoft's JavaScript client that knows it: connections are cut again and again,
// and neither side notices.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { CuttingProxy } from './support/cutting_proxy.mjs';
import { hubbub_only, start_server } from './support/server.mjs';
import { eventually, within } from './support/waiting.mjs';

const require = createRequire(import.meta.url);
const messages = 6000;
const cuts = 15;

/** `tls`: the files `{ certificate, key }` of a server that speaks TLS; the process must trust the certificate. */
export function run_resume_suite(package_name, messagepack_package_name, { tls } = {}) {
  const signalr = require(package_name);
  const { MessagePackHubProtocol } = require(messagepack_package_name);
  for (const [name, protocol] of [['JSON', undefined], ['MessagePack', () => new MessagePackHubProtocol()]]) {
    describe(`stateful reconnect of @microsoft/signalr ${signalr.VERSION}, ${name}${tls ? ', TLS' : ''}`, hubbub_only, () => {
      define_tests(signalr, protocol, tls);
    });
  }
}

function define_tests(signalr, protocol, tls) {
  let server;
  let proxy;

  before(async () => {
    server = await start_server(tls ? { HUBBUB_TLS_CERTIFICATE: tls.certificate, HUBBUB_TLS_KEY: tls.key } : {});
    proxy = await CuttingProxy.start(server.port, { tls: tls !== undefined });
  });
  after(async () => {
    await proxy?.stop();
    await server?.stop();
  });

  async function connect(path = '/test') {
    const builder = new signalr.HubConnectionBuilder()
      .withUrl(`${proxy.url}${path}`, { transport: signalr.HttpTransportType.WebSockets, logger: signalr.NullLogger.instance })
      .withStatefulReconnect()
      .withAutomaticReconnect();
    if (protocol) builder.withHubProtocol(protocol());
    const connection = builder.configureLogging(signalr.LogLevel.None).build();
    const noticed = [];
    connection.onreconnecting((error) => noticed.push(`reconnecting: ${error}`));
    connection.onclose((error) => noticed.push(`closed: ${error}`));
    await within(10_000, 'the client to start', connection.start());
    return Object.assign(connection, { noticed });
  }

  // Cuts once, and waits until the connection is of use again.
  async function cut(connection) {
    const before = proxy.cuts;
    const filler = 'x'.repeat(proxy.spared + 1000);
    proxy.cut_soon();
    const echo = connection.invoke('Echo', filler);
    await eventually('the connection is cut', () => proxy.cuts > before);
    assert.equal(await within(10_000, 'the answer to a call that was cut', echo), filler);
  }

  it(`loses, doubles and reorders nothing of ${messages} messages both ways over ${cuts} cuts`, async () => {
    const connection = await connect();
    const id = connection.connectionId;
    const received = [];
    const before = proxy.cuts;
    let next_cut = 0;
    connection.on('Receive', (payload) => {
      received.push(payload);
      if (received.length < next_cut || proxy.armed || proxy.cuts === before + cuts) return;
      next_cut = received.length + Math.floor(messages / (cuts + 2));
      proxy.cut_soon();
    });
    const sends = [];
    for (let i = 0; i < messages; ++i) {
      sends.push(connection.send('Notify', String(i)));
      // Not everything at once, so that the last cut still has something to cut.
      while (i - received.length > 200 && connection.noticed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await within(60_000, 'the sends', Promise.all(sends));
    await eventually('everything has come back', () => received.length >= messages || connection.noticed.length > 0, 60_000);
    assert.equal(await within(10_000, 'the last answer', connection.invoke('Echo', 'end')), 'end');

    assert.deepEqual(connection.noticed, []);
    assert.equal(received.findIndex((payload, index) => payload !== String(index)), -1, 'lost, doubled or reordered');
    assert.equal(received.length, messages);
    assert.equal(proxy.cuts - before, cuts);
    assert.equal(connection.connectionId, id);
    assert.equal(await connection.invoke('ConnectionId'), id);
    await connection.stop();
  });

  it('keeps groups, streams in both directions and results of clients', async () => {
    const connection = await connect();
    connection.on('Answer', (x) => x * 2);
    const received = [];
    connection.on('Receive', (payload) => received.push(payload));
    await connection.invoke('Join', 'red');
    const items = [];
    const stream = new Promise((resolve, reject) => {
      connection.stream('StreamSlow', 100, 20).subscribe({ next: (item) => items.push(item), complete: resolve, error: reject });
    });
    const numbers = new signalr.Subject();
    const sum = connection.invoke('Sum', numbers);
    for (let i = 1; i <= 100; ++i) {
      numbers.next(i);
      if (i % 40 === 0) await cut(connection);
    }
    numbers.complete();

    assert.equal(await within(10_000, 'the sum', sum), 5050);
    await within(10_000, 'the stream', stream);
    assert.deepEqual(items, Array.from({ length: 100 }, (_, index) => index));
    await cut(connection);
    assert.equal(await connection.invoke('AskClient', connection.connectionId, 21, 5000), 42);
    await connection.invoke('SendGroup', 'red', 'still a member');
    assert.deepEqual(received, ['still a member']);
    assert.deepEqual(connection.noticed, []);
    await connection.stop();
  });

  it('ends with a goodbye as without it', async () => {
    const connection = await connect();
    await cut(connection);

    await connection.invoke('Abort').catch(() => {});

    await eventually('the client has closed', () => connection.noticed.length > 0);
    assert.match(connection.noticed[0], /^closed/);
  });
}
