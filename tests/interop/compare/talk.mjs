// One script's talk with one server: sends, and notes what came back in a form that two servers can share. Ids and tokens
// become names, headers that no client or proxy looks at are left out.
import { Peer } from '../support/wire.mjs';

const compared_headers = [
  'content-type', 'cache-control', 'pragma', 'expires', 'content-encoding', 'allow', 'www-authenticate', 'location', 'vary',
  'access-control-allow-origin', 'access-control-allow-credentials', 'access-control-allow-methods', 'access-control-allow-headers',
  'access-control-expose-headers', 'access-control-max-age', 'connection', 'upgrade', 'retry-after',
  'sec-websocket-version', 'sec-websocket-protocol', 'sec-websocket-extensions',
];
const patience = 10_000;

/** The bytes of a request. Headers: an object, or a list of pairs where one comes twice; undefined leaves one out. */
export function written(method, target, headers = {}, body, { version = 'HTTP/1.1' } = {}) {
  const given = (Array.isArray(headers) ? headers : Object.entries(headers)).filter(([, value]) => value !== undefined);
  const named = (name) => given.some(([one]) => one.toLowerCase() === name);
  const own = named('host') ? [] : [['Host', '127.0.0.1']];
  const sized = body !== undefined && !named('content-length') && !named('transfer-encoding');
  if (sized) own.push(['Content-Length', String(Buffer.byteLength(body))]);
  const lines = [...own, ...given].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${target} ${version}\r\n${lines}\r\n${body ?? ''}`;
}

export class Talk {
  #names = new Map();
  #open = new Set();
  steps = new Map();
  requests = 0;

  constructor(server) { this.server = server; }

  /** What came of a step, as named fields of text. */
  note(step, fields) {
    if (this.steps.has(step)) throw new Error(`two steps are called ${step}`);
    this.steps.set(step, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
  }

  /** From now on notes say `name` where `secret` stands. */
  call(secret, name) { this.#names.set(secret, name); }
  /** What a name stands for; the name itself when nothing was called so. */
  meaning(name) { return [...this.#names].find(([, one]) => one === name)?.[0] ?? name; }
  clean(text) {
    for (const [secret, name] of this.#names) text = text.replaceAll(secret, name);
    return text;
  }

  async peer() {
    const peer = await Peer.connect(this.server);
    this.#open.add(peer);
    return peer;
  }
  hold(closable) { this.#open.add(closable); }
  hang_up() { for (const one of this.#open) one.drop(); }

  /** Sends bytes on a connection of their own, or on `peer`, and notes the answer under `step` unless that is undefined. */
  async send(step, bytes, { head_only = false, peer, deadline = patience } = {}) {
    this.requests += 1;
    const own = peer ?? await this.peer();
    own.write(bytes);
    const fields = {};
    let answer;
    try {
      answer = await own.answer({ head_only, deadline });
      if (answer.status === 100) {
        fields['100 came first'] = 'yes';
        answer = await own.answer({ head_only, deadline });
      }
    } catch (error) {
      fields.answer = /waited/.test(error.message) ? 'none in time' : /ended the connection/.test(error.message) ? 'none, the connection ended' : error.message;
    }
    if (!peer && !head_only) own.drop();
    if (answer) Object.assign(fields, this.#fields_of(answer));
    if (step !== undefined) this.note(step, fields);
    return answer;
  }

  #fields_of({ status, headers, body }) {
    try {
      const { connectionId, connectionToken } = JSON.parse(body);
      if (typeof connectionId === 'string') this.call(connectionId, '<id>');
      if (typeof connectionToken === 'string') this.call(connectionToken, '<token>');
    } catch { /* most bodies are not JSON */ }
    const fields = { status: String(status), body: this.clean(body) };
    for (const name of compared_headers) if (headers[name] !== undefined) fields[name] = headers[name];
    return fields;
  }

  /** A request with an answer that ends; `step` names the note. */
  async ask(step, method, target, headers, body, options) {
    const sent = body === undefined && ['POST', 'PUT', 'PATCH'].includes(method) ? '' : body;
    return await this.send(step, written(method, target, headers, sent, options), { head_only: method === 'HEAD', ...options });
  }

  /** A negotiated connection's token, or its id with version 0. The answer is not noted. */
  async negotiated({ hub = '/test', version = 1, query = '', headers } = {}) {
    const answer = await this.ask(undefined, 'POST', `${hub}/negotiate?negotiateVersion=${version}${query}`, headers);
    const { connectionId, connectionToken } = JSON.parse(answer.body);
    return { id: connectionId, token: connectionToken ?? connectionId };
  }
}

/** A script of one request. */
export const one = (name, ...request) => ({ name, run: async (talk) => { await talk.ask('answer', ...request); } });

/** A script of one request in bytes. */
export const one_raw = (name, bytes, options) => ({ name, run: async (talk) => { await talk.send('answer', bytes, options); } });
