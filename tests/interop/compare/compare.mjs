// Sends the same scripts to our conformance server and to the ASP.NET Core reference, and prints what they answer
// differently. Exit status 0 only when every difference is a wanted one (known.mjs) and every wanted one was seen.
//
//   node compare.mjs OURS REFERENCE [part of a script's name ...]
//
// OURS and REFERENCE are URLs (http://127.0.0.1:9200) of started servers, or command lines that are started here on free
// ports, told by HUBBUB_PORT. With parts of names only those scripts run, and nothing is called stale.
import { start_program } from '../support/server.mjs';
import { within } from '../support/waiting.mjs';
import { ask } from '../support/wire.mjs';
import { connections } from './connections.mjs';
import { known } from './known.mjs';
import { messages } from './messages.mjs';
import { requests } from './requests.mjs';
import { Talk } from './talk.mjs';

const script_deadline = 60_000;
const at_once = 8;

async function server_at(place) {
  if (!/^https?:/.test(place)) {
    return await start_program(() => place.split(' ').filter((word) => word !== ''), (port) => ({ ASPNETCORE_ENVIRONMENT: 'Production', HUBBUB_PORT: String(port) }));
  }
  const { protocol, hostname, port } = new URL(place);
  if (protocol !== 'http:' || hostname !== '127.0.0.1') throw new Error(`${place}: only http://127.0.0.1:PORT is asked`);
  const server = { port: Number(port || 80), url: `http://127.0.0.1:${port || 80}`, stop: async () => {} };
  await within(5_000, `an answer of ${place}`, ask(server, 'GET', '/test'));
  return server;
}

async function talk_with(server, script) {
  const talk = new Talk(server);
  try {
    await within(script_deadline, 'the end of the script', script.run(talk));
  } catch (error) {
    talk.note('the script', { broke: talk.clean(error.message) });
  } finally {
    talk.hang_up();
  }
  return talk;
}

function* differences_of(script, ours, reference) {
  for (const step of new Set([...ours.steps.keys(), ...reference.steps.keys()])) {
    const [we, they] = [ours.steps.get(step) ?? {}, reference.steps.get(step) ?? {}];
    for (const field of new Set([...Object.keys(we), ...Object.keys(they)])) {
      if (we[field] === they[field]) continue;
      yield { where: `${script.name}: ${step}`, status: `${we.status ?? 'none'}/${they.status ?? 'none'}`, field, ours: we[field], reference: they[field] };
    }
  }
}

const fits = (wanted, given) => (wanted instanceof RegExp ? given !== undefined && wanted.test(given) : wanted === given);
/** A member that an entry does not have is not asked for; one that is undefined asks for a field that is not there. */
const explains = (entry, difference) => ['where', 'status', 'field', 'ours', 'reference'].every((member) => !(member in entry) || fits(entry[member], difference[member]));
const shown = (value) => (value === undefined ? 'nothing' : JSON.stringify(value.length > 400 ? `${value.slice(0, 400)}...` : value));

async function main() {
  const [our_place, reference_place, ...parts] = process.argv.slice(2);
  if (reference_place === undefined) throw new Error('usage: node compare.mjs OURS REFERENCE [part of a script\'s name ...]');
  const all = [...requests, ...connections, ...messages];
  const names = all.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`scripts with one name: ${twice.join(', ')}`);
  const scripts = all.filter(({ name }) => parts.length === 0 || parts.some((part) => name.includes(part)));
  if (scripts.length === 0) throw new Error(`no script is called like ${parts.join(' or ')}`);

  const servers = [];
  const results = new Map();
  try {
    for (const place of [our_place, reference_place]) servers.push(await server_at(place));
    const queue = [...scripts];
    const worker = async () => {
      for (let script = queue.shift(); script; script = queue.shift()) {
        results.set(script, await Promise.all(servers.map((server) => talk_with(server, script))));
      }
    };
    await Promise.all(Array.from({ length: at_once }, worker));
  } finally {
    for (const server of servers) await server.stop();
  }

  const seen = new Map(known.map((entry) => [entry, 0]));
  let unwanted = 0;
  let requests_sent = 0;
  let steps = 0;
  for (const script of scripts) {
    const [ours, reference] = results.get(script);
    requests_sent += ours.requests;
    steps += ours.steps.size;
    // Both broke in the same way: that is no difference, but nothing was compared either.
    const broke = [ours, reference].some((talk) => talk.steps.get('the script')?.broke);
    const differences = [...differences_of(script, ours, reference)];
    if (broke && differences.length === 0) differences.push({ where: `${script.name}: the script`, field: 'broke at both', ...ours.steps.get('the script') });
    for (const difference of differences) {
      const entry = known.find((one) => explains(one, difference));
      if (entry) {
        seen.set(entry, seen.get(entry) + 1);
        continue;
      }
      unwanted += 1;
      console.log(`DIFFERENT ${difference.where}: ${difference.field}\n    ours       ${shown(difference.ours)}\n    reference  ${shown(difference.reference)}${difference.broke ? `\n    ${difference.broke}` : ''}`);
    }
  }
  for (const [entry, count] of seen) if (count > 0) console.log(`wanted, ${count} times: ${entry.why}`);
  const stale = parts.length > 0 ? [] : known.filter((entry) => seen.get(entry) === 0);
  for (const entry of stale) console.log(`STALE, no such difference any more: ${entry.why} (${entry.where}, ${entry.field ?? 'all fields'})`);
  const wanted = [...seen.values()].reduce((sum, count) => sum + count, 0);
  console.log(`${scripts.length} scripts, ${requests_sent} requests to each server, ${steps} answers compared: ${wanted} wanted differences of ${[...seen.values()].filter((count) => count > 0).length} kinds, `
    + `${unwanted} unwanted, ${stale.length} stale entries`);
  return unwanted === 0 && stale.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
