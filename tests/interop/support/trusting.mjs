// A certificate for 127.0.0.1, and a process that trusts it. Node reads the certificates it trusts besides its own when
// it starts, so a test file that needs that runs itself once more.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const marker = 'HUBBUB_TRUSTED_FOLDER';
const files_in = (folder) => ({ certificate: path.join(folder, 'certificate.pem'), key: path.join(folder, 'key.pem') });

/**
 * In the second process: the files `{ certificate, key }`. In the first: undefined, and the second is started, whose
 * results take the place of its own. `file` is the `import.meta.url` of the test file.
 */
export function trusted_certificate(file) {
  const given = process.env[marker];
  if (given) return files_in(given);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hubbub-tls-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  const { certificate, key } = files_in(folder);
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-out', certificate, '-keyout', key], { stdio: ['ignore', 'ignore', 'pipe'] });
  // What Node's test runner has told this process, it tells the other, which writes its results where this one would have.
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(file)], { env: { ...process.env, [marker]: folder, NODE_EXTRA_CA_CERTS: certificate }, stdio: 'inherit' });
  process.on('exit', () => child.kill('SIGKILL'));
  child.on('error', (error) => { throw error; });
  child.on('exit', (status) => { process.exitCode = status ?? 1; });
  return undefined;
}
