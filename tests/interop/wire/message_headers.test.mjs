// Headers of messages as bytes: what a filter makes of them. No client of Microsoft's sends any by itself.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { hubbub_only, start_server } from '../support/server.mjs';
import { HubPeer } from '../support/wire.mjs';

const trace = '0af7651916cd43dd8448eb211c80319c';

describe('headers of a message', hubbub_only, () => {
  let server;
  let peer;
  before(async () => {
    server = await start_server({ HUBBUB_FILTER: '1' });
    peer = await HubPeer.open(server);
  });
  after(async () => {
    peer?.drop();
    await server?.stop();
  });
  const call = async (id, headers, target = 'ConnectionId', args = []) => {
    peer.write({ type: 1, headers, invocationId: id, target, arguments: args });
    return await peer.message();
  };

  it('reach a filter, which may refuse the call for them', async () => {
    assert.deepEqual(await call('1', { refuse: 'not \u00fc "today"' }, 'AddNumbers', [1, 2]), {
      type: 3, invocationId: '1',
      error: 'An unexpected error occurred invoking \'AddNumbers\' on the server. HubException: not \u00fc "today"',
    });
    assert.deepEqual(await call('2', {}, 'AddNumbers', [1, 2]), { type: 3, invocationId: '2', result: 3 });
  });

  it('carry a trace when it is well formed', async () => {
    const whole = `00-${trace}-b7ad6b7169203331-01`;
    assert.equal((await call('3', { traceparent: whole, tracestate: 'a=1' })).result, trace);
    for (const wrong of [whole.toUpperCase(), `${whole}-00`, whole.slice(1), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
      assert.notEqual((await call('4', { traceparent: wrong })).result, trace, wrong);
    }
  });
});
