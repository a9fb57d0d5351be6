// HTTP/1.1 beneath the hubs: pipelined requests, limits, and byte streams that could be read as one request or as two.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { against_reference, hubbub_only, start_server } from '../support/server.mjs';
import { eventually } from '../support/waiting.mjs';
import { a_fresh_client_is_served, ask, frame, Peer, request, upgrade } from '../support/wire.mjs';

const smuggled = 'GET /test HTTP/1.1\r\nHost: smuggled\r\n\r\n';
const post = (lines, body = '') => `POST /test/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: a\r\n${lines}\r\n${body}`;
const chunked = (body) => post('Transfer-Encoding: chunked\r\n', body);
const statuses = (bytes) => [...bytes.toString('latin1').matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => Number(match[1]));

describe('HTTP', () => {
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

  // Everything the server says to these bytes until it ends the connection.
  async function conversation(bytes) {
    const peer = await Peer.connect(server);
    peer.write(bytes);
    const all = await peer.end(5_000);
    peer.drop();
    return statuses(all);
  }

  describe('connections', () => {
    it('answers pipelined requests in their order', async () => {
      const peer = await Peer.connect(server);
      peer.write([
        request('POST', '/test/negotiate?negotiateVersion=1', { 'Content-Length': '0' }),
        request('GET', '/nowhere'),
        request('POST', '/test/negotiate?negotiateVersion=x', { 'Content-Length': '3' }, 'abc'),
        request('POST', '/test/negotiate?negotiateVersion=0', { 'Transfer-Encoding': 'chunked' }, '3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n'),
        request('DELETE', '/test'),
      ].join(''));

      assert.equal(JSON.parse((await peer.answer()).body).negotiateVersion, 1);
      assert.equal((await peer.answer()).status, 404);
      assert.match(JSON.parse((await peer.answer()).body).error, /non-integer/);
      assert.equal(JSON.parse((await peer.answer()).body).negotiateVersion, 0);
      assert.equal((await peer.answer()).body, 'Connection ID required');
      peer.drop();
    });

    it('reads a request that arrives byte by byte', async () => {
      const peer = await Peer.connect(server);
      const bytes = request('POST', '/test/negotiate', { 'Transfer-Encoding': 'chunked' }, '1\r\na\r\n0\r\n\r\n') + request('GET', '/test');
      for (const byte of bytes) {
        peer.write(byte);
        await new Promise(setImmediate);
      }

      assert.equal((await peer.answer()).status, 200);
      assert.equal((await peer.answer()).status, 400);
      peer.drop();
    });

    it('ends the connection when it is asked to', async () => {
      assert.deepEqual(await conversation(request('GET', '/nowhere', { Connection: 'close' }) + smuggled), [404]);
      assert.deepEqual(await conversation('GET /nowhere HTTP/1.0\r\n\r\n'), [404]);
    });

    it('lets a client that waits for permission send its body', async () => {
      const peer = await Peer.connect(server);
      peer.write(request('POST', '/test/negotiate?negotiateVersion=1', { Expect: '100-continue', 'Content-Length': '4' }));

      let answer = await peer.answer();
      if (answer.status === 100) {
        peer.write('body');
        answer = await peer.answer();
      }
      assert.equal(answer.status, 200);
      peer.drop();
    });

    it('gives permission before it reads a body', hubbub_only, async () => {
      const peer = await Peer.connect(server);
      const head = request('POST', '/test/negotiate?negotiateVersion=1', { Expect: '100-continue', 'Content-Length': '4' });
      peer.write(head);

      assert.equal((await peer.answer()).status, 100);
      peer.write(`body${request('GET', '/nowhere')}`);
      assert.equal((await peer.answer()).status, 200);
      assert.equal((await peer.answer()).status, 404);
      peer.drop();
    });

    it('survives clients that leave at any moment', async () => {
      const bytes = upgrade('/test') + 'rest';
      for (let length = 0; length < bytes.length; length += 7) {
        const peer = await Peer.connect(server);
        peer.write(bytes.slice(0, length));
        if (length % 2) peer.reset(); else peer.drop();
      }
    });

    it('survives bytes that are no HTTP', async () => {
      const lengths = [1, 100, 1000, 40_000];
      for (const length of lengths) {
        const peer = await Peer.connect(server);
        peer.write(Buffer.alloc(length, 0x81)).finish();
        await peer.end();
        peer.drop();
      }
      assert.deepEqual((await conversation('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n')).filter((status) => status < 400), []);
    });
  });

  describe('limits', () => {
    const filler = (bytes) => Object.fromEntries(Array.from({ length: Math.ceil(bytes / 1000) }, (_, i) => [`X-Filler-${i}`, 'f'.repeat(980)]));

    it('takes a head of 31 KiB', async () => {
      assert.equal((await ask(server, 'POST', '/test/negotiate', filler(31 * 1024 - 300))).status, 200);
    });

    it('refuses a head above 32 KiB', async () => {
      for (const headers of [filler(34 * 1024), { 'X-One': 'f'.repeat(34 * 1024) }]) {
        const [status, ...more] = await conversation(request('POST', '/test/negotiate', { 'Content-Length': '0', ...headers }));
        assert.ok([400, 431, undefined].includes(status), `answered ${status}`);
        assert.deepEqual(more, []);
      }
    });

    it('refuses a head above 32 KiB before its end has come', async () => {
      for (const bytes of ['GET /test HTTP/1.1\r\nHost: a\r\n' + 'X-More: x\r\n'.repeat(4000), 'GET /test HTTP/1.1\r\nX-One: ' + 'f'.repeat(40_000), `GET /${'f'.repeat(40_000)}`]) {
        const [status] = await conversation(bytes);
        assert.ok([400, 414, 431, undefined].includes(status), `answered ${status}`);
      }
    });
  });

  // Refused: at most one answer, which is an error, and the end of the connection.
  const refused = {
    'a length and chunks': post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    'chunks and a length': post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', '0\r\n\r\n'),
    'two lengths': post('Content-Length: 0\r\nContent-Length: 38\r\n'),
    'the same length twice': post('Content-Length: 0\r\nContent-Length: 0\r\n'),
    'two lengths in a list': post('Content-Length: 0, 38\r\n'),
    'a signed length': post('Content-Length: +0\r\n'),
    'a negative length': post('Content-Length: -1\r\n'),
    'a hexadecimal length': post('Content-Length: 0x0\r\n'),
    'an empty length': post('Content-Length: \r\n'),
    'a length beyond 64 bits': post('Content-Length: 18446744073709551616\r\n'),
    'a coding that is not chunked': post('Transfer-Encoding: xchunked\r\n', '0\r\n\r\n'),
    'a coding after chunked': post('Transfer-Encoding: chunked, identity\r\n', '0\r\n\r\n'),
    'chunked twice': post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    'an empty coding': post('Transfer-Encoding: \r\n', '0\r\n\r\n'),
    'a coding hidden by a vertical tab': post('Transfer-Encoding: \x0bchunked\r\n', '0\r\n\r\n'),
    'a space before the colon': post('Content-Length : 0\r\n'),
    'a header without a colon': post('Content-Length 0\r\n'),
    'a header without a name': post(': 0\r\n'),
    'NUL in a value': post('X: a\0b\r\n'),
    'a bare CR in a value': post('X: a\rContent-Length: 4\r\n', smuggled),
    'a bare CR before the end of a line': post('X: a\r\r\n'),
    'a bare LF after a header': post('X: a\nContent-Length: 0\r\n'),
    'bare LF everywhere': 'GET /test HTTP/1.1\nHost: a\n\n',
    'a bare LF as the end of the head': 'GET /test HTTP/1.1\r\nHost: a\r\n\n',
    'a bare CR as the end of the request line': 'GET /test HTTP/1.1\rHost: a\r\n\r\n',
    'no Host': 'GET /test HTTP/1.1\r\n\r\n',
    'two Hosts': 'GET /test HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'an unknown version': 'GET /test HTTP/9.9\r\nHost: a\r\n\r\n',
    'no version': 'GET /test\r\n\r\n',
    'a method that is no token': 'G(T /test HTTP/1.1\r\nHost: a\r\n\r\n',
    'a control character in the target': 'GET /te\x01st HTTP/1.1\r\nHost: a\r\n\r\n',
    'a space in the target': 'GET /te st HTTP/1.1\r\nHost: a\r\n\r\n',
  };
  const reference_is_milder = new Set([
    'a length and chunks', 'chunks and a length', 'a signed length', 'chunked twice', 'a bare LF after a header',
    'bare LF everywhere', 'a bare LF as the end of the head', 'a control character in the target',
  ]);

  describe('refuses', () => {
    for (const [name, bytes] of Object.entries(refused)) {
      it(name, { skip: against_reference && reference_is_milder.has(name) && 'the reference takes it for one request' }, async () => {
        const [status, ...more] = await conversation(bytes + smuggled);

        assert.ok(status === undefined || (status >= 400 && status <= 505), `answered ${status}`);
        assert.deepEqual(more, []);
      });
    }
  });

  // The head is fine, so the reference answers it before it looks at the body; what matters is that nothing behind a
  // broken body is ever taken for a request.
  const broken_chunks = {
    'a bare LF after the size': chunked('1\na\r\n0\r\n\r\n'),
    'a bare LF after the data': chunked('1\r\na\n0\r\n\r\n'),
    'no line end after the data': chunked('1\r\na0\r\n\r\n'),
    'a bare CR in an extension': chunked('1;a\rb\r\na\r\n0\r\n\r\n'),
    'a bare LF in an extension': chunked('1;a\nb\r\na\r\n0\r\n\r\n'),
    'a signed size': chunked('+1\r\na\r\n0\r\n\r\n'),
    'a negative size': chunked('-1\r\na\r\n0\r\n\r\n'),
    'a size with a prefix': chunked('0x1\r\na\r\n0\r\n\r\n'),
    'a size that is no number': chunked('x\r\n\r\n0\r\n\r\n'),
    'no size': chunked('\r\na\r\n0\r\n\r\n'),
    'a size beyond 64 bits': chunked('10000000000000001\r\na\r\n0\r\n\r\n'),
    'a bare LF after the last chunk': chunked('0\n\n'),
    ...(against_reference ? {} : { 'a bare LF in the trailer': chunked('0\r\nX: a\n\r\n\r\n') }),
  };

  describe('takes nothing for a request that follows', () => {
    for (const [name, bytes] of Object.entries(broken_chunks)) {
      it(name, async () => {
        const [status, ...more] = await conversation(bytes + smuggled);

        if (!against_reference) assert.ok(status === undefined || (status >= 400 && status <= 505), `answered ${status}`);
        assert.deepEqual(more, []);
      });
    }
  });

  it('takes a folded header for one request or none', async () => {
    const answers = await conversation(post('X: a\r\n Content-Length: 38\r\nContent-Length: 0\r\nConnection: close\r\n') + smuggled);

    assert.ok(answers.length <= 1, `answered ${answers}`);
  });

  it('never upgrades a request of an older HTTP', hubbub_only, async () => {
    const old = upgrade('/raw').replace('HTTP/1.1', 'HTTP/1.0').replace('Connection: Upgrade', 'Connection: Upgrade, close');

    assert.ok(!(await conversation(old)).includes(101));
  });

  it('never takes the body of an upgrade for frames', hubbub_only, async () => {
    const peer = await Peer.connect(server);
    peer.write(Buffer.concat([Buffer.from(upgrade('/raw', { 'Content-Length': '11' })), frame('hello')]));

    assert.ok((await peer.answer()).status >= 400);
    peer.drop();
  });
});
