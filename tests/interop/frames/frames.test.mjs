// Every hub message of our conformance server is, byte for byte, what ASP.NET Core was recorded to send, or differs as
// known.mjs says. See ../README.md.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { against_reference, start_server } from '../support/server.mjs';
import { seen_in, wanted } from './compare.mjs';
import { documents } from './document.mjs';
import { protocols } from './encoding.mjs';
import { environment, play_all, scripts_of } from './play.mjs';
import { number_of_exchanges, recorded } from './recording.mjs';

const recordings = Object.fromEntries(Object.keys(protocols).map((name) => [name, recorded(name).scripts]));
// The reference differs from itself in nothing.
const expected = against_reference ? (protocol, script, exchange) => exchange : wanted;

describe('frames as ASP.NET Core was recorded to send them', { concurrency: true }, () => {
  for (const protocol of Object.keys(protocols)) {
    describe(protocol, () => {
      let ours;

      before(async () => {
        const server = await start_server(environment);
        try {
          ours = new Map((await play_all(server, protocol, { patience: 20_000 })).map(({ script, exchanges }) => [script, exchanges]));
        } finally {
          await server.stop();
        }
      });

      it('has a recording of every script, and of no other', () => {
        assert.deepEqual(recordings[protocol].map(({ script }) => script), scripts_of(protocol).map(({ name }) => name));
        assert.ok(number_of_exchanges(recordings[protocol]) >= 200);
      });

      for (const { script, exchanges } of recordings[protocol]) {
        it(script, () => assert.deepEqual(ours.get(script), exchanges.map((exchange) => expected(protocol, script, exchange))));
      }
    });
  }

  it('finds an exchange for every known difference', () => {
    const unused = [...seen_in(recordings)].filter(([, { json, messagepack }]) => json + messagepack === 0).map(([{ what }]) => what);
    assert.deepEqual(unused, []);
  });

  it('tells of them in docs/compatibility.md', () => {
    const { is, should_be } = documents();
    assert.equal(is, should_be, 'run `node frames/document.mjs`');
  });
});
