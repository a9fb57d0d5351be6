// Messages that break a protocol, or nearly: raw text in JSON, raw bytes in MessagePack.
import { answered, end } from '../conversation.mjs';

const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const call = (rest) => `{"type":1,"invocationId":"1",${rest}}`;
const echo = '"target":"Echo","arguments":["x"]';

// The connection lives on.
const json_forgiven = {
  'white space': ` { "type" : 1 ,\r\n\t"invocationId":"1", "target":"Echo", "arguments" : [ "x" ] } `,
  'members in another order': '{"arguments":["x"],"target":"Echo","invocationId":"1","type":1}',
  'unknown members': `{"a":{"b":[1,{}]},"type":1,"invocationId":"1","c":null,${echo}}`,
  'members twice': `{"type":3,"target":"Crash","type":1,"invocationId":"7","invocationId":"1",${echo}}`,
  'bytes behind the object': `${call(echo)} garbage`,
  'letter case of members': `{"Type":1,"type":1,"InvocationId":"1",${echo}}`,
  'escapes in the method': call('"target":"Ech\\u006f","arguments":["\\u0041\\/\\u00e9\\ud83d\\ude00"]'),
  'half a pair': call('"target":"Echo","arguments":["\\ud800"]'),
  'nesting of 60': call(`"target":"Echo","arguments":[${nested(60)}]`),
  'an unknown type': '{"type":99}',
  'type 0': '{"type":0}',
  'a ping with more': '{"type":6,"x":[1]}',
  'a number with a leading plus in an argument': call('"target":"AddNumbers","arguments":[1E+1,2]'),
  'a member twice in a record': call('"target":"EchoRecord","arguments":[{"name":"a","name":"b"}]'),
  'base64 without padding': call('"target":"EchoBytes","arguments":["AQ"]'),
  'base64 of the other alphabet': call('"target":"EchoBytes","arguments":["_-__"]'),
  'a ratio beyond double': call('"target":"EchoRecord","arguments":[{"ratio":1e400}]'),
};

// The connection ends.
const json_fatal = {
  'no JSON': 'garbage', 'an empty message': '', 'white space alone': '  ', 'a cut object': '{"type":1,"target":"Echo"', 'a list': '[1]', 'a number': '6', 'a null': 'null', 'a text': '"x"',
  'no type': '{"target":"Echo","arguments":[]}', 'an empty object': '{}', 'a type that is text': '{"type":"1"}', 'a type that is null': '{"type":null}', 'a type with a fraction': '{"type":1.5}',
  'a type beyond 32 bits': '{"type":4294967297}', 'no method': '{"type":1,"invocationId":"1","arguments":[]}', 'a method that is null': call('"target":null,"arguments":[]'),
  'a method that is a number': call('"target":1,"arguments":[]'), 'no arguments': call('"target":"Echo"'), 'arguments that are an object': call('"target":"Echo","arguments":{}'),
  'arguments that are null': call('"target":"Echo","arguments":null'), 'an id that is a number': `{"type":1,"invocationId":1,${echo}}`, 'an id that is null': `{"type":1,"invocationId":null,${echo}}`,
  'a completion without an id': '{"type":3,"result":1}', 'a completion with error and result': '{"type":3,"invocationId":"1","error":"e","result":1}',
  'a stream without an id': '{"type":4,"target":"Stream","arguments":[1]}', 'a cancel without an id': '{"type":5}', 'an item without a value': '{"type":2,"invocationId":"1"}',
  'headers that are a list': `{"type":1,"headers":[],${echo}}`, 'a header that is a number': `{"type":1,"headers":{"a":1},${echo}}`, 'headers that are null': `{"type":1,"headers":null,${echo}}`,
  'stream ids that are text': call(`${echo},"streamIds":"1"`), 'an Ack without a number': '{"type":8}', 'a comment': '{"type":6/**/}', 'a comma too many': '{"type":6,}',
  'a byte order mark': '\ufeff{"type":6}', 'nesting beyond 64': call(`"target":"Echo","arguments":[${nested(63)}]`), 'a line feed in a text': call('"target":"Echo","arguments":["\n"]'),
  'a leading zero': '{"type":06}', 'single quotes': "{'type':6}", 'NaN': call('"target":"AddNumbers","arguments":[NaN,1]'), 'a second handshake': '{"protocol":"json","version":1}',
  'a call behind garbage': `garbage\u001e${call(echo)}`, 'a close with an error that is a number': '{"type":7,"error":1}',
};

// [1, {}, "1", "Echo", ["x"], []] is 96 01 80 a131 a44563686f 91a178 90.
const messagepack_forgiven = {
  'five elements': '95 01 80 a131 a44563686f 91a178',
  'seven elements': '97 01 80 a131 a44563686f 91a178 90 c0',
  'nil for headers': '96 01 c0 a131 a44563686f 91a178 90',
  'nil for streams': '96 01 80 a131 a44563686f 91a178 c0',
  'long forms of lists and texts': 'dc0006 d200000001 de0000 d90131 da00044563686f dd00000001 db0000000178 dc0000',
  'a type of 64 bits': '96 cf0000000000000001 80 a131 a44563686f 91a178 90',
  'bytes for a text': '96 01 80 a131 a44563686f 91c40178 90',
  'a text for bytes': '96 01 80 a131 a94563686f4279746573 91a3414243 90',
  'a text that is no UTF-8': '96 01 80 a131 a44563686f 91a2c328 90',
  'an extension for a text': '96 01 80 a131 a44563686f 91d40178 90',
  'a timestamp for a text': '96 01 80 a131 a44563686f 91d6ff5e0be100 90',
  'a number for a name in a record': '96 01 80 a131 aa4563686f5265636f7264 918101a178 90',
  'a member twice in a record': '96 01 80 a131 aa4563686f5265636f7264 9182a46e616d65a161a46e616d65a162 90',
  'an extension for a member nobody knows': '96 01 80 a131 aa4563686f5265636f7264 9181a17ac7030502aabbcc 90',
  'infinity in a record': '96 01 80 a131 aa4563686f5265636f7264 9181a5726174696fcb7ff0000000000000 90',
  'an unknown type': '91 63',
  'type 0': '91 00',
  'a ping of two elements': '92 06 c0',
  'a completion of another type for nobody': '95 03 80 a178 03 d4 05 01',
  'a negative type': '91 ff',
  'a call of four elements': '94 01 80 a131 a44563686f',
  'nil for the arguments': '96 01 80 a131 a44563686f c0 90',
  'a map for the arguments': '96 01 80 a131 a44563686f 80 90',
  'a list longer than the message': '96 01 80 a131 a44563686f 92a178',
  'a text longer than the message': '96 01 80 a131 a44563686f 91a978',
  'a list of four billion': '96 01 80 a131 a44563686f ddffffffff',
  'an item without a value': '93 02 80 a131',
  'deep nesting in an argument': `96 01 80 a131 a44563686f 91 ${'91'.repeat(600)}c0 90`,
  'a result that is missing': '94 03 80 a131 03',
};

const messagepack_fatal = {
  'nil for a header': '96 01 81a161c0 a131 a44563686f 91a178 90',
  'an empty message': '', 'nil': 'c0', 'a map': '80', 'an empty list': '90', 'a number': '01', 'a text for the type': '91 a131', 'nil for the type': '91 c0', 'a fraction for the type': '91 cb3ff8000000000000',
  'a reserved byte': 'c1', 'a call of one element': '91 01', 'a number for the headers': '96 01 01 a131 a44563686f 91a178 90',
  'a list for the headers': '96 01 90 a131 a44563686f 91a178 90', 'a number for a header': '96 01 81a16101 a131 a44563686f 91a178 90', 'a number for the id': '96 01 80 01 a44563686f 91a178 90',
  'nil for the method': '96 01 80 a131 c0 91a178 90', 'a number for the method': '96 01 80 a131 01 91a178 90',
  'a number for the streams': '96 01 80 a131 a44563686f 91a178 01', 'a number for a stream': '96 01 80 a131 a353756d 90 9101',
  'a completion without a kind': '93 03 80 a131', 'a completion of kind 4': '94 03 80 a131 04', 'a completion of kind 0': '94 03 80 a131 00', 'an error that is a number': '95 03 80 a131 01 05',
  'a stream without an id': '96 04 80 c0 a653747265616d 9101 90', 'a cancel without an id': '93 05 80 c0', 'an Ack without a number': '91 08', 'a close of one element': '91 07', 'the bytes of JSON': '7b2274797065223a367d1e',
};

// Whole WebSocket messages, the length before the hub message included.
const unframed = {
  'a length of six bytes': 'ffffffffff01', 'a length beyond 2 GB': 'ffffffff08', 'a length above the limit': '81808001', 'a length shorter than its message': '02 960180',
};

const script = (name, protocol, sent, until) => ({
  name: `hostile: ${name}`,
  only: protocol,
  run: async (talk) => {
    const client = await talk.open();
    await talk.exchange('message', client, sent, { until });
  },
});
const all = (table, protocol, until) => Object.entries(table).map(([name, raw]) => ({
  name: `hostile: ${name}`,
  only: protocol,
  run: async (talk, { raw: made }) => {
    const client = await talk.open();
    await talk.exchange('message', client, made(raw), { until });
  },
}));

export const hostile = [
  ...all(json_forgiven, 'json', answered),
  ...all(json_fatal, 'json', end),
  ...all(messagepack_forgiven, 'messagepack', answered),
  ...all(messagepack_fatal, 'messagepack', end),
  ...Object.entries(unframed).map(([name, hex]) => script(name, 'messagepack', Buffer.from(hex.replaceAll(' ', ''), 'hex'), end)),
  {
    name: 'hostile: a message above the limit',
    run: async (talk, protocol) => {
      const client = await talk.open();
      await talk.exchange('message', client, protocol.call('1', 'Echo', ['x'.repeat(2 * 1024 * 1024)]), { until: end });
    },
  },
];
