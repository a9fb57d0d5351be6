// The files in recorded/: what ASP.NET Core sent, a line for each exchange so that changes can be read.
import { readFileSync, writeFileSync } from 'node:fs';

const about = 'What ASP.NET Core sends in every exchange of the scripts; written by `node frames.mjs record`, see ../README.md. MessagePack is in hexadecimal digits, the length apart.';
const file_of = (protocol) => new URL(`recorded/${protocol}.json`, import.meta.url);

/** `{ from, scripts: [{ script, exchanges }] }` */
export const recorded = (protocol) => JSON.parse(readFileSync(file_of(protocol), 'utf8'));

export function write_recorded(protocol, from, scripts) {
  const lines = scripts.map(({ script, exchanges }) => ` {"script":${JSON.stringify(script)},"exchanges":[\n${exchanges.map((exchange) => `  ${JSON.stringify(exchange)}`).join(',\n')}]}`);
  writeFileSync(file_of(protocol), `{"about":${JSON.stringify(about)},\n"from":${JSON.stringify(from)},\n"scripts":[\n${lines.join(',\n')}\n]}\n`);
}

export const number_of_exchanges = (scripts) => scripts.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
