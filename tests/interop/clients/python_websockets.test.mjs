// python3-websockets against /raw, so that one command runs everything. HUBBUB_PYTHON names a Python that has the package.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { program_from } from '../support/server.mjs';

it('python3-websockets finds a WebSocket as it should be', () => {
  const script = fileURLToPath(new URL('../raw_websocket.py', import.meta.url));
  const command = program_from('HUBBUB_SERVER', 'conformance_server').join(' ');

  const { status, error, stdout, stderr } = spawnSync(process.env.HUBBUB_PYTHON ?? 'python3', [script, '--start', command], { encoding: 'utf8', timeout: 120_000 });

  const failures = `${stdout ?? ''}`.split('\n').filter((line) => !line.startsWith('ok ')).join('\n');
  assert.equal(status, 0, `${error ?? ''}${failures}${stderr ?? ''}`);
});
