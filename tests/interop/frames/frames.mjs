// Records what ASP.NET Core sends in every exchange of the scripts, or asks it again whether it still does.
//
//   node frames.mjs record COMMAND      starts the server, which finds its port in HUBBUB_PORT, and writes recorded/
//   node frames.mjs confirm COMMAND     the same, but compares with what is recorded; exit status 1 when anything differs and
//                                       the versions do not
import { start_program } from '../support/server.mjs';
import { protocols } from './encoding.mjs';
import { environment, play_all } from './play.mjs';
import { number_of_exchanges, recorded, write_recorded } from './recording.mjs';

// What stalls is waited for, and a handshake that does not come takes 5 s.
const patience = 10_000;

async function played_by(command, protocol) {
  const server = await start_program(() => command.split(' '), (port) => ({ ASPNETCORE_ENVIRONMENT: 'Production', ...environment, HUBBUB_PORT: String(port) }));
  try {
    const scripts = await play_all(server, protocol, { patience });
    const from = /ASP\.NET Core \S+/.exec(server.output)?.[0];
    if (!from) throw new Error('the server does not say that it is ASP.NET Core, and which version');
    return { from, scripts };
  } finally {
    await server.stop();
  }
}

async function main() {
  const [verb, command] = process.argv.slice(2);
  if (!['record', 'confirm'].includes(verb) || !command) throw new Error('usage: node frames.mjs record|confirm COMMAND');
  // A server for each protocol: groups and users have the same names in both.
  const results = Object.fromEntries(await Promise.all(Object.keys(protocols).map(async (name) => [name, await played_by(command, name)])));
  const [{ from }] = Object.values(results);
  if (verb === 'record') {
    for (const [name, { scripts }] of Object.entries(results)) {
      write_recorded(name, from, scripts);
      console.log(`${name}: ${scripts.length} scripts, ${number_of_exchanges(scripts)} exchanges of ${from}`);
    }
    return 0;
  }
  let [same, different] = [0, 0];
  for (const [name, { scripts }] of Object.entries(results)) {
    const before = new Map(recorded(name).scripts.map(({ script, exchanges }) => [script, exchanges]));
    for (const { script, exchanges } of scripts) {
      exchanges.forEach((exchange, index) => {
        const [was, is] = [JSON.stringify(before.get(script)?.[index]), JSON.stringify(exchange)];
        if (was === is) { same += 1; return; }
        different += 1;
        console.log(`not as recorded: ${name}, ${script}: ${exchange.step}\n    recorded  ${was}\n    ${from}  ${is}`);
      });
    }
  }
  // In the words of Node's test runner, which scripts/test counts. Another version may well send something else.
  const recorded_from = recorded('json').from;
  const counts = from === recorded_from;
  if (!counts) console.log(`these are the frames of ${from}, and recorded are those of ${recorded_from}`);
  console.log(`# pass ${same}\n# fail ${counts ? different : 0}\n# skipped ${counts ? 0 : different}`);
  return same > 0 && (different === 0 || !counts) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 2;
}
