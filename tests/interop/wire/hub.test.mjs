// The JSON hub protocol as bytes: the handshake, what a message may look like, and what ends the connection.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { hubbub_only, start_server } from '../support/server.mjs';
import { a_fresh_client_is_served, close_frame, frame, HubPeer, open_websocket, RS } from '../support/wire.mjs';

const largest_message = 2 * 1024 * 1024;
const protocol_error = { type: 7, error: 'Connection closed with an error.', allowReconnect: true };
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);

describe('the hub protocol', () => {
  let server;
  before(async () => { server = await start_server(); });
  after(async () => { await server?.stop(); });
  afterEach(async () => { await a_fresh_client_is_served(server); });

  describe('the handshake', () => {
    const malformed = 'An unexpected error occurred during connection handshake.';
    const accepted = [
      '{"protocol":"json","version":1}', '{"version":2,"protocol":"json"}', '{"protocol":"JSON","version":0}', '{"protocol":"json","version":-7}',
      '{"unknown":{"a":[1]},"protocol":"json","version":1}', '{"protocol":"none","protocol":"json","version":1}', ' { "protocol" : "json" , "version" : 1 } ',
    ];
    const refused = {
      '{"protocol":"xyz","version":1}': "The protocol 'xyz' is not supported.",
      '{"protocol":"xyz","version":9}': "The protocol 'xyz' is not supported.",
      '{"protocol":"json","version":3}': "The server does not support version 3 of the 'json' protocol.",
      '{"version":1}': malformed,
      '{"protocol":"json"}': malformed,
      '{"protocol":1,"version":1}': malformed,
      '{"protocol":"json","version":"1"}': malformed,
      '{"Protocol":"json","Version":1}': malformed,
      '[]': malformed,
      '{': malformed,
      '': malformed,
      '{"type":1,"target":"Echo","arguments":["x"]}': malformed,
    };

    for (const text of accepted) {
      it(`accepts ${text}`, async () => {
        const peer = await open_websocket(server);
        peer.write(frame(text + RS));

        const { opcode, payload } = await peer.frame();

        assert.deepEqual([opcode, payload.toString()], [1, `{}${RS}`]);
        peer.drop();
      });
    }

    for (const [text, error] of Object.entries(refused)) {
      it(`refuses ${text || 'nothing at all'}`, async () => {
        const peer = await open_websocket(server);
        peer.write(frame(text + RS));
        const seen = [];

        const code = await peer.close_code(10_000, seen);

        assert.equal(code, 1000);
        assert.equal(seen.length, 1);
        assert.ok(seen[0].payload.toString().endsWith(RS));
        assert.deepEqual(JSON.parse(seen[0].payload.toString().slice(0, -1)), { error });
        peer.write(close_frame(1000));
        await peer.end();
        peer.drop();
      });
    }

    it('may arrive in pieces', async () => {
      const peer = await open_websocket(server);

      for (const piece of ['{"proto', 'col":"json","ver', 'sion":1}', RS]) peer.write(frame(piece));

      assert.equal((await peer.frame()).payload.toString(), `{}${RS}`);
      peer.drop();
    });

    it('is answered alone in its message, also when calls came with it', hubbub_only, async () => {
      const peer = await open_websocket(server);

      peer.write(frame(`{"protocol":"json","version":1}${RS}{"type":1,"invocationId":"1","target":"Echo","arguments":["x"]}${RS}{"type":1,"invocationId":"2","target":"Echo","arguments":["y"]}${RS}`));

      const hub = new HubPeer(peer);
      assert.equal((await peer.frame()).payload.toString(), `{}${RS}`);
      assert.equal((await hub.message()).result, 'x');
      assert.equal((await hub.message()).result, 'y');
      peer.drop();
    });

    it('is cancelled when it grows beyond the size of a message', async () => {
      const peer = await open_websocket(server);
      const seen = [];
      peer.write(frame('x'.repeat(largest_message + 100)));

      const code = await peer.close_code(10_000, seen);

      assert.equal(code, 1000);
      assert.deepEqual(seen.map(({ payload }) => payload.toString()), [`{"error":"Handshake was canceled."}${RS}`]);
      peer.drop();
    });
  });

  describe('reads a message', () => {
    const messages = {
      'with the type at the end': '{"target":"Echo","arguments":["x"],"invocationId":"1","type":1}',
      'with the arguments before the target': '{"arguments":["x"],"type":1,"invocationId":"1","target":"Echo"}',
      'with white space': ' { "type" : 1 ,\r\n\t"invocationId":"1", "target":"Echo", "arguments" : [ "x" ] } ',
      'with unknown members': '{"a":{"b":[1,{}]},"type":1,"invocationId":"1","c":null,"target":"Echo","arguments":["x"]}',
      'with headers': '{"type":1,"headers":{"traceparent":"00-1"},"invocationId":"1","target":"Echo","arguments":["x"]}',
      'with no stream': '{"type":1,"invocationId":"1","target":"Echo","arguments":["x"],"streamIds":[]}',
      'whose repeated members are overruled by the last': '{"type":3,"target":"Crash","type":1,"invocationId":"7","invocationId":"1","target":"Echo","arguments":["x"]}',
      'with escapes': '{"\\u0074ype":1,"invocationId":"\\u0031","target":"Ech\\u006f","arguments":["\\u0078"]}',
      'with bytes behind the object': '{"type":1,"invocationId":"1","target":"Echo","arguments":["x"]} garbage',
    };
    for (const [name, message] of Object.entries(messages)) {
      it(name, async () => {
        const hub = await HubPeer.open(server);

        hub.text(message + RS);

        assert.deepEqual(await hub.message(), { type: 3, invocationId: '1', result: 'x' });
        hub.drop();
      });
    }

    it('of exactly the largest size', async () => {
      const hub = await HubPeer.open(server);
      const around = `{"type":1,"invocationId":"1","target":"Echo","arguments":[""]}${RS}`.length;

      const completion = await (hub.text(`{"type":1,"invocationId":"1","target":"Echo","arguments":["${'x'.repeat(largest_message - around)}"]}${RS}`), hub.message());

      assert.equal(completion.result.length, largest_message - around);
      hub.drop();
    });

    it('that calls nobody back, and answers nothing', async () => {
      const hub = await HubPeer.open(server);
      const silent = ['{"type":1,"target":"Echo","arguments":["x"]}', '{"type":1,"target":"NoSuch","arguments":[]}', '{"type":1,"target":"Crash","arguments":[]}',
        '{"type":1,"invocationId":"","target":"Echo","arguments":["x"]}', '{"type":1,"target":"Echo","arguments":[]}', '{"type":1,"target":"","arguments":[]}'];

      hub.text(silent.map((one) => one + RS).join(''));

      assert.deepEqual(await hub.invoke('Echo', 'next'), { type: 3, invocationId: '0', result: 'next' });
      hub.drop();
    });

    it('for a call or stream it does not know, and goes on', async () => {
      const hub = await HubPeer.open(server);

      hub.write({ type: 3, invocationId: 'x', result: { a: 1 } }, { type: 3, invocationId: 'x', error: 'e' }, { type: 2, invocationId: 'x', item: [1] },
        { type: 5, invocationId: 'x' }, { type: 6 }, { type: 8, sequenceId: 5 }, { type: 9, sequenceId: 5 });

      assert.equal((await hub.invoke('Echo', 'next')).result, 'next');
      hub.drop();
    });

    it('of a type it does not know, and goes on', hubbub_only, async () => {
      const hub = await HubPeer.open(server);

      hub.text(`{"type":10,"x":[{}]}${RS}{"type":99}${RS}{"type":-1}${RS}{"type":0}${RS}`);

      assert.equal((await hub.invoke('Echo', 'next')).result, 'next');
      hub.drop();
    });
  });

  describe('answers a call that does not bind', () => {
    const failed = (target) => `Failed to invoke '${target}' due to an error on the server.`;
    const cases = [
      ['unknown method', '"target":"Nix","arguments":[]', `${failed('Nix')} HubException: Method does not exist.`],
      ['empty method', '"target":"","arguments":[]', `${failed('')} HubException: Method does not exist.`],
      ['too few', '"target":"AddNumbers","arguments":[1]', failed('AddNumbers')],
      ['too many', '"target":"AddNumbers","arguments":[1,2,3]', failed('AddNumbers')],
      ['too many for none', '"target":"Nothing","arguments":[1]', failed('Nothing')],
      ['text for a number', '"target":"AddNumbers","arguments":["1",2]', failed('AddNumbers')],
      ['a fraction', '"target":"AddNumbers","arguments":[1.5,2]', failed('AddNumbers')],
      ['an exponent that leaves the range', '"target":"AddNumbers","arguments":[1e10,2]', failed('AddNumbers')],
      ['a number out of range', '"target":"AddNumbers","arguments":[2147483648,2]', failed('AddNumbers')],
      ['a number for text', '"target":"Echo","arguments":[1]', failed('Echo')],
      ['an array for text', '"target":"Echo","arguments":[[]]', failed('Echo')],
      ['deep nesting for text', `"target":"Echo","arguments":[${nested(60)}]`, failed('Echo')],
      ['half a surrogate pair', '"target":"Echo","arguments":["\\ud800"]', failed('Echo')],
      ['bad base64', '"target":"EchoBytes","arguments":["!!!!"]', failed('EchoBytes')],
      ['an array for a record', '"target":"EchoRecord","arguments":[[]]', failed('EchoRecord')],
      ['1 for a flag', '"target":"EchoRecord","arguments":[{"flag":1}]', failed('EchoRecord')],
      ['a declared spelling', '"target":"crash","arguments":[]', "An unexpected error occurred invoking 'Crash' on the server."],
    ];
    for (const [name, call, error] of cases) {
      it(name, async () => {
        const hub = await HubPeer.open(server);

        hub.text(`{"type":1,"invocationId":"i",${call}}${RS}`);

        assert.deepEqual(await hub.message(), { type: 3, invocationId: 'i', error });
        assert.equal((await hub.invoke('Echo', 'next')).result, 'next');
        hub.drop();
      });
    }

    it('in plain text also when the method is asked for a stream', async () => {
      const hub = await HubPeer.open(server);

      hub.write({ type: 4, invocationId: 's', target: 'echo', arguments: ['x'] });

      assert.deepEqual(await hub.message(), {
        type: 3, invocationId: 's', error: "The client attempted to invoke the non-streaming 'Echo' method with a streaming invocation.",
      });
      hub.drop();
    });
  });

  it('writes a result of nothing as null', async () => {
    const hub = await HubPeer.open(server);

    assert.deepEqual(await hub.invoke('Nothing'), { type: 3, invocationId: '0', result: null });
    assert.deepEqual(await hub.invoke('Echo', null), { type: 3, invocationId: '1', result: null });
    hub.drop();
  });

  it('writes its messages in the spelling of the specification, text escaped', async () => {
    const hub = await HubPeer.open(server);
    const text = 'é<>&\u0000\u001e"\\\u2028\n';
    const completion = `{"type":3,"invocationId":"1","result":null}${RS}`;

    hub.write({ type: 1, invocationId: '1', target: 'Notify', arguments: [text] });

    let received = '';
    while (!received.endsWith(completion)) received += await hub.text_message();
    const [, argument] = /^\{"type":1,"target":"Receive","arguments":\[(".*")\]\}\u001e/.exec(received);
    assert.equal(JSON.parse(argument), text);
    hub.drop();
  });

  it('echoes a Close, and ends with 1000', async () => {
    for (const message of [{ type: 7 }, { type: 7, error: 'client is sad' }, { type: 7, allowReconnect: true }]) {
      const hub = await HubPeer.open(server);
      hub.write(message);

      assert.deepEqual(await hub.message(), { type: 7 });
      assert.equal(await hub.peer.close_code(), 1000);
      hub.drop();
    }
  });

  it('says Close without permission to reconnect after Abort, and ends with 1000', async () => {
    const hub = await HubPeer.open(server);
    hub.write({ type: 1, target: 'Abort', arguments: [] });

    assert.deepEqual(await hub.message(), { type: 7 });
    assert.equal(await hub.peer.close_code(), 1000);
    hub.drop();
  });

  describe('closes with an error and permission to reconnect after', () => {
    const fatal = {
      'no JSON': 'garbage', 'an empty message': '', 'a cut object': '{"type":1,"target":"Echo"', 'an array': '[1]', 'a number': '6', 'null': 'null',
      'no type': '{"target":"Echo","arguments":[]}', 'a type that is text': '{"type":"1"}', 'a fractional type': '{"type":1.5}', 'a type beyond 32 bits': '{"type":4294967297}',
      'no target': '{"type":1,"arguments":[]}', 'no arguments': '{"type":1,"target":"Echo"}', 'a target that is a number': '{"type":1,"target":1,"arguments":[]}',
      'arguments that are no array': '{"type":1,"target":"Echo","arguments":{}}', 'arguments that are null': '{"type":1,"target":"Echo","arguments":null}',
      'an invocation id that is a number': '{"type":1,"invocationId":1,"target":"Echo","arguments":["x"]}',
      'a completion without an id': '{"type":3,"result":1}', 'a completion with error and result': '{"type":3,"invocationId":"1","error":"e","result":1}',
      'a stream call without an id': '{"type":4,"target":"Echo","arguments":["x"]}', 'a cancel without an id': '{"type":5}', 'an item without a value': '{"type":2,"invocationId":"1"}',
      'headers that are no object': '{"type":1,"headers":[],"target":"Echo","arguments":["x"]}', 'a header that is a number': '{"type":1,"headers":{"a":1},"target":"Echo","arguments":["x"]}',
      'stream ids that are no array': '{"type":1,"target":"Echo","arguments":["x"],"streamIds":"1"}', 'an Ack without a number': '{"type":8}',
      'a comment': '{"type":6/**/}', 'a comma too many': '{"type":6,}', 'a byte order mark': '\ufeff{"type":6}', 'nesting beyond 64': `{"type":1,"target":"Echo","arguments":[${nested(63)}]}`,
      'nesting beyond 64 in an unknown member': `{"x":${nested(64)},"type":6}`, 'a control character in a text': '{"type":1,"target":"Echo","arguments":["\n"]}', 'a number with a leading zero': '{"type":06}',
    };
    for (const [name, message] of Object.entries(fatal)) {
      it(name, async () => {
        const hub = await HubPeer.open(server);

        hub.text(message + RS);

        assert.deepEqual(await hub.message(), protocol_error);
        assert.equal(await hub.peer.close_code(), 1000);
        hub.peer.write(close_frame(1000));
        assert.equal((await hub.peer.end()).length, 0);
        hub.drop();
      });
    }

    it('a message one byte above the largest size, and serves the others', async () => {
      const [hub, other] = [await HubPeer.open(server), await HubPeer.open(server)];
      const around = `{"type":1,"invocationId":"1","target":"Echo","arguments":[""]}${RS}`.length;

      hub.text(`{"type":1,"invocationId":"1","target":"Echo","arguments":["${'x'.repeat(largest_message - around + 1)}"]}${RS}`);

      assert.deepEqual(await hub.message(), protocol_error);
      assert.equal(await hub.peer.close_code(), 1000);
      assert.equal((await other.invoke('Echo', 'unharmed')).result, 'unharmed');
      hub.drop();
      other.drop();
    });

    it('more bytes than the largest size without an end, in many frames', async () => {
      const hub = await HubPeer.open(server);

      for (let sent = 0; sent <= largest_message; sent += 64 * 1024) hub.text('x'.repeat(64 * 1024));

      assert.deepEqual(await hub.message(), protocol_error);
      assert.equal(await hub.peer.close_code(), 1000);
      hub.drop();
    });

    it('more bytes than the largest size in a frame that announces even more', hubbub_only, async () => {
      const hub = await HubPeer.open(server);

      hub.peer.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0])).write(Buffer.alloc(largest_message + 1, 'x'));

      assert.deepEqual(await hub.message(), protocol_error);
      assert.equal(await hub.peer.close_code(), 1000);
      hub.drop();
    });

    it('a protocol error behind a call, which is answered first', async () => {
      const hub = await HubPeer.open(server);

      hub.text(`{"type":1,"invocationId":"1","target":"Echo","arguments":["x"]}${RS}garbage${RS}`);

      assert.equal((await hub.message()).result, 'x');
      assert.deepEqual(await hub.message(), protocol_error);
      hub.drop();
    });
  });
});
