// A bare TCP peer: bytes out as given, bytes in with a deadline; HTTP answers and WebSocket frames are cut by hand, so
// that nothing between the test and the server repairs or refuses what the test wants to send.
import crypto from 'node:crypto';
import net from 'node:net';
import { within } from './waiting.mjs';

export const RS = '\u001e';

export class Peer {
  #socket;
  #buffer = Buffer.alloc(0);
  #ended = false;
  #changed = () => {};

  static async connect(server) {
    const socket = net.connect(server.port, '127.0.0.1');
    socket.setNoDelay(true);
    await new Promise((resolve, reject) => { socket.once('connect', resolve); socket.once('error', reject); });
    return new Peer(socket);
  }

  constructor(socket) {
    this.#socket = socket;
    const finish = () => { this.#ended = true; this.#changed(); };
    socket.on('data', (bytes) => { this.#buffer = Buffer.concat([this.#buffer, bytes]); this.#changed(); });
    socket.on('end', finish).on('close', finish).on('error', finish);
  }

  /** The port of this end. */
  get port() { return this.#socket.localPort; }
  write(bytes) { this.#socket.write(bytes); return this; }
  /** Sends FIN and goes on reading. */
  finish() { this.#socket.end(); }
  drop() { this.#socket.destroy(); }
  /** Ends the connection with RST. */
  reset() { this.#socket.resetAndDestroy(); }
  pause() { this.#socket.pause(); }
  resume() { this.#socket.resume(); }

  // Resolves with cut(buffer) as soon as that is not undefined; fails at the deadline, and at the end of the stream.
  async #take(what, deadline, cut) {
    const attempt = async () => {
      for (;;) {
        const result = cut(this.#buffer, this.#ended);
        if (result !== undefined) {
          this.#buffer = this.#buffer.subarray(result.used);
          return result.value;
        }
        if (this.#ended) throw new Error(`the server ended the connection before ${what}; received ${JSON.stringify(this.#buffer.toString('latin1').slice(0, 300))}`);
        await new Promise((resolve) => { this.#changed = resolve; });
      }
    };
    return await within(deadline, what, attempt());
  }

  async bytes(count, deadline = 10_000) {
    return await this.#take(`${count} bytes`, deadline, (buffer) =>
      buffer.length >= count ? { used: count, value: buffer.subarray(0, count) } : undefined);
  }

  /** Resolves with whatever came until the server ended the connection. */
  async end(deadline = 10_000) {
    return await this.#take('the end of the connection', deadline, (buffer, ended) =>
      ended ? { used: buffer.length, value: buffer } : undefined);
  }

  /** One HTTP answer: { status, headers (lower-case names), body }. */
  async answer({ deadline = 10_000, head_only = false } = {}) {
    return await this.#take('an HTTP answer', deadline, (buffer, ended) => cut_answer(buffer, ended, head_only));
  }

  /** The lines of an answer's head as they came, the empty one left out. */
  async head(deadline = 10_000) {
    return await this.#take('the head of an answer', deadline, (buffer) => {
      const end = buffer.indexOf('\r\n\r\n');
      return end < 0 ? undefined : { used: end + 4, value: buffer.toString('latin1', 0, end).split('\r\n') };
    });
  }

  /** One chunk of a body as it came: its size line, its bytes and the line end behind them. */
  async chunk(deadline = 10_000) {
    return await this.#take('a chunk', deadline, (buffer) => {
      const line_end = buffer.indexOf('\r\n');
      if (line_end < 0) return undefined;
      const size = parseInt(buffer.toString('latin1', 0, line_end), 16);
      const end = line_end + 2 + size + 2;
      return buffer.length < end ? undefined : { used: end, value: { raw: buffer.toString('utf8', 0, end), bytes: buffer.subarray(line_end + 2, end - 2) } };
    });
  }

  /** One WebSocket frame: { fin, rsv, opcode, payload }. A masked frame from the server is an error. */
  async frame(deadline = 10_000) {
    return await this.#take('a WebSocket frame', deadline, cut_frame);
  }

  /** The code of the close frame that ends the connection; frames before it are collected into `seen`. */
  async close_code(deadline = 10_000, seen = []) {
    for (const end = Date.now() + deadline; ;) {
      const frame = await this.frame(Math.max(1, end - Date.now()));
      if (frame.opcode === 8) return frame.payload.length === 0 ? 1005 : frame.payload.readUInt16BE(0);
      seen.push(frame);
    }
  }
}

function cut_answer(buffer, ended, head_only) {
  const head_end = buffer.indexOf('\r\n\r\n');
  if (head_end < 0) return undefined;
  const [status_line, ...lines] = buffer.toString('latin1', 0, head_end).split('\r\n');
  const match = /^HTTP\/1\.1 (\d{3})/.exec(status_line);
  if (!match) throw new Error(`not an HTTP answer: ${status_line}`);
  const headers = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  const status = Number(match[1]);
  const start = head_end + 4;
  const done = (end, body) => ({ used: end, value: { status, headers, body: body.toString('utf8') } });
  if (head_only || status < 200 || status === 204 || status === 304) return done(start, Buffer.alloc(0));
  if (/chunked/i.test(headers['transfer-encoding'] ?? '')) {
    const body = cut_chunks(buffer, start);
    return body && done(body.end, body.bytes);
  }
  if (headers['content-length'] !== undefined) {
    const end = start + Number(headers['content-length']);
    return buffer.length >= end ? done(end, buffer.subarray(start, end)) : undefined;
  }
  return ended ? done(buffer.length, buffer.subarray(start)) : undefined;
}

function cut_chunks(buffer, start) {
  const parts = [];
  for (let at = start; ;) {
    const line_end = buffer.indexOf('\r\n', at);
    if (line_end < 0) return undefined;
    const size = parseInt(buffer.toString('latin1', at, line_end), 16);
    const data = line_end + 2;
    if (buffer.length < data + size + 2) return undefined;
    if (size === 0) return { end: data + 2, bytes: Buffer.concat(parts) };
    parts.push(buffer.subarray(data, data + size));
    at = data + size + 2;
  }
}

function cut_frame(buffer) {
  if (buffer.length < 2) return undefined;
  if (buffer[1] & 0x80) throw new Error('the server masked a frame');
  let length = buffer[1] & 0x7f;
  let start = 2;
  if (length === 126) {
    if (buffer.length < 4) return undefined;
    length = buffer.readUInt16BE(2);
    start = 4;
  } else if (length === 127) {
    if (buffer.length < 10) return undefined;
    length = Number(buffer.readBigUInt64BE(2));
    start = 10;
  }
  if (buffer.length < start + length) return undefined;
  const payload = buffer.subarray(start, start + length);
  return { used: start + length, value: { fin: (buffer[0] & 0x80) !== 0, rsv: (buffer[0] >> 4) & 7, opcode: buffer[0] & 15, payload } };
}

/** A client's frame. `length_bytes` forces a length form (0, 2, 8), `masked: false` leaves the mask out. */
export function frame(payload, { opcode = 1, fin = true, rsv = 0, masked = true, length_bytes } = {}) {
  const bytes = Buffer.from(payload);
  const form = length_bytes ?? (bytes.length < 126 ? 0 : bytes.length < 65536 ? 2 : 8);
  const head = Buffer.alloc(2 + form);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = masked ? 0x80 : 0;
  if (form === 0) head[1] |= bytes.length;
  if (form === 2) { head[1] |= 126; head.writeUInt16BE(bytes.length, 2); }
  if (form === 8) { head[1] |= 127; head.writeBigUInt64BE(BigInt(bytes.length), 2); }
  if (!masked) return Buffer.concat([head, bytes]);
  const mask = crypto.randomBytes(4);
  return Buffer.concat([head, mask, bytes.map((byte, i) => byte ^ mask[i & 3])]);
}

export function close_frame(code) {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return frame(payload, { opcode: 8 });
}

/** The text of a request; headers are written in the given order. */
export function request(method, target, headers = {}, body = '') {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${target} HTTP/1.1\r\n${lines}\r\n${body}`;
}

/** A WebSocket upgrade request with the given additions. A header given as undefined is left out. */
export function upgrade(target, headers = {}) {
  const all = {
    Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': crypto.randomBytes(16).toString('base64'), ...headers,
  };
  return request('GET', target, Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
}

/** One request on a connection of its own. */
export async function ask(server, method, target, headers = {}, body = '') {
  const peer = await Peer.connect(server);
  try {
    const length = body !== '' || method === 'POST' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {};
    peer.write(request(method, target, { ...length, ...headers }, body));
    return await peer.answer({ head_only: method === 'HEAD' });
  } finally {
    peer.drop();
  }
}

export async function negotiate(server, hub = '/test', version = 1) {
  const answer = await ask(server, 'POST', `${hub}/negotiate?negotiateVersion=${version}`);
  return JSON.parse(answer.body);
}

/** An upgraded connection; `answer` holds the 101. */
export async function open_websocket(server, target = '/test', headers = {}) {
  const peer = await Peer.connect(server);
  peer.write(upgrade(target, headers));
  peer.upgraded = await peer.answer();
  if (peer.upgraded.status !== 101) throw new Error(`the upgrade was answered ${peer.upgraded.status} ${peer.upgraded.body}`);
  return peer;
}

/** A raw hub client: hub messages in and out as objects, one WebSocket text frame per write. */
export class HubPeer {
  #messages = [];
  #next_id = 0;

  static async open(server, { target = '/test', handshake = { protocol: 'json', version: 1 } } = {}) {
    const hub = new HubPeer(await open_websocket(server, target));
    hub.write(handshake);
    hub.handshake_answer = await hub.text_message();
    if (hub.handshake_answer !== `{}${RS}`) throw new Error(`the handshake was answered ${hub.handshake_answer}`);
    return hub;
  }

  constructor(peer) { this.peer = peer; }

  write(...messages) { this.text(messages.map((message) => JSON.stringify(message) + RS).join('')); return this; }
  text(text) { this.peer.write(frame(text)); return this; }
  drop() { this.peer.drop(); }

  /** One WebSocket text message, its fragments joined. */
  async text_message(deadline) {
    const parts = [];
    for (;;) {
      const got = await this.peer.frame(deadline);
      if (got.opcode !== (parts.length === 0 ? 1 : 0)) throw new Error(`expected a text frame, got opcode ${got.opcode} ${got.payload.toString('hex')}`);
      parts.push(got.payload);
      if (got.fin) return Buffer.concat(parts).toString('utf8');
    }
  }

  /** The next hub message that is no Ping. The deadline is one for all of them. */
  async message(deadline = 10_000) {
    for (const end = Date.now() + deadline; ;) {
      const message = await this.any_message(Math.max(1, end - Date.now()));
      if (message.type !== 6) return message;
    }
  }

  async any_message(deadline) {
    if (this.#messages.length === 0) {
      const text = await this.text_message(deadline);
      if (!text.endsWith(RS)) throw new Error(`a WebSocket message without a whole hub message: ${text.slice(0, 200)}`);
      this.#messages.push(...text.slice(0, -1).split(RS).map((one) => JSON.parse(one)));
    }
    return this.#messages.shift();
  }

  /** Calls a method and resolves with its Completion; other messages on the way are dropped. */
  async invoke(target, ...args) {
    const invocationId = String(this.#next_id++);
    this.write({ type: 1, invocationId, target, arguments: args });
    for (;;) {
      const message = await this.message();
      if (message.type === 3 && message.invocationId === invocationId) return message;
      if (message.type === 7) throw new Error(`closed during ${target}: ${JSON.stringify(message)}`);
    }
  }
}

/** What every abuse must leave behind: a server that serves the next one at once. */
export async function a_fresh_client_is_served(server) {
  const hub = await HubPeer.open(server);
  try {
    const completion = await hub.invoke('Echo', 'still here');
    if (completion.result !== 'still here') throw new Error(`a fresh client got ${JSON.stringify(completion)}`);
  } finally {
    hub.drop();
  }
}
