// Negotiation, CORS, and the answers of a hub's path to requests that are not an upgrade.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hubbub_only, start_server } from '../support/server.mjs';
import { eventually } from '../support/waiting.mjs';
import { ask, frame, HubPeer, negotiate, open_websocket, Peer, request, upgrade } from '../support/wire.mjs';

const allowed_origin = 'http://app.example';
const id_pattern = /^[A-Za-z0-9_-]{22,}$/;

describe('negotiate and the other requests of a hub', () => {
  let server;
  before(async () => { server = await start_server(); });
  after(async () => { await server?.stop(); });

  const post_negotiate = (query, headers) => ask(server, 'POST', `/test/negotiate${query}`, headers);

  function expect_transports(body) {
    const order = ['WebSockets', 'ServerSentEvents', 'LongPolling'];
    const formats = { WebSockets: ['Text', 'Binary'], ServerSentEvents: ['Text'], LongPolling: ['Text', 'Binary'] };
    const names = body.availableTransports.map(({ transport }) => transport);
    assert.equal(names[0], 'WebSockets');
    assert.deepEqual(names, order.filter((name) => names.includes(name)));
    for (const { transport, transferFormats } of body.availableTransports) assert.deepEqual(transferFormats, formats[transport]);
  }

  describe('negotiate', () => {
    for (const query of ['?negotiateVersion=1', '?negotiateVersion=2', '?negotiateVersion=2147483647', '?NEGOTIATEVERSION=1', '?x=y&negotiateVersion=%2B1', '?negotiateVersion=%201%20']) {
      it(`answers version 1 to ${query}`, async () => {
        const answer = await post_negotiate(query);

        const body = JSON.parse(answer.body);
        assert.equal(answer.status, 200);
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)));
        assert.deepEqual(Object.keys(body).sort(), ['availableTransports', 'connectionId', 'connectionToken', 'negotiateVersion']);
        assert.equal(body.negotiateVersion, 1);
        assert.match(body.connectionId, /^[A-Za-z0-9_-]{22}$/);
        assert.match(body.connectionToken, id_pattern);
        assert.notEqual(body.connectionId, body.connectionToken);
        expect_transports(body);
      });
    }

    for (const query of ['', '?negotiateVersion=0', '?other=1']) {
      it(`answers version 0 to ${query === '' ? 'no query' : query}`, async () => {
        const body = JSON.parse((await post_negotiate(query)).body);

        assert.deepEqual(Object.keys(body).sort(), ['availableTransports', 'connectionId', 'negotiateVersion']);
        assert.equal(body.negotiateVersion, 0);
        assert.match(body.connectionId, id_pattern);
        expect_transports(body);
      });
    }

    for (const version of ['', 'x', '1.0', '1x', '2147483648', '0x1', '1&negotiateVersion=1']) {
      it(`refuses version "${version}" as no integer`, async () => {
        const answer = await post_negotiate(`?negotiateVersion=${version}`);

        assert.equal(answer.status, 200);
        assert.deepEqual(JSON.parse(answer.body), { error: 'The client requested a non-integer protocol version.' });
      });
    }

    it('refuses a negative version', async () => {
      const answer = await post_negotiate('?negotiateVersion=-1');

      assert.deepEqual(JSON.parse(answer.body), { error: "The client requested version '-1', but the server does not support this version." });
    });

    it('gives every connection its own id and token', async () => {
      const bodies = await Promise.all(Array.from({ length: 20 }, () => negotiate(server)));

      assert.equal(new Set(bodies.flatMap((body) => [body.connectionId, body.connectionToken])).size, 40);
    });

    it('matches paths in any letter case and with a slash at the end', async () => {
      for (const path of ['/TEST/Negotiate', '/test/negotiate/']) {
        assert.equal((await ask(server, 'POST', path)).status, 200, path);
      }
    });

    it('tells caches to keep nothing', hubbub_only, async () => {
      assert.match((await post_negotiate('?negotiateVersion=1')).headers['cache-control'], /no-store/);
    });

    for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
      it(`answers 405 to ${method}`, async () => {
        const answer = await ask(server, method, '/test/negotiate');

        assert.equal(answer.status, 405);
        assert.equal(answer.body, '');
      });
    }

    it('does not know other paths', async () => {
      for (const path of ['/', '/tes', '/testing', '/test/negotiate/x', '/test/other', '/nothing/negotiate']) {
        assert.equal((await ask(server, 'POST', path)).status, 404, path);
      }
    });
  });

  describe('a hub path', () => {
    const no_id = [400, 'Connection ID required'];
    const unknown = [404, 'No Connection with that ID'];
    const cases = [
      ['GET', '/test', no_id], ['GET', '/test?id=', no_id], ['GET', '/test?id=nobody', unknown],
      ['POST', '/test', no_id], ['POST', '/test?id=nobody', unknown],
      ['DELETE', '/test', no_id], ['DELETE', '/test?id=nobody', unknown],
    ];
    for (const [method, target, [status, text]] of cases) {
      it(`answers ${status} to ${method} ${target}`, async () => {
        const answer = await ask(server, method, target);

        assert.deepEqual([answer.status, answer.body], [status, text]);
        assert.match(answer.headers['content-type'], /^text\/plain/);
      });
    }

    for (const method of ['PUT', 'PATCH', 'HEAD']) {
      it(`answers 405 to ${method}`, async () => {
        const answer = await ask(server, method, '/test');

        assert.deepEqual([answer.status, answer.body], [405, '']);
      });
    }

    it('answers an upgrade with an unknown id 404', async () => {
      const peer = await Peer.connect(server);
      peer.write(upgrade('/test?id=nobody'));

      const answer = await peer.answer();

      assert.deepEqual([answer.status, answer.body], [404, 'No Connection with that ID']);
      peer.drop();
    });

    it('never takes the public id for the token', async () => {
      const { connectionId } = await negotiate(server);
      const peer = await Peer.connect(server);
      peer.write(upgrade(`/test?id=${connectionId}`));

      assert.equal((await peer.answer()).status, 404);
      peer.drop();
    });

    it('knows a token only at the hub that gave it', hubbub_only, async () => {
      const { connectionToken } = await negotiate(server);
      const peer = await Peer.connect(server);
      peer.write(upgrade(`/bench?id=${connectionToken}`));

      assert.equal((await peer.answer()).status, 404);
      peer.drop();
    });

    it('refuses what a WebSocket connection cannot take, and keeps it', async () => {
      const { connectionToken } = await negotiate(server);
      const target = `/test?id=${connectionToken}`;
      const hub = await HubPeer.open(server, { target });

      const post = await ask(server, 'POST', target, {}, '{"type":6}\u001e');
      const remove = await ask(server, 'DELETE', target);
      const poll = await ask(server, 'GET', target);
      const second = await Peer.connect(server);
      const taken = await second.write(upgrade(target)).answer();

      assert.deepEqual([post.status, post.body], [405, 'POST requests are not allowed for WebSocket connections.']);
      assert.deepEqual([remove.status, remove.body], [400, 'Cannot terminate this connection using the DELETE endpoint.']);
      // Which one depends on whether the server offers long polling at all.
      assert.ok(['400 Cannot change transports mid-connection', '404 LongPolling transport not supported by this end point type']
        .includes(`${poll.status} ${poll.body}`), `${poll.status} ${poll.body}`);
      assert.deepEqual([taken.status, taken.body], [409, '']);
      assert.equal((await hub.invoke('Echo', 'unharmed')).result, 'unharmed');
      second.drop();
      hub.drop();
    });

    it('forgets the token of an ended connection', async () => {
      const { connectionToken } = await negotiate(server);
      const hub = await HubPeer.open(server, { target: `/test?id=${connectionToken}` });

      hub.drop();

      await eventually('the token is unknown', async () => (await ask(server, 'POST', `/test?id=${connectionToken}`)).status === 404);
    });

    it('serves a connection that was negotiated with version 0 under its id', async () => {
      const { connectionId } = await negotiate(server, '/test', 0);
      const hub = await HubPeer.open(server, { target: `/test?id=${connectionId}` });

      assert.equal((await hub.invoke('ConnectionId')).result, connectionId);
      hub.drop();
    });

    it('finds the id under a name in any letter case', async () => {
      const { connectionToken, connectionId } = await negotiate(server);
      const hub = await HubPeer.open(server, { target: `/test?ID=${connectionToken}` });

      assert.equal((await hub.invoke('ConnectionId')).result, connectionId);
      hub.drop();
    });
  });

  describe('CORS', () => {
    const preflight = (origin) => ask(server, 'OPTIONS', '/test/negotiate', {
      Origin: origin, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'x-requested-with,x-signalr-user-agent',
    });
    const cors_headers = (answer) => Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));

    it('answers a preflight of the allowed origin', async () => {
      const answer = await preflight(allowed_origin);

      assert.equal(answer.status, 204);
      assert.equal(answer.headers['access-control-allow-origin'], allowed_origin);
      assert.equal(answer.headers['access-control-allow-credentials'], 'true');
      assert.match(answer.headers['access-control-allow-methods'], /POST/);
      assert.match(answer.headers['access-control-allow-headers'], /x-requested-with/i);
      assert.match(answer.headers['access-control-allow-headers'], /x-signalr-user-agent/i);
    });

    for (const origin of ['http://evil.example', 'https://app.example', 'http://app.example.evil.example', 'http://app.example:81', 'null']) {
      it(`gives the origin ${origin} no permission`, async () => {
        const before_request = await preflight(origin);
        const answer = await post_negotiate('?negotiateVersion=1', { Origin: origin });

        assert.equal(before_request.status, 204);
        assert.deepEqual(cors_headers(before_request), []);
        assert.deepEqual(cors_headers(answer), []);
      });
    }

    it('permits the allowed origin to read answers and errors', async () => {
      const answers = [
        await post_negotiate('?negotiateVersion=1', { Origin: allowed_origin }),
        await ask(server, 'POST', '/test?id=nobody', { Origin: allowed_origin }),
        await ask(server, 'GET', '/test', { Origin: allowed_origin }),
      ];

      for (const answer of answers) {
        assert.equal(answer.headers['access-control-allow-origin'], allowed_origin);
        assert.equal(answer.headers['access-control-allow-credentials'], 'true');
      }
    });

    it('sends no permission to a request without an origin', async () => {
      assert.deepEqual(cors_headers(await post_negotiate('?negotiateVersion=1')), []);
    });

    it('tells caches that answers depend on the origin', hubbub_only, async () => {
      for (const headers of [{ Origin: allowed_origin }, { Origin: 'http://evil.example' }, {}]) {
        assert.match((await post_negotiate('?negotiateVersion=1', headers)).headers.vary ?? '', /origin/i);
      }
    });
  });

  describe('the upgrade', () => {
    it('proves that it read the key and accepts nothing that was offered', async () => {
      const peer = await open_websocket(server, '/test', {
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
        'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits',
        'Sec-WebSocket-Protocol': 'chat, superchat',
        Connection: 'keep-alive, uPgrade',
        Upgrade: 'WebSocket',
      });

      const { headers } = peer.upgraded;
      assert.equal(headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
      assert.equal(headers['sec-websocket-extensions'], undefined);
      assert.equal(headers['sec-websocket-protocol'], undefined);
      assert.match(headers.connection, /upgrade/i);
      assert.match(headers.upgrade, /^websocket$/i);
      peer.drop();
    });

    it('needs a key of 16 bytes', async () => {
      for (const key of [undefined, '', 'c2hvcnQ=', 'not base64 at all!!!!!!!']) {
        const peer = await Peer.connect(server);
        const answer = await peer.write(upgrade('/test', { 'Sec-WebSocket-Key': key })).answer();
        assert.equal(answer.status, 400, String(key));
        peer.drop();
      }
    });

    for (const version of ['12', '8', '14', '', undefined]) {
      it(`names its version to a client of version ${version}`, hubbub_only, async () => {
        const peer = await Peer.connect(server);
        const answer = await peer.write(upgrade('/test', { 'Sec-WebSocket-Version': version })).answer();

        assert.equal(answer.status, 426);
        assert.equal(answer.headers['sec-websocket-version'], '13');
        peer.drop();
      });
    }

    it('takes the first frame from the packet of the request', async () => {
      const peer = await Peer.connect(server);
      peer.write(Buffer.concat([Buffer.from(upgrade('/test')), frame('{"protocol":"json","version":1}\u001e')]));

      assert.equal((await peer.answer()).status, 101);
      assert.equal((await peer.frame()).payload.toString(), '{}\u001e');
      peer.drop();
    });

    it('follows other requests on one connection', async () => {
      const peer = await Peer.connect(server);
      peer.write(request('POST', '/test/negotiate?negotiateVersion=1', { 'Content-Length': '0' }));
      const { connectionToken } = JSON.parse((await peer.answer()).body);

      assert.equal((await peer.write(upgrade(`/test?id=${connectionToken}`)).answer()).status, 101);
      peer.drop();
    });

    it('ignores the origin at this server, which lets every one in', async () => {
      (await open_websocket(server, '/test', { Origin: 'http://evil.example' })).drop();
    });
  });
});
