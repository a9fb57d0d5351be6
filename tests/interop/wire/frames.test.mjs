// WebSocket frames at a hub: what is accepted, what ends the connection, and with which close code.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { hubbub_only, start_server } from '../support/server.mjs';
import { eventually } from '../support/waiting.mjs';
import { a_fresh_client_is_served, close_frame, frame, HubPeer, open_websocket, RS } from '../support/wire.mjs';

const text = 1, binary = 2, close = 8, ping = 9, pong = 10;
const echo = (argument, id = 'e') => JSON.stringify({ type: 1, invocationId: id, target: 'Echo', arguments: [argument] }) + RS;
const head = (...bytes) => Buffer.from(bytes);

describe('WebSocket frames at a hub', () => {
  let server;
  let descriptors;
  before(async () => {
    server = await start_server();
    await a_fresh_client_is_served(server);
    descriptors = server.open_descriptors();
  });
  afterEach(async () => { await a_fresh_client_is_served(server); });
  after(async () => {
    try {
      await eventually('the descriptors of ended connections are closed', () => server.open_descriptors() <= descriptors);
    } finally {
      await server?.stop();
    }
  });

  describe('accepts', () => {
    const accepted = {
      'a binary frame': [frame(echo('x'), { opcode: binary })],
      'a hub message in two frames': [frame(echo('x').slice(0, 9), { fin: false }), frame(echo('x').slice(9), { opcode: 0 })],
      'a hub message in frames of one byte': [...Buffer.from(echo('x'))].map((byte, i, all) => frame([byte], { opcode: i ? 0 : text, fin: i === all.length - 1 })),
      'a hub message in two WebSocket messages': [frame(echo('x').slice(0, 20)), frame(echo('x').slice(20))],
      'control frames between the fragments': [frame(echo('x').slice(0, 9), { fin: false }), frame('!', { opcode: pong }), frame(echo('x').slice(9), { opcode: 0 })],
      'empty messages and empty fragments': [frame(''), frame('', { opcode: binary }), frame('', { fin: false }), frame('', { opcode: 0, fin: false }), frame(echo('x'), { opcode: 0 }), frame('')],
      'a character cut by a fragment': [...Buffer.from(echo('x'))].length && [frame(Buffer.from(echo('€')).subarray(0, -6), { fin: false }), frame(Buffer.from(echo('€')).subarray(-6), { opcode: 0 })],
      'a pong nobody asked for': [frame('', { opcode: pong }), frame(echo('x'))],
    };
    for (const [name, frames] of Object.entries(accepted)) {
      it(name, async () => {
        const hub = await HubPeer.open(server);

        hub.peer.write(Buffer.concat(frames));

        const completion = await hub.message();
        assert.equal(completion.type, 3);
        assert.ok(['x', '€'].includes(completion.result));
        hub.drop();
      });
    }

    it('several hub messages in one frame', async () => {
      const hub = await HubPeer.open(server);

      hub.text(echo('1', 'a') + echo('2', 'b') + echo('3', 'c'));

      assert.deepEqual([(await hub.message()).result, (await hub.message()).result, (await hub.message()).result], ['1', '2', '3']);
      hub.drop();
    });

    it('bytes one at a time', async () => {
      const hub = await HubPeer.open(server);

      for (const byte of frame(echo('slowly'))) {
        hub.peer.write(Buffer.from([byte]));
        await new Promise(setImmediate);
      }

      assert.equal((await hub.message()).result, 'slowly');
      hub.drop();
    });
  });

  it('answers pings with their payload, in the middle of a message too', async () => {
    const hub = await HubPeer.open(server);
    const payload = Buffer.alloc(125, 7);

    hub.peer.write(Buffer.concat([frame(payload, { opcode: ping }), frame(echo('x').slice(0, 5), { fin: false }), frame('in between', { opcode: ping })]));

    const first = await hub.peer.frame();
    const second = await hub.peer.frame();
    assert.deepEqual([first.opcode, first.payload.equals(payload)], [pong, true]);
    assert.deepEqual([second.opcode, second.payload.toString()], [pong, 'in between']);
    hub.peer.write(frame(echo('x').slice(5), { opcode: 0 }));
    assert.equal((await hub.message()).result, 'x');
    hub.drop();
  });

  it('sends each hub message whole, in one unfragmented text frame', hubbub_only, async () => {
    const hub = await HubPeer.open(server);

    hub.text(echo('z'.repeat(1024 * 1024)));

    const answer = await hub.peer.frame();
    assert.deepEqual([answer.fin, answer.rsv, answer.opcode, answer.payload.at(-1)], [true, 0, text, 0x1e]);
    assert.ok(answer.payload.length > 1024 * 1024);
    hub.drop();
  });

  describe('answers the close frame', () => {
    const polite = { 'without a code': frame('', { opcode: close }), 'with a reason': frame(Buffer.concat([head(0x03, 0xe8), Buffer.from('bye')]), { opcode: close }) };
    for (const code of [1000, 1001, 1003, 1008, 1011, 3000, 4999]) polite[code] = close_frame(code);
    for (const [name, bytes] of Object.entries(polite)) {
      it(`${name} with 1000`, async () => {
        const hub = await HubPeer.open(server);
        hub.peer.write(bytes);

        assert.equal(await hub.peer.close_code(), 1000);

        assert.equal((await hub.peer.end()).length, 0);
        hub.drop();
      });
    }

    it('before the hub handshake too', async () => {
      const peer = await open_websocket(server);
      peer.write(close_frame(1000));

      const seen = [];
      assert.equal(await peer.close_code(10_000, seen), 1000);
      peer.drop();
    });
  });

  describe('ends the connection', () => {
    const violations = {
      'a reserved bit': [1002, frame(echo('x'), { rsv: 4 })],
      'another reserved bit': [1002, frame(echo('x'), { rsv: 1 })],
      'an unknown opcode': [1002, frame('x', { opcode: 3 })],
      'an unknown control opcode': [1002, frame('x', { opcode: 11 })],
      'a fragmented ping': [1002, frame('x', { opcode: ping, fin: false })],
      'a ping of 126 bytes': [1002, frame(Buffer.alloc(126), { opcode: ping })],
      'a continuation of nothing': [1002, frame('x', { opcode: 0 })],
      'a new message inside a fragmented one': [1002, Buffer.concat([frame('x', { fin: false }), frame('y')])],
      'a length of 64 bits with the highest set': [1002, head(0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0)],
      'a close frame of one byte': [1002, frame('x', { opcode: close })],
      'a close code out of range': [1002, close_frame(999)],
      'a close code that may not travel': [1002, close_frame(1005)],
      'an invalid byte in text': [1007, frame(Buffer.concat([Buffer.from(echo('x').slice(0, 20)), head(0xff), Buffer.from(echo('x').slice(20))]))],
      'an overlong encoding in text': [1007, frame(head(0xc0, 0xaf))],
      'a surrogate in text': [1007, frame(head(0xed, 0xa0, 0x80))],
      'a character that ends with the message': [1007, frame(head(0xe2, 0x82))],
    };
    const other_than_the_reference = {
      'an unmasked frame': [1002, frame(echo('x'), { masked: false })],
      'a close code nobody defined': [1002, close_frame(1016)],
      'a close reason that is no text': [1007, frame(head(0x03, 0xe8, 0xff), { opcode: close })],
      'a length of 16 bits that fits in 7': [1002, frame('short', { length_bytes: 2 })],
      'a length of 64 bits that fits in 16': [1002, frame('x'.repeat(200), { length_bytes: 8 })],
    };
    const define = (cases, options) => {
      for (const [name, [code, bytes]] of Object.entries(cases)) {
        it(`with ${code} after ${name}, without a hub Close`, options, async () => {
          const hub = await HubPeer.open(server);
          const others = [];

          hub.peer.write(bytes);

          assert.equal(await hub.peer.close_code(10_000, others), code);
          assert.deepEqual(others.map(({ payload }) => payload.toString()), []);
          hub.peer.write(close_frame(code));
          await hub.peer.end();
          hub.drop();
        });
      }
    };
    define(violations, {});
    define(other_than_the_reference, hubbub_only);
  });

  it('tells the hub of a broken connection, so that it is counted no more', async () => {
    const observer = await HubPeer.open(server);
    const others = () => observer.invoke('ConnectedCount').then(({ result }) => result);
    await eventually('only the observer is left', async () => (await others()) === 1);
    const ends = [(peer) => peer.reset(), (peer) => peer.drop(), (peer) => peer.finish(), (peer) => peer.write(frame('x', { rsv: 4 }))];

    for (const end of ends) {
      const visitor = await HubPeer.open(server);
      await visitor.invoke('Nothing');
      assert.equal(await others(), 2);
      end(visitor.peer);
      await eventually('the visitor is gone', async () => (await others()) === 1);
      visitor.drop();
    }
    observer.drop();
  });
});
