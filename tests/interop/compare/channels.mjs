// A started connection over each transport, with one face: send(text), next() and the heads of its answers noted.
import http from 'node:http';
import { close_frame, frame, RS, upgrade } from '../support/wire.mjs';
import { Inbox, within } from '../support/waiting.mjs';
import { written } from './talk.mjs';

const ping = '{"type":6}';
const messages_of = (text) => text.split(RS).slice(0, -1).concat(text.endsWith(RS) || text === '' ? [] : [`${text.split(RS).at(-1)} (cut)`]);

class Channel {
  #waiting = [];
  #end;

  constructor(talk, target, headers) {
    this.talk = talk;
    this.target = target;
    this.headers = headers;
  }

  /** The next message without pings, `{ end }` how the transport ended, or `{ end: 'silence' }`. */
  async next(deadline = 10_000) {
    const limit = Date.now() + deadline;
    while (this.#waiting.length === 0) {
      if (this.#end) return { end: this.#end };
      let got;
      try {
        got = await within(Math.max(1, limit - Date.now()), 'a message', this.more(Math.max(1, limit - Date.now())));
      } catch (error) {
        return { end: /waited/.test(error.message) ? 'silence' : `${error.message}` };
      }
      if (got.end) this.#end = got.end;
      if (got.text !== undefined) this.#waiting.push(...messages_of(got.text).filter((message) => message !== ping));
    }
    return { message: this.talk.clean(this.#waiting.shift()) };
  }

  /** Notes messages until one satisfies `last`, or the end. */
  async collect(step, last = () => false, { only_end = false } = {}) {
    const fields = {};
    for (let count = 1; ; count += 1) {
      const { message, end } = await this.next();
      if (end) fields.end = end;
      if (message !== undefined && !only_end) fields[`message ${count}`] = message;
      if (end || last(message)) break;
    }
    this.talk.note(step, fields);
    return fields;
  }

  async handshake() {
    await this.send(`{"protocol":"json","version":1}${RS}`);
    const { message, end } = await this.next();
    if (message !== '{}') throw new Error(`the handshake was answered ${message ?? end}`);
  }
}

class WebSocketChannel extends Channel {
  async open(step) {
    this.peer = await this.talk.peer();
    const direct = this.target.token === undefined;
    const answer = await this.talk.send(step, upgrade(`${this.target.hub}${direct ? '' : `?id=${this.target.token}`}${this.target.more(direct)}`, this.headers), { peer: this.peer });
    return answer?.status === 101;
  }
  async send(text) { this.peer.write(frame(text)); }
  async more(deadline) {
    const parts = this.parts ??= [];  // a control frame may come between two fragments
    for (;;) {
      const { opcode, fin, payload } = await this.peer.frame(deadline).catch((error) => {
        if (/ended the connection/.test(error.message)) return { opcode: 'cut' };
        throw error;
      });
      if (opcode === 'cut') return { end: 'cut' };
      if (opcode === 8) {
        this.peer.write(close_frame(1000));
        return { end: `close ${payload.length < 2 ? 'without a code' : payload.readUInt16BE(0)}${payload.length > 2 ? ` ${payload.subarray(2)}` : ''}` };
      }
      if (opcode > 8) return { text: `control frame ${opcode} ${payload}${RS}` };
      if (opcode === 2) parts.push(Buffer.from('binary '));
      parts.push(payload);
      if (fin) return { text: Buffer.concat(parts.splice(0)).toString('utf8') };
    }
  }
}

class PostingChannel extends Channel {
  async open(step) {
    if (this.target.token === undefined) this.target.token = (await this.talk.negotiated({ hub: this.target.hub, headers: this.headers })).token;
    this.path = `${this.target.hub}?id=${this.target.token}${this.target.more(false)}`;
    return await this.start(step);
  }
  async send(text, step) { return await this.talk.ask(step, 'POST', this.path, this.headers, text); }
}

class SseChannel extends PostingChannel {
  #inbox = new Inbox('events');
  #text = '';
  first_bytes;

  async start(step) {
    this.talk.requests += 1;
    const request = http.get(`${this.talk.server.url}${this.path}`, { agent: false, headers: { Accept: 'text/event-stream', ...this.headers } });
    this.talk.hold({ drop: () => request.destroy() });
    const response = await within(10_000, 'the head of an event stream', new Promise((resolve, reject) => request.on('response', resolve).on('error', reject)));
    response.setEncoding('utf8');
    response.on('data', (text) => this.#inbox.push(text)).on('end', () => this.#inbox.push(undefined)).on('error', () => this.#inbox.push(undefined));
    if (step !== undefined) {
      const { headers } = response;
      this.talk.note(step, {
        status: String(response.statusCode), 'content-type': headers['content-type'], 'cache-control': headers['cache-control'], pragma: headers.pragma,
        'content-encoding': headers['content-encoding'], 'transfer-encoding': headers['transfer-encoding'], connection: headers.connection, vary: headers.vary,
      });
    }
    return response.statusCode === 200;
  }
  async more(deadline) {
    const text = await this.#inbox.next(deadline);
    if (text === undefined) return { end: this.#text === '' ? 'end of the stream' : `end of the stream within ${JSON.stringify(this.#text)}` };
    this.#text += text;
    if (this.first_bytes === undefined && this.#text.startsWith(':\r\n')) {
      this.first_bytes = ':\\r\\n';
      this.#text = this.#text.slice(3);
    }
    const whole = this.#text.lastIndexOf('\r\n\r\n') + 4;
    if (whole < 4) return {};
    const events = this.#text.slice(0, whole - 4).split('\r\n\r\n');
    this.#text = this.#text.slice(whole);
    return { text: events.map((event) => (event.startsWith('data: ') ? event.slice(6) : `${event} (no data)${RS}`)).join('') };
  }
}

class PollChannel extends PostingChannel {
  async start(step) { return (await this.talk.ask(step, 'GET', this.path, this.headers))?.status === 200; }
  async more() {
    const answer = await this.talk.ask(undefined, 'GET', this.path, this.headers);
    if (answer === undefined) return { end: 'a poll without an answer' };
    return answer.status === 200 ? { text: answer.body } : { end: `poll answered ${answer.status} ${answer.body}` };
  }
}

export const transports = { WebSockets: WebSocketChannel, ServerSentEvents: SseChannel, LongPolling: PollChannel };

/** A channel whose transport has started; false instead when it was refused. `step` notes the start's answer. */
export async function open_channel(talk, transport, { hub = '/test', token, query = '', headers, step } = {}) {
  const more = (first) => (query === '' ? '' : `${first ? '?' : '&'}${query}`);
  const channel = new transports[transport](talk, { hub, token, more }, headers);
  return (await channel.open(step)) && channel;
}

/** The body of an event stream as bytes, from its first to the one after which `enough(body)` holds. */
export async function event_stream_bytes(talk, path, enough) {
  talk.requests += 1;
  const peer = await talk.peer();
  peer.write(written('GET', path, { Accept: 'text/event-stream' }));
  const line = async () => {
    let text = '';
    while (!text.endsWith('\r\n')) text += await peer.bytes(1);
    return text;
  };
  while (await line() !== '\r\n');
  let body = '';
  while (!enough(body)) {
    const size = parseInt(await line(), 16);
    if (!(size > 0)) return `${body}(the end)`;
    body += await peer.bytes(size);
    await line();
  }
  return body;
}
