// Long polling as bytes: what each poll is answered, in which order, what POST and DELETE do, and how it ends.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { Asker, call, completion, handshake, head, new_path } from '../support/carried.mjs';
import { against_reference, hubbub_only, start_server } from '../support/server.mjs';
import { eventually, pause } from '../support/waiting.mjs';
import { a_fresh_client_is_served, HubPeer, Peer, request, RS, upgrade } from '../support/wire.mjs';

const plain = 'Content-Type: text/plain';
const data = 'Content-Type: application/octet-stream';
const size = (body) => `Content-Length: ${Buffer.byteLength(body)}`;
const no_cache = ['Cache-Control: no-cache, no-store', 'Pragma: no-cache', 'Expires: Thu, 01 Jan 1970 00:00:00 GMT'];
const goodbye = `{"type":7,"allowReconnect":true}${RS}`;

/** A poll's answer that carries messages, or is the first and carries none. */
const with_data = (body) => ({ head: head('200 OK', data, size(body), ...no_cache), status: 200, body });
/** ... whose time was up. */
const without_data = { head: head('200 OK', plain, size(''), ...no_cache), status: 200, body: '' };
/** ... that was replaced, or came to the end of the connection. */
const no_more = { head: head('204 No Content', plain, ...no_cache), status: 204, body: '' };
/** The refusals have their texts; the reference sends them in chunks. */
const refusal = (status_line, text, ...lines) => ({
  head: head(status_line, plain, against_reference && text !== '' ? 'Transfer-Encoding: chunked' : size(text), ...lines), status: Number(status_line.slice(0, 3)), body: text,
});
const accepted = { head: head('200 OK', plain, size('')), status: 200, body: '' };
const unknown = (...lines) => refusal('404 Not Found', 'No Connection with that ID', ...lines);

// A connection whose first poll and handshake are done: `poller` and `poster` are two kept-alive connections of HTTP.
async function with_polls(server, run, { hub = '/test', shake_hands = true } = {}) {
  const path = await new_path(server, hub);
  const [poller, poster] = await Promise.all([Asker.connect(server), Asker.connect(server)]);
  const poll = (by = poller) => by.ask('GET', path);
  const post = (...texts) => poster.ask('POST', path, texts.join(''));
  try {
    if (shake_hands) {
      assert.equal((await poll()).status, 200);
      await post(handshake);
      assert.deepEqual(await poll(), with_data(`{}${RS}`));
    }
    return await run({ path, poller, poster, poll, post });
  } finally {
    poller.drop();
    poster.drop();
  }
}

// Polls until as much has come as is expected.
async function polled(poll, expected) {
  let got = '';
  while (got.length < expected.length) {
    const answer = await poll();
    assert.equal(answer.status, 200, `a poll was answered ${answer.status} after ${JSON.stringify(got)}`);
    got += answer.body;
  }
  return got;
}

// Leaves a poll open. When this is over the server has read it: others asked behind it, at every one of its threads.
async function open_poll(server, path, by) {
  by.send('GET', path);
  for (let i = 0; i < 4; i++) {
    const other = await Asker.connect(server);
    assert.equal((await other.ask('PUT', path)).status, 405);
    other.drop();
  }
}

describe('long polling', { concurrency: 8 }, () => {
  let server;
  before(async () => { server = await start_server(); });
  afterEach(async () => { await a_fresh_client_is_served(server); });
  after(async () => { await server?.stop(); });

  const polling = (run, options) => with_polls(server, run, options);
  const waiting_poll = (path, by) => open_poll(server, path, by);
  const forgotten = (path, by) => eventually('the token is unknown', async () => (await by.ask('POST', path)).body === 'No Connection with that ID');

  describe('answers', () => {
    it('the first poll at once, with nothing', () => polling(async ({ poll }) => {
      assert.deepEqual(await poll(), with_data(''));
    }, { shake_hands: false }));

    it('a poll with what waits, whole, its length in bytes', () => polling(async ({ poll, post }) => {
      await post(call('1', 'Echo', 'é€'), call('2', 'Echo', 'two'));
      const expected = completion('1', 'é€') + completion('2', 'two');

      let got = '';
      while (got.length < expected.length) {
        const answer = await poll();
        assert.deepEqual(answer, with_data(answer.body));
        assert.ok(answer.body.endsWith(RS), answer.body);
        got += answer.body;
      }

      assert.equal(got, expected);
    }));

    it('the handshake alone, whatever was posted behind it', hubbub_only, () => polling(async ({ poll, post }) => {
      await poll();
      await post(handshake, call('1', 'Echo', 'x'));

      assert.deepEqual(await poll(), with_data(`{}${RS}`));
      assert.deepEqual(await poll(), with_data(completion('1', 'x')));
    }, { shake_hands: false }));

    it('a poll that waits as soon as there is something', () => polling(async ({ path, poller, post }) => {
      await waiting_poll(path, poller);

      await post(call('1', 'Echo', 'late'));

      assert.deepEqual(await poller.answer(), with_data(completion('1', 'late')));
    }));

    it('a poll that waited in vain empty, never with a ping, and goes on', () => polling(async ({ poll, poller, path, post }) => {
      for (let i = 0; i < 2; i++) {
        const begun = Date.now();
        poller.send('GET', path);
        assert.deepEqual(await poller.answer(9_000), without_data);
        assert.ok(Date.now() - begun > 3_500, `answered after ${Date.now() - begun} ms`);
      }

      await post(call('1', 'Echo', 'still here'));
      assert.deepEqual(await poll(), with_data(completion('1', 'still here')));
    }));

    it('an older poll with 204 when a newer one comes, and the newer one with the data', () => polling(async ({ path, poller, post }) => {
      const newer = await Asker.connect(server);
      await waiting_poll(path, poller);
      newer.send('GET', path);

      assert.deepEqual(await poller.answer(), no_more);
      await post(call('1', 'Echo', 'for the newer'));
      assert.deepEqual(await newer.answer(), with_data(completion('1', 'for the newer')));
      newer.drop();
    }));

    it('a message of 1 MiB in one poll', () => polling(async ({ poll, post }) => {
      const text = 'x'.repeat(1024 * 1024);

      assert.equal((await post(call('1', 'Echo', text))).status, 200);

      const answer = await poll();
      assert.ok(answer.body === completion('1', text), `${answer.body.length} bytes`);
      assert.deepEqual(answer.head, with_data(answer.body).head);
    }));

    it('polls of the allowed origin so that it may read them', () => polling(async ({ path, poller }) => {
      const { head: lines } = await poller.ask('GET', path, '', { Origin: 'http://app.example' });

      for (const line of ['Access-Control-Allow-Origin: http://app.example', 'Access-Control-Allow-Credentials: true', ...no_cache]) assert.ok(lines.includes(line), line);
    }, { shake_hands: false }));

    it('a client of HTTP/1.0, which hears that its connection ends', async () => {
      const path = await new_path(server);
      const peer = await Peer.connect(server);
      peer.write(request('GET', path).replace('HTTP/1.1', 'HTTP/1.0'));

      const text = (await peer.end()).toString();

      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
      for (const line of [data, size(''), 'Connection: close', ...no_cache]) assert.ok(text.includes(`\r\n${line}\r\n`), line);
      assert.ok(text.endsWith('\r\n\r\n'));
    });

    it('requests behind a waiting poll on its connection when their turn comes', () => polling(async ({ path, poller, post }) => {
      poller.send('GET', path).send('GET', '/nowhere');

      await post(call('1', 'Echo', 'first'));

      assert.equal((await poller.answer()).body, completion('1', 'first'));
      assert.equal((await poller.answer()).status, 404);
    }));
  });

  describe('refuses', () => {
    for (const [method, target, answer] of [
      ['GET', '/test', refusal('400 Bad Request', 'Connection ID required', ...no_cache)],
      ['GET', '/test?id=', refusal('400 Bad Request', 'Connection ID required', ...no_cache)],
      ['GET', '/test?id=nobody', unknown(...no_cache)],
      ['POST', '/test', refusal('400 Bad Request', 'Connection ID required')],
      ['POST', '/test?id=nobody', unknown()],
      ['DELETE', '/test', refusal('400 Bad Request', 'Connection ID required')],
      ['DELETE', '/test?id=nobody', unknown()],
      ['PUT', '/test?id=nobody', refusal('405 Method Not Allowed', '')],
    ]) {
      it(`${method} ${target}`, async () => {
        const asker = await Asker.connect(server);
        const got = await asker.ask(method, target);
        // Which methods there are is told by some and not by others.
        assert.deepEqual({ ...got, head: got.head.filter((line) => !line.startsWith('Allow: ')) }, answer);
        asker.drop();
      });
    }

    it('other transports', () => polling(async ({ path, poll, poster, post }) => {
      const text = 'Cannot change transports mid-connection';
      const socket = await Peer.connect(server);

      const stream = await poster.ask('GET', path, '', { Accept: 'text/event-stream' });
      const upgraded = await socket.write(upgrade(path)).answer();

      assert.deepEqual(stream, refusal('400 Bad Request', text));
      assert.deepEqual([upgraded.status, upgraded.body], [400, text]);
      await post(call('1', 'Echo', 'unharmed'));
      assert.deepEqual(await poll(), with_data(completion('1', 'unharmed')));
      socket.drop();
    }));

    it('DELETE before there was a poll', () => polling(async ({ path, poll, poster }) => {
      assert.deepEqual(await poster.ask('DELETE', path), refusal('400 Bad Request', 'Cannot terminate this connection using the DELETE endpoint.'));

      assert.deepEqual(await poll(), with_data(''));
    }, { shake_hands: false }));
  });

  describe('takes', () => {
    it('a POST and answers it with nothing', () => polling(async ({ post }) => {
      assert.deepEqual(await post(call('1', 'Nothing')), accepted);
      assert.deepEqual(await post(''), accepted);
    }));

    it('what was posted before the first poll', () => polling(async ({ poll, post }) => {
      assert.deepEqual(await post(handshake), accepted);
      assert.deepEqual(await post(call('1', 'Echo', 'early')), accepted);

      assert.deepEqual(await poll(), with_data(''));
      const expected = `{}${RS}${completion('1', 'early')}`;
      assert.equal(await polled(poll, expected), expected);
    }, { shake_hands: false }));

    it('POSTs behind one another in their order, cut anywhere', () => polling(async ({ path, poll, poster }) => {
      const text = Array.from({ length: 20 }, (_, i) => call(String(i), 'Echo', String(i))).join('');
      const pieces = text.match(/[^]{1,17}/g);
      for (const piece of pieces) poster.send('POST', path, piece);

      for (const piece of pieces) assert.equal((await poster.answer()).status, 200, piece);

      const expected = Array.from({ length: 20 }, (_, i) => completion(String(i), String(i))).join('');
      assert.equal(await polled(poll, expected), expected);
    }));

    it('a POST in chunks', () => polling(async ({ path, poll, poster }) => {
      const text = call('1', 'Echo', 'in chunks');
      poster.peer.write(request('POST', path, { 'Transfer-Encoding': 'chunked' }, `5\r\n${text.slice(0, 5)}\r\n${(text.length - 5).toString(16)}\r\n${text.slice(5)}\r\n0\r\n\r\n`));

      assert.deepEqual(await poster.answer(), accepted);
      assert.deepEqual(await poll(), with_data(completion('1', 'in chunks')));
    }));

    it('a POST of several clients of HTTP at once, each whole', () => polling(async ({ path, poll }) => {
      const posters = await Promise.all(Array.from({ length: 5 }, () => Asker.connect(server)));

      await Promise.all(posters.map(async (one, i) => assert.deepEqual(await one.ask('POST', path, call(String(i), 'Echo', 'x'.repeat(20_000))), accepted)));

      const wanted = new Set(posters.map((_, i) => completion(String(i), 'x'.repeat(20_000))));
      while (wanted.size > 0) {
        for (const message of (await poll()).body.split(RS).slice(0, -1)) assert.ok(wanted.delete(message + RS), message.slice(0, 100));
      }
      for (const one of posters) one.drop();
    }));

    it('more than it has room for only when the hub goes on', () => polling(async ({ path, poster, post }) => {
      const begun = Date.now();
      assert.deepEqual(await post(call('d', 'Delay', 2_000)), accepted);
      poster.send('POST', path, call('1', 'Echo', 'x'.repeat(1_200_000)));
      poster.send('POST', path, call('2', 'Echo', 'x'.repeat(1_200_000)));

      assert.deepEqual([await poster.answer(), await poster.answer()], [accepted, accepted]);

      assert.ok(Date.now() - begun > 1_500, `both were accepted after ${Date.now() - begun} ms, while the method ran`);
    }));
  });

  describe('ends', () => {
    const last_words = {
      'when the client says Close': [`{"type":7}${RS}`, `{"type":7}${RS}`],
      'when the hub aborts': [call('1', 'Abort'), `{"type":7}${RS}`],
      'when a message is none': [`nonsense${RS}`, `{"type":7,"error":"Connection closed with an error.","allowReconnect":true}${RS}`],
    };
    for (const [name, [said, heard]] of Object.entries(last_words)) {
      it(`${name}: the last words, then 204, then nobody knows it`, () => polling(async ({ path, poller, poll, post, poster }) => {
        await waiting_poll(path, poller);
        await post(said);

        assert.deepEqual(await poller.answer(), with_data(heard));
        assert.deepEqual(await poll(), no_more);
        await forgotten(path, poster);
        assert.deepEqual(await poll(), unknown(...no_cache));
        assert.deepEqual(await post(call('1', 'Nothing')), unknown());
      }));
    }

    it('with DELETE, which says goodbye to the open poll', () => polling(async ({ path, poller, poll, post, poster }) => {
      await waiting_poll(path, poller);

      assert.deepEqual(await poster.ask('DELETE', path), { head: head('202 Accepted', plain, size('')), status: 202, body: '' });

      const last = await poller.answer();
      // Whether the goodbye still gets into it is a matter of luck at the reference.
      if (!against_reference || last.status !== 204) assert.deepEqual(last, with_data(goodbye));
      await forgotten(path, poster);
      assert.deepEqual([await poster.ask('DELETE', path), await post(`{"type":7}${RS}`), await poll()], [unknown(), unknown(), unknown(...no_cache)]);
    }));

    it('with DELETE also where nobody polls, and the hub hears of it', () => polling(async ({ path, poster }) => {
      const observer = await HubPeer.open(server, { target: '/bench' });
      const count = async () => (await observer.invoke('ConnectedCount')).result;
      assert.equal(await count(), 2);

      assert.equal((await poster.ask('DELETE', path)).status, 202);

      await eventually('one is counted', async () => await count() === 1);
      await forgotten(path, poster);
      observer.drop();
    }, { hub: '/bench' }));

    it('with a client that comes back no more within 6 s', () => polling(async ({ path, poster, post }) => {
      await pause(4_000);
      assert.deepEqual(await post(''), accepted);

      await eventually('the token is unknown', async () => (await poster.ask('POST', path)).status === 404, 8_000);
    }));
  });
});

describe('polls that are aborted', () => {
  let server;
  before(async () => { server = await start_server(); });
  after(async () => { await server?.stop(); });

  for (const [name, leave] of Object.entries({ dropped: (peer) => peer.drop(), reset: (peer) => peer.reset() })) {
    it(`lose nothing when they are ${name} while they wait`, () => with_polls(server, async ({ path, poll, post }) => {
      for (let i = 0; i < 5; i++) {
        const aborted = await Asker.connect(server);
        await open_poll(server, path, aborted);
        const { port } = aborted.peer;
        leave(aborted);
        // Until then the server may take it for one that waits, and write an answer which nobody reads.
        await eventually('the server has closed its end', () => !server.holds(port));
        await post(call(String(i), 'AddNumbers', i, 0));

        assert.deepEqual(await poll(), with_data(completion(String(i), i)));
      }
    }));
  }

  it('lose nothing between them', () => with_polls(server, async ({ poll, post }) => {
    let expected = '';
    let got = '';
    for (let i = 0; i < 30; i++) {
      expected += completion(String(i), i);
      await post(call(String(i), 'AddNumbers', i, 0));
      if (i % 3 === 0) got += (await poll()).body;
    }
    got += await polled(poll, expected.slice(got.length));

    assert.equal(got, expected);
  }));
});
