// All scripts against one server.
import { within } from '../support/waiting.mjs';
import { Conversation } from './conversation.mjs';
import { protocols } from './encoding.mjs';
import { calls } from './scripts/calls.mjs';
import { handshakes } from './scripts/handshakes.mjs';
import { hostile } from './scripts/hostile.mjs';
import { lives } from './scripts/lives.mjs';
import { several } from './scripts/several.mjs';
import { streams } from './scripts/streams.mjs';

const script_deadline = 60_000;
const at_once = 8;

const scripts = [...handshakes, ...calls, ...streams, ...several, ...lives, ...hostile];
{
  const names = scripts.map(({ name, only }) => `${name} ${only}`);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`scripts with one name: ${twice.join(', ')}`);
}

/** The scripts that a protocol has. */
export const scripts_of = (protocol_name) => scripts.filter(({ only = protocol_name }) => only === protocol_name);

/** The environment that both servers are started with. */
export const environment = { HUBBUB_NODE: 'frames-node' };

async function play(server, script, protocol, patience) {
  const talk = new Conversation(server, protocol, patience);
  try {
    await within(script_deadline, 'the end of the script', script.run(talk, protocol));
    return talk.exchanges;
  } catch (error) {
    throw new Error(`${protocol.name}, ${script.name}: ${error.message}`, { cause: error });
  } finally {
    talk.hang_up();
  }
}

/**
 * What the scripts saw in a protocol: `[{ script, exchanges }]`, in the scripts' order. `patience` is how long a server may be
 * silent until an exchange counts as ended by silence.
 */
export async function play_all(server, protocol_name, { patience }) {
  const protocol = protocols[protocol_name];
  const chosen = scripts_of(protocol_name);
  const results = new Map();
  const run = async (script) => results.set(script, await play(server, script, protocol, patience));
  const queue = chosen.filter(({ alone }) => !alone);
  await Promise.all(Array.from({ length: at_once }, async () => {
    for (let script = queue.shift(); script; script = queue.shift()) await run(script);
  }));
  for (const script of chosen.filter(({ alone }) => alone)) await run(script);
  return chosen.map((script) => ({ script: script.name, exchanges: results.get(script) }));
}
