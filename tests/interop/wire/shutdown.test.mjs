// SIGTERM: clients hear Close with permission to reconnect, the process ends with status 0 within 10 s.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Asker, event, EventStream, handshake, new_path } from '../support/carried.mjs';
import { hubbub_only, start_server } from '../support/server.mjs';
import { within } from '../support/waiting.mjs';
import { close_frame, HubPeer, open_websocket, Peer, request, RS } from '../support/wire.mjs';

const signalr = createRequire(import.meta.url)('signalr-10');
const goodbye = { type: 7, allowReconnect: true };

describe('SIGTERM', hubbub_only, () => {
  let server;
  beforeEach(async () => { server = await start_server(); });
  afterEach(async () => { await server?.stop().catch(() => {}); });

  const stop = () => server.stop('SIGTERM', 10_000);

  it('ends an idle server with status 0', async () => {
    assert.deepEqual(await stop(), { status: 0, signal: null });
  });

  it('is told to every client, before the close frame', async () => {
    const hubs = await Promise.all(Array.from({ length: 20 }, () => HubPeer.open(server)));
    const ended = stop();

    for (const hub of hubs) {
      assert.deepEqual(await hub.message(), goodbye);
      const code = await hub.peer.close_code();
      assert.ok(code === 1000 || code === 1001, `closed with ${code}`);
      hub.peer.write(close_frame(1000));
    }

    assert.deepEqual(await ended, { status: 0, signal: null });
  });

  it('is told to an event stream, before its last chunk', async () => {
    const path = await new_path(server);
    const stream = await EventStream.open(server, path);
    const poster = await Asker.connect(server);
    await stream.comment();
    await poster.ask('POST', path, handshake);
    assert.equal(await stream.event(), event(`{}${RS}`));
    const ended = stop();

    assert.equal(await stream.event(), event(JSON.stringify(goodbye) + RS));
    assert.equal((await stream.peer.end()).toString(), '0\r\n\r\n');
    assert.deepEqual(await ended, { status: 0, signal: null });
    poster.drop();
  });

  it('is told to a poll that waits', async () => {
    const path = await new_path(server);
    const [poller, poster] = await Promise.all([Asker.connect(server), Asker.connect(server)]);
    await poller.ask('GET', path);
    await poster.ask('POST', path, handshake);
    assert.equal((await poller.ask('GET', path)).body, `{}${RS}`);
    poller.send('GET', path);
    // A refused method does nothing but show that the server has read on.
    for (let i = 0; i < 4; i++) {
      const other = await Asker.connect(server);
      assert.equal((await other.ask('PUT', path)).status, 405);
      other.drop();
    }
    const ended = stop();

    const { status, body } = await poller.answer();
    assert.deepEqual([status, body], [200, JSON.stringify(goodbye) + RS]);
    assert.deepEqual(await ended, { status: 0, signal: null });
    poster.drop();
    poller.drop();
  });

  it('is survived by clients that reconnect to the next server on the port', async () => {
    const connection = new signalr.HubConnectionBuilder()
      .withUrl(`${server.url}/test`, { transport: signalr.HttpTransportType.WebSockets, logger: signalr.NullLogger.instance })
      .withAutomaticReconnect(Array(100).fill(50)).configureLogging(signalr.LogLevel.None).build();
    const reconnected = new Promise((resolve) => { connection.onreconnected(resolve); });
    await connection.start();

    assert.deepEqual(await stop(), { status: 0, signal: null });
    await server.start();

    await within(10_000, 'the client to reconnect', reconnected);
    assert.equal(await connection.invoke('Echo', 'again'), 'again');
    await connection.stop();
  });

  it('waits for no one who has nothing to say', async () => {
    const silent = await Peer.connect(server);
    const half = (await Peer.connect(server)).write('POST /test/nego');
    const kept_alive = (await Peer.connect(server)).write(request('POST', '/test/negotiate', { 'Content-Length': '0' }));
    await kept_alive.answer();
    const no_handshake = await open_websocket(server);
    const deaf = await HubPeer.open(server);

    assert.deepEqual(await stop(), { status: 0, signal: null });
    for (const peer of [silent, half, kept_alive, no_handshake, deaf]) peer.drop();
  });

  it('does not wait for a method that runs for longer', async () => {
    const hub = await HubPeer.open(server);
    hub.write({ type: 1, invocationId: 'd', target: 'Delay', arguments: [30_000] });

    assert.deepEqual(await stop(), { status: 0, signal: null });
    hub.drop();
  });

  it('keeps tokens out of the log', async () => {
    const hub = await HubPeer.open(server, { target: '/test?user=ann&access_token=secret-token' });
    assert.equal((await hub.invoke('Crash')).error, "An unexpected error occurred invoking 'Crash' on the server.");
    hub.drop();

    await stop();

    assert.ok(!server.output.includes('secret-token'), 'the query is in the log');
  });
});
