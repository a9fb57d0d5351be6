// Version 10 of Microsoft's JavaScript client, with a filter of hubbub around all calls and connections: it finds what it
// finds without, and is refused where the filter says so.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { run_client_suite } from '../client_suite.mjs';
import { hubbub_only, start_server } from '../support/server.mjs';
import { within } from '../support/waiting.mjs';

const signalr = createRequire(import.meta.url)('signalr-10');
const start_filtered = (settings = {}) => start_server({ ...settings, HUBBUB_FILTER: '1' });

run_client_suite('signalr-10', 'signalr-msgpack-10', { behind: 'a filter', start: start_filtered });

describe('a filter that refuses connections', hubbub_only, () => {
  let server;
  before(async () => { server = await start_filtered(); });
  after(async () => { await server?.stop(); });

  it('ends them with its error', async () => {
    const client = new signalr.HubConnectionBuilder()
      .withUrl(`${server.url}/test?refuse=1`, { logger: signalr.NullLogger.instance })
      .configureLogging(signalr.LogLevel.None)
      .build();
    const closed = new Promise((resolve) => { client.onclose(resolve); });

    // The Close may come while the client is still starting.
    const error = await within(10_000, 'the end', client.start().then(() => closed, (why) => why));

    assert.equal(error?.message, 'Server returned an error on close: Connection closed with an error. HubException: refused by the filter');
  });
});
