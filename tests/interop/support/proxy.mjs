// Starts nginx or HAProxy on a free loopback port with the very configuration of docs/deploy. Only what belongs to a
// machine is replaced: addresses, folders, and what needs root. A line that is to be replaced and is not there is an error.
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { start_program } from './server.mjs';

const documents = fileURLToPath(new URL('../../../docs/deploy/', import.meta.url));

// The distribution puts both where only root's path leads.
function program(name) {
  for (const folder of [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']) {
    try {
      accessSync(path.join(folder, name), constants.X_OK);
      return path.join(folder, name);
    } catch { /* not here */ }
  }
  throw new Error(`${name} is not installed; "scripts/setup test" does that`);
}

function replaced(text, replacements) {
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`the configuration has no "${from}" any more`);
    text = text.replaceAll(from, to);
  }
  return text;
}

// One process each, which ends with the test whatever happens: no daemon, no master.
const kinds = {
  nginx: {
    document: 'nginx.conf',
    replacements: ({ port, upstream, folder }) => [
      ['user www-data;\n', ''],
      ['listen 8080;', `listen 127.0.0.1:${port};`],
      ['server 127.0.0.1:5000;', `server 127.0.0.1:${upstream};`],
      ['/var/log/nginx/', `${folder}/`],
      ['http {\n', `http {\n${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};\n`).join('')}`],
    ],
    words: (file, folder) => ['-p', folder, '-c', file, '-e', 'stderr', '-g', `daemon off; master_process off; pid ${folder}/pid;`],
    log: (proxy, folder) => readFileSync(path.join(folder, 'access.log'), 'utf8'),
  },
  haproxy: {
    document: 'haproxy.cfg',
    replacements: ({ port, upstream }) => [
      ['user haproxy\n', '\n'],
      ['group haproxy\n', '\n'],
      ['chroot /var/lib/haproxy\n', '\n'],
      ['log /dev/log local0', 'log stdout format raw local0'],
      ['bind :8080', `bind 127.0.0.1:${port}`],
      ['127.0.0.1:5000', `127.0.0.1:${upstream}`],
    ],
    words: (file) => ['-db', '-f', file],
    log: (proxy) => proxy.output,
  },
};

/** A started proxy: { url, port, log(), stop() }. `kind` is 'nginx' or 'haproxy', `upstream` the port it passes requests on to. */
export async function start_proxy(kind, upstream) {
  const { document, replacements, words, log } = kinds[kind];
  const name = program(kind);
  const text = readFileSync(path.join(documents, document), 'utf8');
  const folder = mkdtempSync(path.join(os.tmpdir(), `hubbub-${kind}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const proxy = await start_program((port) => {
      const file = path.join(folder, document);
      writeFileSync(file, replaced(text, replacements({ port, upstream, folder })));
      return [name, ...words(file, folder)];
    });
    return { url: proxy.url, port: proxy.port, log: () => log(proxy, folder), stop: async () => { await proxy.stop(); remove(); } };
  } catch (error) {
    remove();
    throw error;
  }
}
