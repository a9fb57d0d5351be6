// Runs every test file in a process of its own, several at a time: most of them wait for timers of the server, which
// costs nothing. Ends with the summary of Node's test runner; exit status 1 when anything failed.
//
//   node run.mjs [part of a file name ...]
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { run } from 'node:test';
import { tap } from 'node:test/reporters';

const here = path.dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
// The wire tests first: one of them waits for half a minute.
const files = ['wire', 'frames', 'clients']
  .flatMap((folder) => readdirSync(path.join(here, folder)).sort().map((name) => path.join(here, folder, name)))
  .filter((file) => file.endsWith('.test.mjs'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)));
if (files.length === 0) throw new Error(`no test file is called like ${wanted.join(' or ')}`);

const results = run({ files, concurrency: 5 }).on('test:fail', () => { process.exitCode = 1; });
await finished(results.compose(tap).on('data', (line) => process.stdout.write(line)));
