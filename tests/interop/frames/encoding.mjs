// Hub messages in both protocols' bytes. Written here and not taken from a client, so that a script can send what no client
// would: every form of a number, a wrong length, a message cut short.
const RS = 0x1e;

/** A value that the two protocols write differently: a function that gives its text in JSON, one that gives its bytes. */
class Special {
  constructor(json, messagepack) { Object.assign(this, { json, messagepack }); }
}
export const special = (json, messagepack_hex) => new Special(() => json, () => Buffer.from(messagepack_hex.replaceAll(' ', ''), 'hex'));
/** Bytes: base64 in JSON, bin in MessagePack. */
export const bytes = (given) => new Special(() => JSON.stringify(Buffer.from(given).toString('base64')), () => {
  const content = Buffer.from(given);
  return Buffer.concat([content.length < 256 ? Buffer.from([0xc4, content.length]) : sized(0xc5, 2, content.length), content]);
});
/** A whole number beyond 2^53. */
export const int64 = (given) => new Special(() => String(given), () => {
  const all = Buffer.alloc(9);
  all[0] = given < 0n ? 0xd3 : 0xcf;
  all.writeBigUInt64BE(BigInt.asUintN(64, given), 1);
  return all;
});

function sized(code, width, value) {
  const all = Buffer.alloc(1 + width);
  all[0] = code;
  all.writeUIntBE(value, 1, width);
  return all;
}

function float(value) {
  const all = Buffer.alloc(9);
  all[0] = 0xcb;
  all.writeDoubleBE(value, 1);
  return all;
}

function integer(value) {
  if (value >= 0) {
    if (value < 0x80) return Buffer.from([value]);
    if (value < 0x100) return sized(0xcc, 1, value);
    if (value < 0x10000) return sized(0xcd, 2, value);
    if (value < 0x100000000) return sized(0xce, 4, value);
    return int64(BigInt(value)).messagepack();
  }
  if (value >= -0x20) return Buffer.from([0x100 + value]);
  if (value >= -0x80) return sized(0xd0, 1, 0x100 + value);
  if (value >= -0x8000) return sized(0xd1, 2, 0x10000 + value);
  if (value >= -0x80000000) return sized(0xd2, 4, 0x100000000 + value);
  return int64(BigInt(value)).messagepack();
}

function text(value) {
  const content = Buffer.from(value);
  const { length } = content;
  const head = length < 32 ? Buffer.from([0xa0 + length]) : length < 0x100 ? sized(0xd9, 1, length) : length < 0x10000 ? sized(0xda, 2, length) : sized(0xdb, 4, length);
  return Buffer.concat([head, content]);
}

const head_of = (length, small, large) => (length < 16 ? Buffer.from([small + length]) : sized(large, 2, length));

/** A value in MessagePack, numbers in their shortest form. */
export function packed(value) {
  if (value instanceof Special) return value.messagepack();
  if (value === null || value === undefined) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') return Number.isInteger(value) && !Object.is(value, -0) ? integer(value) : float(value);
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return Buffer.concat([head_of(value.length, 0x90, 0xdc), ...value.map(packed)]);
  const members = Object.entries(value);
  return Buffer.concat([head_of(members.length, 0x80, 0xde), ...members.flatMap(([name, one]) => [packed(name), packed(one)])]);
}

/** A value in JSON. */
export function written(value) {
  if (value instanceof Special) return value.json();
  if (Array.isArray(value)) return `[${value.map(written).join(',')}]`;
  if (typeof value === 'object' && value !== null) return `{${Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${written(one)}`).join(',')}}`;
  return Object.is(value, -0) ? '-0' : JSON.stringify(value);
}

/** The length that stands before a message in MessagePack. */
export function length_prefix(length) {
  const groups = [];
  do {
    groups.push((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
    length = Math.floor(length / 128);
  } while (length > 0);
  return Buffer.from(groups);
}

const framed = (content) => Buffer.concat([length_prefix(content.length), content]);
const json = (members) => Buffer.concat([Buffer.from(written(Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)))), Buffer.from([RS])]);

/** What a client sends, as functions of each protocol that return a message's bytes. */
export const protocols = {
  json: {
    name: 'json',
    opcode: 1,
    raw: (content) => Buffer.concat([Buffer.from(content), Buffer.from([RS])]),
    call: (id, target, args, { streams, headers } = {}) => json({ type: 1, headers, invocationId: id, target, arguments: args, streamIds: streams }),
    stream: (id, target, args, { streams, headers } = {}) => json({ type: 4, headers, invocationId: id, target, arguments: args, streamIds: streams }),
    item: (id, item) => json({ type: 2, invocationId: id, item }),
    done: (id) => json({ type: 3, invocationId: id }),
    result: (id, result) => json({ type: 3, invocationId: id, result }),
    error: (id, error) => json({ type: 3, invocationId: id, error }),
    cancel: (id) => json({ type: 5, invocationId: id }),
    ping: () => json({ type: 6 }),
    close: (error, allowReconnect) => json({ type: 7, error, allowReconnect }),
    numbered: (type, sequenceId) => json({ type, sequenceId }),
  },
  messagepack: {
    name: 'messagepack',
    opcode: 2,
    raw: (hex) => framed(Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    call: (id, target, args, { streams = [], headers = {} } = {}) => framed(packed([1, headers, id ?? null, target, args, streams])),
    stream: (id, target, args, { streams = [], headers = {} } = {}) => framed(packed([4, headers, id ?? null, target, args, streams])),
    item: (id, item) => framed(packed([2, {}, id, item])),
    done: (id) => framed(packed([3, {}, id, 2])),
    result: (id, result) => framed(packed([3, {}, id, 3, result])),
    error: (id, error) => framed(packed([3, {}, id, 1, error])),
    cancel: (id) => framed(packed([5, {}, id])),
    ping: () => framed(packed([6])),
    close: (error, allow_reconnect = false) => framed(packed([7, error ?? null, allow_reconnect])),
    numbered: (type, sequence_id) => framed(packed([type, sequence_id])),
  },
};

export const handshake = (protocol, version = 1) => Buffer.from(`{"protocol":"${protocol}","version":${version}}\u001e`);

/** Cuts whole hub messages from the front of a stream; the rest that is none yet comes last. */
export function cut(stream, is_messagepack) {
  const messages = [];
  let at = 0;
  for (;;) {
    const end = is_messagepack ? end_of_message(stream, at) : stream.indexOf(RS, at) + 1;
    if (!end || end > stream.length) return { messages, rest: stream.subarray(at) };
    messages.push(stream.subarray(at, end));
    at = end;
  }
}

function end_of_message(stream, at) {
  let length = 0;
  for (let group = 0; group < 5; group += 1) {
    if (at + group >= stream.length) return undefined;
    const byte = stream[at + group];
    length += (byte & 0x7f) * 128 ** group;
    if (byte < 0x80) return at + group + 1 + length;
  }
  throw new Error('a length of more than five bytes');
}

/** The array in a whole message in MessagePack, as far as scripts look into them: no bytes, no numbers of 64 bits. */
export function unpacked(message) {
  let at = 0;
  while (message[at] >= 0x80) at += 1;
  at += 1;
  const take = (width) => message.subarray(at, at += width);
  const unsigned = (width) => take(width).readUIntBE(0, width);
  const string = (length) => take(length).toString();
  const list = (length) => Array.from({ length }, value);
  const map = (length) => Object.fromEntries(Array.from({ length }, () => [value(), value()]));
  function value() {
    const code = message[at++];
    if (code < 0x80) return code;
    if (code < 0x90) return map(code & 15);
    if (code < 0xa0) return list(code & 15);
    if (code < 0xc0) return string(code & 31);
    if (code >= 0xe0) return code - 0x100;
    switch (code) {
      case 0xc0: return null;
      case 0xc2: return false;
      case 0xc3: return true;
      case 0xca: return take(4).readFloatBE();
      case 0xcb: return take(8).readDoubleBE();
      case 0xcc: return unsigned(1);
      case 0xcd: return unsigned(2);
      case 0xce: return unsigned(4);
      case 0xd0: return take(1).readInt8();
      case 0xd1: return take(2).readInt16BE();
      case 0xd2: return take(4).readInt32BE();
      case 0xd9: return string(unsigned(1));
      case 0xda: return string(unsigned(2));
      case 0xdb: return string(unsigned(4));
      default: throw new Error(`a value of code ${code.toString(16)}`);
    }
  }
  return value();
}
