// Starts a server under test as a child process on a free loopback port, restarts it there, and stops it.
//
//   HUBBUB_SERVER     command line of the server (default: build/release/bin/conformance_server of this repository)
//   HUBBUB_REFERENCE  set to 1 when that server is ASP.NET Core: what hubbub does differently on purpose is then left out
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually, within } from './waiting.mjs';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

export const against_reference = process.env.HUBBUB_REFERENCE === '1';

/** Options for a test of behaviour that the specification asks of hubbub and the reference does not have. */
export const hubbub_only = { skip: against_reference ? 'hubbub differs from the reference here' : false };

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** The words of a command line from an environment variable, or a program of the release build. */
export function program_from(variable, built) {
  const given = process.env[variable];
  if (given) return given.split(' ').filter((word) => word !== '');
  const program = path.join(repository, 'build/release/bin', built);
  if (!existsSync(program)) throw new Error(`no server to test: ${program} does not exist (build it, or name a command in ${variable})`);
  return [program];
}

function accepts_connections(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => resolve(false));
  });
}

function can_be_bound(port) {
  return new Promise((resolve) => {
    const listener = net.createServer();
    listener.once('error', () => resolve(false));
    listener.listen(port, '127.0.0.1', () => listener.close(() => resolve(true)));
  });
}

// Below the range from which the kernel takes the ports of outgoing connections, so that no client can be sitting on it
// while the server is away.
async function free_port() {
  for (;;) {
    const port = 20000 + Math.floor(Math.random() * 12000);
    if (await can_be_bound(port)) return port;
  }
}

export class Server {
  #command;
  #environment;
  #child;
  #exited;
  #output = '';

  /** `command(port)` and `environment(port)` say how the program is told its port. */
  constructor(port, command, environment) {
    this.port = port;
    this.#command = command(port);
    this.#environment = environment(port);
  }

  get url() { return `http://127.0.0.1:${this.port}`; }
  get output() { return this.#output; }

  async start() {
    const [program, ...args] = this.#command;
    const child = spawn(program, args, { env: { ...process.env, ...this.#environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { this.#output += text; });
    this.#exited = new Promise((resolve) => {
      child.once('error', (error) => { running.delete(child); resolve({ error }); });
      child.once('exit', (status, signal) => { running.delete(child); resolve({ status, signal }); });
    });
    this.#child = child;
    let end;
    this.#exited.then((how) => { end = how; });
    await eventually('the server accepts connections', async () => {
      if (end) throw new Error(`the server ended while starting: ${JSON.stringify(end)} ${this.#output}`);
      return await accepts_connections(this.port);
    }, 20_000);
  }

  /** Sends a signal and resolves with { status, signal } when the process is gone. */
  async stop(signal = 'SIGKILL', deadline = 15_000) {
    this.#child.kill(signal);
    return await within(deadline, `the server to end after ${signal}`, this.#exited);
  }

  async restart(signal = 'SIGKILL') {
    await this.stop(signal);
    await this.start();
  }

  /** Whether the server still holds the connection that the client's end `port` belongs to (Linux). */
  holds(port) {
    const end = (of) => `0100007F:${of.toString(16).toUpperCase().padStart(4, '0')}`;
    const [established, close_wait] = ['01', '08'];
    return readFileSync('/proc/net/tcp', 'latin1').split('\n').map((line) => line.trim().split(/\s+/))
      .some(([, local, remote, state]) => local === end(this.port) && remote === end(port) && (state === established || state === close_wait));
  }

  /** Descriptors the server holds now (Linux). */
  open_descriptors() { return readdirSync(`/proc/${this.#child.pid}/fd`).length; }
}

/** A started server on a port of its own. */
export async function start_program(command, environment = () => ({})) {
  const server = new Server(await free_port(), command, environment);
  await server.start();
  return server;
}

/** A started conformance server. `settings` are added to its environment. */
export async function start_server(settings = {}) {
  const words = program_from('HUBBUB_SERVER', 'conformance_server');
  return await start_program(() => words, (port) => ({ ASPNETCORE_ENVIRONMENT: 'Production', ...settings, HUBBUB_PORT: String(port) }));
}
