// Server-Sent Events as bytes: head, chunks, lines of events, what runs beside them and how they end.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { call, chunk, completion, compared, event, EventStream, handshake, head, Asker, new_path, ping } from '../support/carried.mjs';
import { against_reference, hubbub_only, start_server } from '../support/server.mjs';
import { eventually } from '../support/waiting.mjs';
import { a_fresh_client_is_served, HubPeer, Peer, request, RS, upgrade } from '../support/wire.mjs';

const plain = 'Content-Type: text/plain';
const empty = 'Content-Length: 0';
const no_cache = ['Cache-Control: no-cache, no-store', 'Pragma: no-cache', 'Expires: Thu, 01 Jan 1970 00:00:00 GMT'];
const is_gone = [404, 'No Connection with that ID'];

describe('an event stream', { concurrency: 8 }, () => {
  let server;
  before(async () => { server = await start_server(); });
  afterEach(async () => { await a_fresh_client_is_served(server); });
  after(async () => { await server?.stop(); });

  // A stream that has begun, and the connection its messages are posted on; both are dropped at the end of `run`.
  async function streaming(run, { hub = '/test', shake_hands = true } = {}) {
    const path = await new_path(server, hub);
    const stream = await EventStream.open(server, path);
    const poster = await Asker.connect(server);
    const post = (...texts) => poster.ask('POST', path, texts.join(''));
    try {
      assert.equal(await stream.comment(), ':\r\n');
      if (shake_hands) {
        assert.equal((await post(handshake)).status, 200);
        assert.equal(await stream.event(), event(`{}${RS}`));
      }
      return await run({ path, stream, post, poster });
    } finally {
      stream.drop();
      poster.drop();
    }
  }

  describe('begins', () => {
    it('with exactly this head', async () => {
      const stream = await EventStream.open(server, await new_path(server));

      const of_ours = against_reference ? [] : ['Connection: close', 'X-Accel-Buffering: no'];
      assert.deepEqual(stream.head, head('200 OK', 'Content-Type: text/event-stream', 'Cache-Control: no-cache,no-store', 'Pragma: no-cache',
        'Content-Encoding: identity', 'Transfer-Encoding: chunked', ...of_ours));
      stream.drop();
    });

    it('with a comment, in a chunk of its own, before anything was posted', async () => {
      const stream = await EventStream.open(server, await new_path(server));

      assert.equal((await stream.peer.chunk()).raw, '3\r\n:\r\n\r\n');
      stream.drop();
    });

    it('without chunks to a client of HTTP/1.0', hubbub_only, async () => {
      const path = await new_path(server);
      const peer = await Peer.connect(server);
      peer.write(request('GET', path, { Accept: 'text/event-stream' }).replace('HTTP/1.1', 'HTTP/1.0'));
      const poster = await Asker.connect(server);

      assert.ok(!compared(await peer.head()).some((line) => line.startsWith('Transfer-Encoding')));
      await poster.ask('POST', path, handshake + `{"type":7}${RS}`);
      assert.equal((await peer.end()).toString(), `:\r\n${event(`{}${RS}`)}${event(`{"type":7}${RS}`)}`);
      poster.drop();
    });

    it('and tells the allowed origin that it may read it', async () => {
      const stream = await EventStream.open(server, await new_path(server), { Origin: 'http://app.example' });

      for (const line of ['Access-Control-Allow-Origin: http://app.example', 'Access-Control-Allow-Credentials: true']) assert.ok(stream.head.includes(line), line);
      stream.drop();
    });

    it('with what was posted before it', async () => {
      const path = await new_path(server);
      const poster = await Asker.connect(server);
      await poster.ask('POST', path, handshake);
      await poster.ask('POST', path, call('1', 'Echo', 'early'));

      const late = await EventStream.open(server, path);

      const expected = `{}${RS}${completion('1', 'early')}`;
      assert.equal(await late.comment(), ':\r\n');
      assert.equal(await late.messages(expected), expected);
      for (const one of [late, poster]) one.drop();
    });
  });

  describe('carries', () => {
    it('each message as one event, each event as one chunk', hubbub_only, () => streaming(async ({ stream, post }) => {
      await post(handshake);
      assert.equal(await stream.raw_chunk(), `d\r\ndata: {}${RS}\r\n\r\n\r\n`);

      await post(call('1', 'Echo', 'x'));

      assert.equal(await stream.raw_chunk(), chunk(event(completion('1', 'x'))));
    }, { shake_hands: false }));

    it('the answer to the handshake alone, whatever was posted behind it', hubbub_only, () => streaming(async ({ stream, post }) => {
      await post(handshake, call('1', 'Echo', 'x'));

      assert.equal(await stream.event(), event(`{}${RS}`));
      assert.equal(await stream.event(), event(completion('1', 'x')));
    }, { shake_hands: false }));

    it('what a method sends before its completion', () => streaming(async ({ stream, post }) => {
      await post(call('b', 'Burst', 3));

      const expected = ['0', '1', '2'].map((text) => `{"type":1,"target":"Receive","arguments":["${text}"]}${RS}`).join('') + completion('b', 3);
      assert.equal(await stream.messages(expected), expected);
    }));

    it('broadcasts, rendered for streams and for WebSockets alike', () => streaming(async ({ stream, post }) => {
      const socket = await HubPeer.open(server, { target: '/bench' });

      await post(call('1', 'Broadcast', 'to all'));

      const message = `{"type":1,"target":"Receive","arguments":["to all"]}${RS}`;
      assert.ok((await stream.event()).startsWith(`data: ${message}`));
      assert.equal(JSON.stringify(await socket.message()) + RS, message);
      socket.drop();
    }, { hub: '/bench' }));

    it('line breaks of a text as JSON escapes them, in one line', () => streaming(async ({ stream, post }) => {
      await post(call('1', 'Echo', 'a\nb\r\nc\r\n\r\ndata: d'));

      assert.equal(await stream.event(), `data: {"type":3,"invocationId":"1","result":"a\\nb\\r\\nc\\r\\n\\r\\ndata: d"}${RS}\r\n\r\n`);
    }));

    it('bytes, not characters, of which the sizes of chunks speak', hubbub_only, () => streaming(async ({ stream, post }) => {
      await post(call('1', 'Echo', 'é€'));

      const body = event(completion('1', 'é€'));
      assert.equal(await stream.raw_chunk(), `${(body.length + 3).toString(16)}\r\n${body}\r\n`);
    }));

    it('a message of 1 MiB as one event', () => streaming(async ({ stream, post }) => {
      const text = 'x'.repeat(1024 * 1024);

      assert.equal((await post(call('1', 'Echo', text))).status, 200);

      assert.ok(await stream.event() === event(completion('1', text)));
    }));

    it('a ping every interval, as an event, and nothing else', () => streaming(async ({ stream }) => {
      const begun = Date.now();

      const first = await stream.any_event(9_000);
      const second = await stream.any_event(9_000);

      assert.deepEqual([first, second], [event(ping), event(ping)]);
      assert.ok(Date.now() - begun > 7_000, `two pings within ${Date.now() - begun} ms`);
    }));
  });

  describe('lets its client', () => {
    it('post, which is answered with nothing', () => streaming(async ({ post }) => {
      for (const text of [call('1', 'Nothing'), '']) {
        assert.deepEqual(await post(text), { head: head('200 OK', plain, empty), status: 200, body: '' });
      }
    }));

    it('post messages in pieces, which are one stream of bytes', () => streaming(async ({ stream, post }) => {
      for (const piece of [...call('1', 'Echo', 'in pieces')]) assert.equal((await post(piece)).status, 200);

      assert.equal(await stream.event(), event(completion('1', 'in pieces')));
    }));

    it('post without waiting for answers, in order', () => streaming(async ({ path, stream, poster }) => {
      for (let i = 0; i < 20; i++) poster.send('POST', path, call(String(i), 'Echo', String(i)));

      for (let i = 0; i < 20; i++) assert.equal((await poster.answer()).status, 200);
      const expected = Array.from({ length: 20 }, (_, i) => completion(String(i), String(i))).join('');
      assert.equal(await stream.messages(expected), expected);
    }));

    it('open no second one', () => streaming(async ({ path, stream, post, poster }) => {
      const second = await poster.ask('GET', path, '', { Accept: 'text/event-stream' });

      assert.deepEqual(second, { head: head('409 Conflict', plain, empty), status: 409, body: '' });
      await post(call('1', 'Echo', 'unharmed'));
      assert.equal(await stream.event(), event(completion('1', 'unharmed')));
    }));

    it('change to no other transport', () => streaming(async ({ path, stream, post, poster }) => {
      const text = 'Cannot change transports mid-connection';
      const size = against_reference ? 'Transfer-Encoding: chunked' : `Content-Length: ${text.length}`;
      const socket = await Peer.connect(server);

      const poll = await poster.ask('GET', path);
      const upgraded = await socket.write(upgrade(path)).answer();

      assert.deepEqual(poll, { head: head('400 Bad Request', plain, size, ...no_cache), status: 400, body: text });
      assert.deepEqual([upgraded.status, upgraded.body], [400, text]);
      await post(call('1', 'Echo', 'unharmed'));
      assert.equal(await stream.event(), event(completion('1', 'unharmed')));
      socket.drop();
    }));

    it('delete nothing', () => streaming(async ({ path, stream, post, poster }) => {
      const text = 'Cannot terminate this connection using the DELETE endpoint.';
      const size = against_reference ? 'Transfer-Encoding: chunked' : `Content-Length: ${text.length}`;

      assert.deepEqual(await poster.ask('DELETE', path), { head: head('400 Bad Request', plain, size), status: 400, body: text });

      await post(call('1', 'Echo', 'unharmed'));
      assert.equal(await stream.event(), event(completion('1', 'unharmed')));
    }));
  });

  describe('ends', () => {
    const last_words = {
      'when the client says Close': [`{"type":7}${RS}`, `{"type":7}${RS}`],
      'when the hub aborts': [call('1', 'Abort'), `{"type":7}${RS}`],
      'when a message is none': [`nonsense${RS}`, `{"type":7,"error":"Connection closed with an error.","allowReconnect":true}${RS}`],
      'when the handshake is refused': [`{"protocol":"xyz","version":1}${RS}`, `{"error":"The protocol 'xyz' is not supported."}${RS}`, false],
    };
    for (const [name, [said, heard, shake_hands = true]] of Object.entries(last_words)) {
      it(`${name}, with the last words, the last chunk and the connection`, () => streaming(async ({ path, stream, post, poster }) => {
        await post(said);

        assert.equal(await stream.event(), event(heard));
        if (against_reference) {
          assert.equal((await stream.peer.chunk()).raw, '0\r\n\r\n');
        } else {
          assert.equal((await stream.peer.end()).toString(), '0\r\n\r\n');
        }
        await eventually('the token is unknown', async () => {
          const { status, body } = await poster.ask('POST', path);
          return status === is_gone[0] && body === is_gone[1];
        });
      }, { shake_hands }));
    }

    for (const [name, leave] of Object.entries({ politely: (stream) => stream.peer.finish(), 'at once': (stream) => stream.drop(), 'with a reset': (stream) => stream.peer.reset() })) {
      it(`with a client that leaves ${name}`, () => streaming(async ({ path, stream, poster }) => {
        leave(stream);

        await eventually('the token is unknown', async () => (await poster.ask('POST', path)).status === 404);
        const again = await poster.ask('GET', path, '', { Accept: 'text/event-stream', 'Last-Event-ID': '1' });
        assert.deepEqual([again.status, again.body], is_gone);
      }));
    }
  });
});

describe('the hub behind an event stream', () => {
  it('counts its client until it has left', async () => {
    const server = await start_server();
    try {
      const observer = await HubPeer.open(server);
      const count = async () => (await observer.invoke('ConnectedCount')).result;
      const path = await new_path(server);
      const stream = await EventStream.open(server, path);
      const poster = await Asker.connect(server);
      await poster.ask('POST', path, handshake);
      await stream.comment();
      assert.equal(await stream.event(), event(`{}${RS}`));
      await eventually('two are counted', async () => await count() === 2);

      stream.peer.reset();

      await eventually('one is counted', async () => await count() === 1);
      for (const one of [observer, poster]) one.drop();
    } finally {
      await server.stop();
    }
  });
});
