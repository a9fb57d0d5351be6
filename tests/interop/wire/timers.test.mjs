// What happens with time: handshake timeout, pings, client timeout, slow peers. The waits run side by side, each on
// connections of its own, so that the file takes as long as its longest (half a minute).
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hubbub_only, start_server } from '../support/server.mjs';
import { eventually, pause } from '../support/waiting.mjs';
import { a_fresh_client_is_served, ask, frame, HubPeer, negotiate, open_websocket, Peer, RS } from '../support/wire.mjs';

const timed_out = { type: 7, error: 'Connection closed with an error.', allowReconnect: true };
const seconds = (from) => (Date.now() - from) / 1000;

describe('time', { concurrency: 20 }, () => {
  let server;
  before(async () => { server = await start_server(); });
  after(async () => {
    try {
      await a_fresh_client_is_served(server);
    } finally {
      await server?.stop();
    }
  });

  function expect_between(value, low, high, what) {
    assert.ok(value >= low && value <= high, `${what} after ${value.toFixed(1)} s, expected ${low} to ${high}`);
  }

  it('cancels a handshake that does not come within 5 s', async () => {
    const peer = await open_websocket(server);
    const opened = Date.now();
    const seen = [];

    const code = await peer.close_code(20_000, seen);

    expect_between(seconds(opened), 4, 9, 'cancelled');
    assert.deepEqual(seen.map(({ payload }) => payload.toString()), [`{"error":"Handshake was canceled."}${RS}`]);
    assert.equal(code, 1000);
    peer.drop();
  });

  it('cancels a handshake that never ends', async () => {
    const peer = await open_websocket(server);
    peer.write(frame('{"protocol":"js'));
    const seen = [];

    assert.equal(await peer.close_code(20_000, seen), 1000);
    assert.equal(seen[0].payload.toString(), `{"error":"Handshake was canceled."}${RS}`);
    peer.drop();
  });

  it('pings every interval, whatever else is sent, and never as an answer', async () => {
    const hub = await HubPeer.open(server);
    const opened = Date.now();
    const pings = [];
    const calls = setInterval(() => hub.write({ type: 6 }, { type: 1, target: 'Notify', arguments: ['x'] }), 500);

    try {
      while (pings.length < 2) {
        if ((await hub.any_message(20_000)).type === 6) pings.push(seconds(opened));
      }
    } finally {
      clearInterval(calls);
    }

    expect_between(pings[0], 3.5, 9, 'the first ping');
    expect_between(pings[1] - pings[0], 3.5, 9, 'the second ping');
    hub.drop();
  });

  it('ends a client that pinged and then fell silent, and none that never pinged', async () => {
    const [silent, pinged, call_only] = [await HubPeer.open(server), await HubPeer.open(server), await HubPeer.open(server)];
    await call_only.invoke('Nothing');
    const since = Date.now();
    pinged.write({ type: 6 });

    assert.deepEqual(await pinged.message(30_000), timed_out);
    expect_between(seconds(since), 19, 26, 'the client timeout');
    assert.equal(await pinged.peer.close_code(), 1000);
    assert.equal((await silent.invoke('Echo', 'never pinged')).result, 'never pinged');
    assert.equal((await call_only.invoke('Echo', 'never pinged')).result, 'never pinged');
    for (const hub of [silent, pinged, call_only]) hub.drop();
  });

  it('keeps a client that pinged and goes on sending anything', async () => {
    const hub = await HubPeer.open(server);
    hub.write({ type: 6 });

    for (let i = 0; i < 5; i++) {
      await pause(5_000);
      assert.equal((await hub.invoke('Echo', 'here')).result, 'here');
    }
    hub.drop();
  });

  it('does not count the time of a running method against its client', async () => {
    const hub = await HubPeer.open(server);
    hub.write({ type: 6 }, { type: 1, invocationId: 'd', target: 'Delay', arguments: [2000] });

    assert.deepEqual(await hub.message(), { type: 3, invocationId: 'd', result: 2000 });
    hub.drop();
  });

  it('ends a connection whose close frame is not answered', async () => {
    const hub = await HubPeer.open(server);
    hub.text(`garbage${RS}`);
    assert.equal(await hub.peer.close_code(), 1000);
    const closed = Date.now();

    await hub.peer.end(15_000);

    expect_between(seconds(closed), 0, 11, 'the end of the connection');
    hub.drop();
  });

  it('forgets a negotiated connection that nobody opened within 6 s', async () => {
    const { connectionToken } = await negotiate(server);
    const known = async () => (await ask(server, 'DELETE', `/test?id=${connectionToken}`)).status !== 404;
    assert.ok(await known());

    await pause(4_000);
    assert.ok(await known());

    await eventually('the token is forgotten', async () => !(await known()), 8_000);
  });

  for (const [name, head] of Object.entries({
    'the head of a request': 'GET /test HTTP/1.1\r\nHost: a\r\nX-Slow: ',
    'the first line of a request': 'GET /',
  })) {
    it(`cuts a client that trickles ${name}`, async () => {
      const peer = await Peer.connect(server);
      const since = Date.now();
      peer.write(head);
      const trickle = setInterval(() => peer.write('x'), 1_000);

      try {
        await peer.end(45_000);
      } finally {
        clearInterval(trickle);
        peer.drop();
      }

      expect_between(seconds(since), 1, 41, 'cut');
    });
  }

  it('cuts a client that trickles the body of a request', async () => {
    const peer = await Peer.connect(server);
    peer.write('POST /test?id=nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n');
    const trickle = setInterval(() => peer.write('x'), 1_000);

    try {
      await peer.end(45_000);
    } finally {
      clearInterval(trickle);
      peer.drop();
    }
  });

  it('holds up nobody for a client that does not read, and ends it', hubbub_only, async () => {
    const [slow, reader, sender] = await Promise.all(['/bench', '/bench', '/bench'].map((target) => HubPeer.open(server, { target })));
    const payload = 'x'.repeat(1024 * 1024);
    const count = 26;
    slow.peer.pause();

    const received = (async () => { for (let i = 0; i < count; i++) assert.equal((await reader.message(20_000)).arguments[0].length, payload.length); })();
    for (let i = 0; i < count; i++) assert.equal((await sender.invoke('Broadcast', payload)).error, undefined);
    await received;

    await eventually('the slow client is gone', async () => (await sender.invoke('ConnectedCount')).result === 2, 20_000);
    for (const hub of [slow, reader, sender]) hub.drop();
  });
});
