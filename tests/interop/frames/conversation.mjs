// Plays one script against one server and keeps every byte of hub messages that came back, exchange by exchange. An
// exchange is what one client sends, and what comes of it at all clients of the script.
//
// Not kept: how hub messages are spread over WebSocket messages (a matter of luck at any server), and pings, which come
// every 5 s, unless a script asks for them. Ids that a server makes up become names; with MessagePack the length before
// such a message is then left out, too, as it depends on the id's.
import crypto from 'node:crypto';
import { Inbox } from '../support/waiting.mjs';
import { close_frame, frame, open_websocket, RS } from '../support/wire.mjs';
import { cut, handshake, packed, protocols, unpacked } from './encoding.mjs';

const fence = 'fence';
const shown_whole = 4096;

/** Stops at the completion of a call or stream. */
export const completed = (id) => ({ last: (fields) => fields.type === 3 && fields.id === id });
/** Stops at the n-th message. */
export const messages = (count) => ({ count });
/** Stops at the end of the connection. */
export const end = { last: () => false };
/** Stops at the answer to a call that is sent behind: the server has then done all that was asked for, streams aside. */
export const answered = { last: (fields) => fields.type === 3 && fields.id === fence, fenced: true };

class Connection {
  #inbox = new Inbox('frames');
  #rest = Buffer.alloc(0);
  #waiting = [];
  #end;

  constructor(name, protocol, peer) {
    this.name = name;
    this.protocol = protocol;
    this.peer = peer;
    this.greeted = false;  // hub messages start behind the first answer
    this.#read();
  }

  async #read() {
    const parts = [];
    for (;;) {
      const got = await this.peer.frame(120_000).catch(() => undefined);
      if (got === undefined) return this.#inbox.push({ end: 'cut' });
      if (got.opcode === 8) {
        this.peer.write(close_frame(1000));
        return this.#inbox.push({ end: `close ${got.payload.length < 2 ? 'without a code' : got.payload.readUInt16BE(0)}${got.payload.length > 2 ? ` ${got.payload.subarray(2)}` : ''}` });
      }
      if (got.opcode > 8) { this.#inbox.push({ opcode: got.opcode, content: got.payload }); continue; }
      parts.push(got);
      if (got.fin) this.#inbox.push({ opcode: parts[0].opcode, content: Buffer.concat(parts.splice(0).map(({ payload }) => payload)) });
    }
  }

  write(content) { this.peer.write(frame(content, { opcode: this.protocol.opcode })); }
  fence() { this.write(this.protocol.call(fence, 'Echo', [fence])); }

  get #binary() { return this.greeted && this.protocol === protocols.messagepack; }

  /** The next hub message `{ opcode, content, text }`, or `{ end }`. */
  async #next(deadline) {
    while (this.#waiting.length === 0) {
      if (this.#end) return { end: this.#end };
      let got;
      try {
        got = await this.#inbox.next(deadline);
      } catch {
        return { end: this.#end = 'silence' };
      }
      if (got.end) {
        this.#end = got.end;
        if (this.#rest.length > 0) this.#waiting.push({ opcode: this.protocol.opcode, content: this.#rest, cut_short: true });
        continue;
      }
      if (got.opcode > 2) { this.#waiting.push(got); continue; }
      this.#rest = Buffer.concat([this.#rest, got.content]);
      if (!this.greeted) {
        const close = this.#rest.indexOf(RS) + 1;
        if (close === 0) continue;
        this.#waiting.push({ opcode: got.opcode, content: this.#rest.subarray(0, close), is_text: true });
        this.#rest = this.#rest.subarray(close);
        this.greeted = true;
      }
      const { messages: whole, rest } = cut(this.#rest, this.#binary);
      this.#rest = rest;
      this.#waiting.push(...whole.map((content) => ({ opcode: got.opcode, content, is_text: !this.#binary })));
    }
    return this.#waiting.shift();
  }

  /** Type and id of a hub message, where it has them. */
  fields_of({ content, is_text }) {
    try {
      if (is_text) {
        const { type, invocationId: id, result, target } = JSON.parse(content.subarray(0, -1));
        return { type, id, result, target };
      }
      const [type, , id, third, fourth] = unpacked(content);
      return { type, id, result: type === 3 ? fourth : undefined, target: type === 1 ? third : undefined };
    } catch {
      return {};
    }
  }

  /** All hub messages up to the last one, and how the connection ended if it did. The fence's answer is left out. */
  async collect(until, { pings = false, patience = 10_000 } = {}) {
    const got = [];
    const limit = Date.now() + patience;
    for (;;) {
      const message = await this.#next(Math.max(1, limit - Date.now()));
      if (message.end) return { messages: got, end: message.end };
      if (!pings && message.content.equals(this.protocol.ping())) continue;
      const is_last = until.last?.(this.fields_of(message));
      if (is_last && until.fenced) {
        if (!message.content.equals(this.protocol.result(fence, fence))) got.push(message);
        return { messages: got };
      }
      got.push(message);
      if (is_last || got.length === until.count) return { messages: got };
    }
  }
}

export class Conversation {
  #server;
  #patience;
  #connections = [];
  #names = new Map();
  exchanges = [];

  constructor(server, protocol, patience) {
    this.#server = server;
    this.#patience = patience;
    this.protocol = protocol;
  }

  /** A WebSocket that has sent nothing. */
  async connect(name = 'a', { hub = '/test', query = '' } = {}) {
    const connection = new Connection(name, this.protocol, await open_websocket(this.#server, `${hub}${query}`));
    this.#connections.push(connection);
    return connection;
  }

  /** A connection that has shaken hands. */
  async open(name, options) {
    const connection = await this.connect(name, options);
    connection.write(handshake(this.protocol.name));
    const { messages: [answer], end: how } = await connection.collect(messages(1));
    if (answer?.content.toString() !== `{}${RS}`) throw new Error(`the handshake was answered ${answer?.content ?? how}`);
    return connection;
  }

  /** From now on the protocol shows `<name>` where `secret` stands. */
  call(secret, name) { this.#names.set(secret, `<${name}>`); }

  /** A connection's own id, which is called `<id of NAME>`. */
  async id_of(connection) {
    connection.write(this.protocol.call('id', 'ConnectionId', []));
    const { messages: [answer] } = await connection.collect(completed('id'));
    const { result } = connection.fields_of(answer);
    this.call(result, `id of ${connection.name}`);
    return result;
  }

  /**
   * Sends the texts, each as a WebSocket message, and keeps what comes until the last message that `until` names; then
   * what has come to the others. Returns the messages' fields.
   */
  async exchange(step, connection, sent, { until = answered, others = [], pings } = {}) {
    const texts = [sent].flat();
    for (const text of texts) connection.write(text);
    if (until.fenced) connection.fence();
    const results = [[connection, await connection.collect(until, { pings, patience: this.#patience })]];
    for (const other of others) {
      other.fence();
      results.push([other, await other.collect(answered, { patience: this.#patience })]);
    }
    const fields = results[0][1].messages.map((message) => connection.fields_of(message));
    const question = fields.find(({ type, id }) => type === 1 && id);
    if (question) this.call(question.id, 'question');
    const sent_texts = texts.map((content) => this.#shown({ opcode: this.protocol.opcode, content, is_text: this.protocol === protocols.json || content[0] === 0x7b }));
    const received = {};
    const ended = {};
    for (const [one, { messages: got, end: how }] of results) {
      received[one.name] = got.map((message) => this.#shown(message));
      if (how) ended[one.name] = how;
    }
    this.exchanges.push({ step, from: connection.name, sent: sent_texts, received, ended });
    return fields;
  }

  hang_up() { for (const { peer } of this.#connections) peer.drop(); }

  #shown({ opcode, content, is_text, cut_short }) {
    const notes = `${opcode === this.protocol.opcode ? '' : `(opcode ${opcode}) `}${cut_short ? '(cut short) ' : ''}`;
    return notes + shown(content, is_text, this.#names);
  }
}

/** A hub message of a server as recordings show it: MessagePack in hexadecimal digits, the length apart; long ones in short. */
function shown(content, is_text, names) {
  let text = is_text && Buffer.from(content.toString()).equals(content) ? content.toString() : undefined;
  if (text !== undefined) {
    for (const [secret, name] of names) text = text.replaceAll(secret, name);
  } else {
    const { head, body } = prefix_and_body(content);
    text = body;
    for (const [secret, name] of names) text = text.replaceAll(packed(secret).toString('hex'), name);
    text = `${text === body ? head : '<length>'} ${text}`;
  }
  return content.length > shown_whole ? summary(text, content.length) : text;
}

/** The same for a message that no server made. */
export const shown_alone = (protocol_name, content) => shown(content, protocol_name === 'json', []);

const summary = (text, length) => `${text.slice(0, 60)}… ${length} bytes, SHA-256 ${crypto.createHash('sha256').update(text).digest('hex')}`;

function prefix_and_body(content) {
  let at = 0;
  while (content[at] >= 0x80 && at < 4) at += 1;
  return { head: content.toString('hex', 0, at + 1), body: content.toString('hex', at + 1) };
}
