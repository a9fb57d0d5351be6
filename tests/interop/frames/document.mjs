// The table of frames in docs/compatibility.md, made from the known differences and the recordings.
//
//   node document.mjs      writes it
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { seen_in } from './compare.mjs';
import { protocols } from './encoding.mjs';
import { number_of_exchanges, recorded } from './recording.mjs';

const document = new URL('../../../docs/compatibility.md', import.meta.url);
const [first, last] = ['<!-- frames: written by tests/interop/frames/document.mjs -->', '<!-- frames: end -->'];

function table() {
  const recordings = Object.fromEntries(Object.keys(protocols).map((name) => [name, recorded(name)]));
  const seen = seen_in(Object.fromEntries(Object.entries(recordings).map(([name, { scripts }]) => [name, scripts])));
  const counts = Object.fromEntries(Object.entries(recordings).map(([name, { scripts }]) => [name, number_of_exchanges(scripts)]));
  const different = [...seen.values()].reduce((sum, { json, messagepack }) => sum + json + messagepack, 0);
  return [
    `Hub messages were compared byte for byte with those of ${recordings.json.from}: ${counts.json} exchanges in JSON and ${counts.messagepack} in`,
    `MessagePack, good and bad. ${counts.json + counts.messagepack - different} are the same, ${different} differ in these ways:`,
    '',
    '| What | ASP.NET Core | hubbub | Why | Exchanges: JSON, MessagePack |',
    '|---|---|---|---|---|',
    ...[...seen].map(([{ what, reference, ours, why }, { json, messagepack }]) => `| ${what} | ${reference} | ${ours} | ${why} | ${json}, ${messagepack} |`),
  ].join('\n');
}

/** The document as it is, and as it should be. */
export function documents() {
  const is = readFileSync(document, 'utf8');
  const [from, to] = [is.indexOf(first), is.indexOf(last)];
  if (from < 0 || to < from) throw new Error(`docs/compatibility.md has no place between ${first} and ${last}`);
  return { is, should_be: `${is.slice(0, from + first.length)}\n${table()}\n${is.slice(to)}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(document, documents().should_be);
