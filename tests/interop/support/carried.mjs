// Hubs over Server-Sent Events and long polling, by hand: nothing is decoded that a test may want to look at as bytes.
import { against_reference } from './server.mjs';
import { negotiate, Peer, request, RS } from './wire.mjs';

export const handshake = `{"protocol":"json","version":1}${RS}`;
export const ping = `{"type":6}${RS}`;

/** The bytes of a call, and of its completion. */
export const call = (id, target, ...args) => `${JSON.stringify({ type: 1, invocationId: id, target, arguments: args })}${RS}`;
export const completion = (id, result) => `${JSON.stringify({ type: 3, invocationId: id, result })}${RS}`;

/** What .NET clients want to see of a message: one line, CR LF, and an empty line. */
export const event = (payload) => `data: ${payload}\r\n\r\n`;
/** A chunk of an HTTP/1.1 body. */
export const chunk = (body) => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;

/** The path of a new connection, its token in the query. */
export async function new_path(server, hub = '/test') {
  return `${hub}?id=${(await negotiate(server, hub)).connectionToken}`;
}

/** The head's lines in the order of the alphabet, but the date, which must be one; the status line is the first. */
export function compared([status_line, ...lines]) {
  const dates = lines.filter((line) => line.startsWith('Date: '));
  if (dates.length !== 1 || !/^Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(dates[0])) throw new Error(`not one date: ${dates}`);
  return [status_line, ...lines.filter((line) => !line.startsWith('Date: ')).sort()];
}

/** What every answer of a hub carries besides: the list of allowed origins was asked, or the server says its name. */
const of_every_answer = against_reference ? ['Server: Kestrel'] : ['Vary: Origin'];

/** The head of an answer, as `compared` returns it. */
export const head = (status_line, ...lines) => [`HTTP/1.1 ${status_line}`, ...[...lines, ...of_every_answer].sort()];

/** Requests on one kept-alive connection. */
export class Asker {
  static async connect(server) { return new Asker(await Peer.connect(server)); }
  constructor(peer) { this.peer = peer; }
  /** Sends without waiting for the answer. */
  send(method, path, body = '', headers = {}) {
    const length = method === 'POST' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {};
    this.peer.write(request(method, path, { ...length, ...headers }, body));
    return this;
  }
  /** The next answer's head, as `compared` returns it, and its body: as long as the head says, or nothing. */
  async answer(deadline = 10_000) {
    const lines = await this.peer.head(deadline);
    const length = lines.find((line) => line.startsWith('Content-Length: '));
    let body = '';
    if (length !== undefined) body = (await this.peer.bytes(Number(length.slice(16)), deadline)).toString('utf8');
    if (lines.includes('Transfer-Encoding: chunked')) {
      for (let next; (next = (await this.peer.chunk(deadline)).bytes).length > 0;) body += next.toString('utf8');
    }
    return { head: compared(lines), status: Number(lines[0].slice(9, 12)), body };
  }
  async ask(...of) { return await this.send(...of).answer(); }
  drop() { this.peer.drop(); }
  reset() { this.peer.reset(); }
}

/** An event stream whose head has come: `head` as `compared` returns it. */
export class EventStream {
  #text = Buffer.alloc(0);

  static async open(server, path, headers = {}) {
    const peer = await Peer.connect(server);
    peer.write(request('GET', path, { Accept: 'text/event-stream', ...headers }));
    const stream = new EventStream(peer);
    stream.head = compared(await peer.head());
    return stream;
  }
  constructor(peer) { this.peer = peer; }

  /** The body's next bytes up to and with this text, whatever chunks they came in. */
  async until(text, deadline = 10_000) {
    const wanted = Buffer.from(text);
    for (const end = Date.now() + deadline; ;) {
      const at = this.#text.indexOf(wanted);
      if (at >= 0) {
        const taken = this.#text.subarray(0, at + wanted.length);
        this.#text = this.#text.subarray(at + wanted.length);
        return taken.toString('utf8');
      }
      const { bytes } = await this.peer.chunk(Math.max(1, end - Date.now()));
      if (bytes.length === 0) throw new Error(`the event stream ended before ${JSON.stringify(text)}, within ${JSON.stringify(this.#text.toString())}`);
      this.#text = Buffer.concat([this.#text, bytes]);
    }
  }
  /** The comment in front. */
  async comment() { return await this.until('\r\n'); }
  /** The bytes of the next event that carries no ping. */
  async event(deadline = 10_000) {
    for (const end = Date.now() + deadline; ;) {
      const next = await this.any_event(Math.max(1, end - Date.now()));
      if (next !== event(ping)) return next;
    }
  }
  /** The messages of the next events as one text, at least as long as `expected`; each event carries whole messages. */
  async messages(expected) {
    let all = '';
    while (all.length < expected.length) {
      const next = await this.event();
      if (!next.startsWith('data: ') || !next.endsWith(`${RS}\r\n\r\n`)) throw new Error(`an event without whole messages: ${JSON.stringify(next)}`);
      all += next.slice(6, -4);
    }
    return all;
  }
  async any_event(deadline) { return await this.until('\r\n\r\n', deadline); }
  /** The next chunk that carries no ping, as it came. */
  async raw_chunk() {
    for (;;) {
      const { raw } = await this.peer.chunk();
      if (raw !== chunk(event(ping))) return raw;
    }
  }
  drop() { this.peer.drop(); }
}
