// Texts of the hub protocol over each transport, and WebSocket frames: what is answered, and what ends the connection.
import crypto from 'node:crypto';
import { close_frame, frame, RS } from '../support/wire.mjs';
import { open_channel, transports } from './channels.mjs';

const kinds = Object.keys(transports);
const marker = '{"type":1,"invocationId":"marker","target":"Echo","arguments":["still here"]}';
const is_marker = (message) => message.includes('"invocationId":"marker"');
const nested = (depth) => '['.repeat(depth) + ']'.repeat(depth);
const call = (rest) => `{"type":1,"invocationId":"1",${rest}}`;
const invoke = (target, ...args) => call(`"target":"${target}","arguments":${JSON.stringify(args)}`);
const start_stream = (target, ...args) => `{"type":4,"invocationId":"1","target":"${target}","arguments":${JSON.stringify(args)}}`;

const handshakes = [
  '{"protocol":"json","version":1}', '{"version":1,"protocol":"json"}', '{"protocol":"json","version":0}', '{"protocol":"json","version":2}', '{"protocol":"json","version":3}',
  '{"protocol":"json","version":-7}', '{"protocol":"JSON","version":1}', '{"protocol":"json","version":2147483648}',
  '{"protocol":"json","version":1.0}', '{"protocol":"json","version":1e0}', '{"protocol":"json","version":"1"}', '{"protocol":"json","version":null}', '{"protocol":"json","version":true}',
  '{"protocol":null,"version":1}', '{"protocol":1,"version":1}', '{"protocol":"","version":1}', '{"protocol":" json","version":1}', '{"protocol":"xyz","version":1}',
  '{"protocol":"xyz\'<>&\u00e9","version":1}',
  '{"protocol":"xyz","version":9}', '{"protocol":"json"}', '{"version":1}', '{}', '[]', 'null', '1', '"json"', '', ' ', '{', '{"protocol":"json","version":1',
  '{"protocol":"json","version":1}x', '{"protocol":"json","version":1}{}', 'x{"protocol":"json","version":1}', ' { "protocol" : "json" , "version" : 1 } ',
  '{"Protocol":"json","Version":1}',
  '{"protocol":"json","version":1,}', '{"protocol":"json","version":1,"x":{"a":[1]}}', '{"protocol":"none","protocol":"json","version":1}', '{"protocol":"json","version":1,"version":9}',
  '{"pr\\u006ftocol":"js\\u006fn","version":1}', '{"protocol":"json","version":1,"type":1}', '{"protocol":"json","version":1,"error":"x"}', '{"type":6}',
  '{"type":1,"target":"Echo","arguments":["x"]}',
  '\ufeff{"protocol":"json","version":1}', '/**/{"protocol":"json","version":1}', "{'protocol':'json','version':1}", `{"protocol":"json","version":1,"x":${nested(70)}}`,
  '{"protocol":"js\\ud800","version":1}', '{"protocol":"protobuf","version":1}',
];

// Each is followed by a call of Echo, whose answer shows that the connection lives.
const single = {
  'Echo': invoke('Echo', 'x'), 'Echo of null': invoke('Echo', null), 'Echo of an empty text': invoke('Echo', ''), 'Echo in small letters': invoke('echo', 'x'),
  'ECHO in capitals': invoke('ECHO', 'x'), 'Echo without an id': '{"type":1,"target":"Echo","arguments":["x"]}',
  'Echo with an empty id': '{"type":1,"invocationId":"","target":"Echo","arguments":["x"]}', 'Echo with a null id': '{"type":1,"invocationId":null,"target":"Echo","arguments":["x"]}',
  'an id with quotes': '{"type":1,"invocationId":"a\\"\\\\<\\u00e9\\u0001","target":"Echo","arguments":["x"]}',
  'Echo of odd characters': invoke('Echo', '\u00e9\u4e2d\ud83d\ude00<>&\'"\\/\b\f\n\r\t\u0000\u001f\u007f\u0080\u2028\u2029\ufeff\uffff'),
  'Echo of half a pair': call('"target":"Echo","arguments":["\\ud800"]'), 'Echo of escapes': call('"target":"Ech\\u006f","arguments":["\\u0041\\/\\u00e9"]'),
  'AddNumbers': invoke('AddNumbers', 2, 3), 'AddNumbers beyond 32 bits': invoke('AddNumbers', 2147483647, 1), 'AddNumbers with 1.0': call('"target":"AddNumbers","arguments":[1.0,2]'),
  'AddNumbers with 1.5': invoke('AddNumbers', 1.5, 2), 'AddNumbers with 1e1': call('"target":"AddNumbers","arguments":[1e1,2]'),
  'AddNumbers with -0': call('"target":"AddNumbers","arguments":[-0,2]'), 'AddNumbers with text': invoke('AddNumbers', '1', 2), 'AddNumbers with null': invoke('AddNumbers', null, 2),
  'AddNumbers with true': invoke('AddNumbers', true, 2),
  'AddNumbers with 2147483648': invoke('AddNumbers', 2147483648, 2), 'too few arguments': invoke('AddNumbers', 1), 'too many arguments': invoke('AddNumbers', 1, 2, 3),
  'no arguments for one': invoke('Echo'), 'an argument for none': invoke('Nothing', 1), 'Nothing': invoke('Nothing'), 'Fail': invoke('Fail', 'sorry'),
  'Fail without a text': invoke('Fail', ''), 'Fail with odd characters': invoke('Fail', 'a"<\u00e9'), 'Fail without an id': '{"type":1,"target":"Fail","arguments":["x"]}',
  'Crash': invoke('Crash'), 'crash in small letters': invoke('crash'), 'Delay of 1 ms': invoke('Delay', 1),
  'an unknown method': invoke('Nix'), 'an unknown method with odd characters': invoke('N"<\u00e9'), 'an empty method': invoke(''), 'a method of the hub class': invoke('OnConnectedAsync'),
  'Dispose': invoke('Dispose'), 'ToString': invoke('ToString'), 'an underscore in the name': invoke('Add_Numbers', 1, 2), 'NodeName': invoke('NodeName'), 'AdminOnly': invoke('AdminOnly'),
  'Notify': invoke('Notify', 'hello'), 'Notify of null': invoke('Notify', null), 'Burst': invoke('Burst', 3), 'Burst of nothing': invoke('Burst', 0),
  'Burst of a negative number': invoke('Burst', -1),
  'EchoBytes': invoke('EchoBytes', 'AQID'), 'EchoBytes of nothing': invoke('EchoBytes', ''), 'EchoBytes of null': invoke('EchoBytes', null),
  'EchoBytes of bad base64': invoke('EchoBytes', '!!!!'), 'EchoBytes without padding': invoke('EchoBytes', 'AQ'), 'EchoBytes of base64url': invoke('EchoBytes', '_-__'),
  'EchoBytes with a line break': invoke('EchoBytes', 'AQ\nID'), 'EchoBytes with loose bits': invoke('EchoBytes', 'AR=='), 'EchoBytes of numbers': invoke('EchoBytes', [1, 2]),
  'EchoRecord': invoke('EchoRecord', { name: 'n', count: 9007199254740993, ratio: 1.5, flag: true, note: 'x', items: [1, 2], labels: { a: 'b' } }),
  'EchoRecord of nothing': invoke('EchoRecord', {}), 'EchoRecord of null': invoke('EchoRecord', null), 'EchoRecord of an array': invoke('EchoRecord', []),
  'EchoRecord in other letter case': invoke('EchoRecord', { NAME: 'n', Count: 1 }), 'EchoRecord with unknown members': invoke('EchoRecord', { name: 'n', other: { a: [1] } }),
  'EchoRecord with nulls': call('"target":"EchoRecord","arguments":[{"name":null,"note":null,"items":null,"labels":null}]'),
  'EchoRecord with a null number': invoke('EchoRecord', { count: null }),
  'EchoRecord of large numbers': call('"target":"EchoRecord","arguments":[{"count":9223372036854775807,"ratio":1e308}]'),
  'EchoRecord beyond 64 bits': call('"target":"EchoRecord","arguments":[{"count":9223372036854775808}]'), 'EchoRecord of a count with a fraction': invoke('EchoRecord', { count: 1.5 }),
  'EchoRecord of a count as text': invoke('EchoRecord', { count: '1' }), 'EchoRecord of ratios': call('"target":"EchoRecord","arguments":[{"ratio":0.1}]'),
  'EchoRecord of a whole ratio': call('"target":"EchoRecord","arguments":[{"ratio":5}]'), 'EchoRecord of a tiny ratio': call('"target":"EchoRecord","arguments":[{"ratio":1e-7}]'),
  'EchoRecord of a great ratio': call('"target":"EchoRecord","arguments":[{"ratio":1e21}]'), 'EchoRecord of a great whole ratio': call('"target":"EchoRecord","arguments":[{"ratio":1e15}]'),
  'EchoRecord of -0': call('"target":"EchoRecord","arguments":[{"ratio":-0.0}]'), 'EchoRecord of a ratio beyond double': call('"target":"EchoRecord","arguments":[{"ratio":1e400}]'),
  'EchoRecord of a ratio as NaN text': invoke('EchoRecord', { ratio: 'NaN' }), 'EchoRecord of a flag as number': invoke('EchoRecord', { flag: 1 }),
  'EchoRecord with a member twice': call('"target":"EchoRecord","arguments":[{"name":"a","name":"b"}]'), 'EchoRecord of items as text': invoke('EchoRecord', { items: ['1'] }),
  'EchoRecord of labels as numbers': invoke('EchoRecord', { labels: { a: 1 } }), 'EchoRecord of labels in an order': invoke('EchoRecord', { labels: { b: '1', a: '2', C: '3' } }),
  'white space': ' { "type" : 1 ,\r\n\t"invocationId":"1", "target":"Echo", "arguments" : [ "x" ] } ',
  'members in another order': '{"arguments":["x"],"target":"Echo","invocationId":"1","type":1}',
  'unknown members': '{"a":{"b":[1,{}]},"type":1,"invocationId":"1","c":null,"target":"Echo","arguments":["x"]}',
  'members twice': '{"type":3,"target":"Crash","type":1,"invocationId":"7","invocationId":"1","target":"Echo","arguments":["x"]}',
  'headers': '{"type":1,"headers":{"a":"b"},"invocationId":"1","target":"Echo","arguments":["x"]}', 'bytes behind the object': `${invoke('Echo', 'x')} garbage`,
  'a member in other letter case': '{"Type":1,"type":1,"InvocationId":"1","target":"Echo","arguments":["x"]}', 'no stream ids': call('"target":"Echo","arguments":["x"],"streamIds":[]'),
  'null stream ids': call('"target":"Echo","arguments":["x"],"streamIds":null'), 'a stream too many': call('"target":"Echo","arguments":["x"],"streamIds":["9"]'),
  'a stream too few': invoke('Sum'), 'a call of a stream': invoke('Stream', 3), 'nesting of 60': call(`"target":"Echo","arguments":[${nested(60)}]`),
  'nesting of 64': call(`"target":"Echo","arguments":[${nested(62)}]`),
  'Ping': '{"type":6}', 'Ping with more': '{"type":6,"x":1}', 'a completion for nobody': '{"type":3,"invocationId":"x","result":1}',
  'a failed completion for nobody': '{"type":3,"invocationId":"x","error":"e"}', 'an item for nobody': '{"type":2,"invocationId":"x","item":1}',
  'a cancel for nobody': '{"type":5,"invocationId":"x"}', 'an Ack': '{"type":8,"sequenceId":1}', 'a Sequence': '{"type":9,"sequenceId":1}',
  'an unknown type': '{"type":10}', 'type 99': '{"type":99}', 'type -1': '{"type":-1}', 'type 0': '{"type":0}', 'Close': '{"type":7}', 'Close with an error': '{"type":7,"error":"sad"}',
  'Close with permission': '{"type":7,"allowReconnect":true}', 'Close with a bad error': '{"type":7,"error":1}', 'Abort': invoke('Abort'),
  'no JSON': 'garbage', 'an empty message': '', 'white space alone': '  ', 'a cut object': '{"type":1,"target":"Echo"', 'an array': '[1]', 'a number': '6', 'null': 'null', 'a text': '"x"',
  'no type': '{"target":"Echo","arguments":[]}', 'an empty object': '{}', 'a type that is text': '{"type":"1"}', 'a type that is null': '{"type":null}',
  'a type with a fraction': '{"type":1.5}', 'a type of 6.0': '{"type":6.0}', 'a type of 6e0': '{"type":6e0}', 'a type beyond 32 bits': '{"type":4294967297}',
  'no target': '{"type":1,"invocationId":"1","arguments":[]}', 'a null target': call('"target":null,"arguments":[]'), 'a target that is a number': call('"target":1,"arguments":[]'),
  'no arguments': call('"target":"Echo"'), 'arguments that are an object': call('"target":"Echo","arguments":{}'), 'null arguments': call('"target":"Echo","arguments":null'),
  'an id that is a number': '{"type":1,"invocationId":1,"target":"Echo","arguments":["x"]}', 'a completion without an id': '{"type":3,"result":1}',
  'a completion with error and result': '{"type":3,"invocationId":"1","error":"e","result":1}', 'a stream call without an id': '{"type":4,"target":"Stream","arguments":[1]}',
  'a cancel without an id': '{"type":5}', 'an item without a value': '{"type":2,"invocationId":"1"}',
  'headers that are an array': '{"type":1,"headers":[],"target":"Echo","arguments":["x"]}', 'a header that is a number': '{"type":1,"headers":{"a":1},"target":"Echo","arguments":["x"]}',
  'null headers': '{"type":1,"headers":null,"invocationId":"1","target":"Echo","arguments":["x"]}', 'stream ids that are text': call('"target":"Echo","arguments":["x"],"streamIds":"1"'),
  'stream ids that are numbers': call('"target":"Sum","arguments":[],"streamIds":[1]'), 'an Ack without a number': '{"type":8}', 'a Sequence of 0': '{"type":9,"sequenceId":0}',
  'a comment': '{"type":6/**/}', 'a comma too many': '{"type":6,}', 'a byte order mark': '\ufeff{"type":6}', 'nesting beyond 64': call(`"target":"Echo","arguments":[${nested(63)}]`),
  'a control character': '{"type":1,"invocationId":"1","target":"Echo","arguments":["\n"]}', 'a leading zero': '{"type":06}', 'single quotes': "{'type':6}",
  'NaN': call('"target":"AddNumbers","arguments":[NaN,1]'), 'a message of 1 MB': invoke('Echo', 'x'.repeat(1_000_000)), 'a message above the largest': invoke('Echo', 'x'.repeat(2 * 1024 * 1024)),
  'a second handshake': '{"protocol":"json","version":1}',
};

// Texts one after the other; the next is sent when the message named by `until` is there.
const completed = (id) => (message) => message.startsWith(`{"type":3,"invocationId":"${id}"`);
const upload = (target, ...items) => [call(`"target":"${target}","arguments":[],"streamIds":["s"]`), ...items.map((item) => `{"type":2,"invocationId":"s","item":${item}}`)];
const sequences = {
  'Stream of 3': [start_stream('Stream', 3)], 'Stream of nothing': [start_stream('Stream', 0)], 'Stream of a negative number': [start_stream('Stream', -1)],
  'StreamFail of 2': [start_stream('StreamFail', 2)], 'StreamFail of nothing': [start_stream('StreamFail', 0)], 'Stream without arguments': [start_stream('Stream')],
  'Stream of text': [start_stream('Stream', 'x')], 'a stream of an unknown method': [start_stream('Nix')], 'a stream of Echo': [start_stream('Echo', 'x')],
  'a stream in small letters': [start_stream('stream', 1)],
  'Sum': [...upload('Sum', 1, 2, 3), '{"type":3,"invocationId":"s"}'], 'Sum of nothing': [...upload('Sum'), '{"type":3,"invocationId":"s"}'],
  'Sum that fails': [...upload('Sum', 1), '{"type":3,"invocationId":"s","error":"broken"}'],
  'Sum with a result in its end': [...upload('Sum', 1), '{"type":3,"invocationId":"s","result":5}'], 'Sum with a text': [...upload('Sum', 1, '"x"'), '{"type":3,"invocationId":"s"}'],
  'Sum with a null': [...upload('Sum', 'null'), '{"type":3,"invocationId":"s"}'],
  'Sum with two streams': [call('"target":"Sum","arguments":[],"streamIds":["s","t"]')], 'Sum with an argument': [call('"target":"Sum","arguments":[1],"streamIds":["s"]')],
  'a stream for a method without one': [call('"target":"Nothing","arguments":[],"streamIds":["s"]')],
  'EchoStream': [`{"type":4,"invocationId":"1","target":"EchoStream","arguments":[],"streamIds":["s"]}`, '{"type":2,"invocationId":"s","item":"a"}', '{"type":2,"invocationId":"s","item":"b"}', '{"type":3,"invocationId":"s"}'],
  'StreamSlow that is cancelled': [start_stream('StreamSlow', 1000, 1000), '{"type":5,"invocationId":"1"}'],
};

const script = (name, run) => ({ name: `message: ${name}`, run });

const of_handshakes = kinds.flatMap((kind) => handshakes.map((text) => script(`${kind}, handshake ${text.length > 90 ? 'with deep nesting' : text}`, async (talk) => {
  const channel = await open_channel(talk, kind);
  await channel.send(text + RS);
  await channel.collect('answer', (message) => message === '{}');
})));

const of_singles = kinds.flatMap((kind) => Object.entries(single).map(([name, text]) => script(`${kind}, ${name}`, async (talk) => {
  const channel = await open_channel(talk, kind);
  await channel.handshake();
  await channel.send(text + RS);
  await channel.send(marker + RS);
  await channel.collect('answer', is_marker);
})));

const of_sequences = kinds.flatMap((kind) => Object.entries(sequences).map(([name, texts]) => script(`${kind}, ${name}`, async (talk) => {
  const channel = await open_channel(talk, kind);
  await channel.handshake();
  for (const text of texts) await channel.send(text + RS);
  await channel.collect('answer', completed('1'));
  await channel.send(marker + RS);
  await channel.collect('afterwards', is_marker);
})));

// The hub asks its caller, who answers in the given way. The question's id is random: it is called <question>.
const answers = {
  'a result': (id) => `{"type":3,"invocationId":"${id}","result":42}`, 'an error': (id) => `{"type":3,"invocationId":"${id}","error":"no"}`,
  'no result': (id) => `{"type":3,"invocationId":"${id}"}`, 'a null': (id) => `{"type":3,"invocationId":"${id}","result":null}`,
  'a text': (id) => `{"type":3,"invocationId":"${id}","result":"x"}`, 'a number beyond 32 bits': (id) => `{"type":3,"invocationId":"${id}","result":2147483648}`,
  'a result before the id': (id) => `{"result":42,"type":3,"invocationId":"${id}"}`,
  'two answers': (id) => `{"type":3,"invocationId":"${id}","result":1}${RS}{"type":3,"invocationId":"${id}","result":2}`,
  'an answer to another question': () => '{"type":3,"invocationId":"other","result":42}', 'an item': (id) => `{"type":2,"invocationId":"${id}","item":1}`,
};
const of_questions = kinds.flatMap((kind) => Object.entries(answers).map(([name, answer]) => script(`${kind}, a question answered with ${name}`, async (talk) => {
  const channel = await open_channel(talk, kind);
  await channel.handshake();
  await channel.send(invoke('ConnectionId') + RS);
  const { message } = await channel.next();
  await channel.send(call(`"target":"AskClient","arguments":["${/"result":"([^"]*)"/.exec(message)[1]}",5,500]`).replace('<id>', talk.meaning('<id>')) + RS);
  const question = JSON.parse((await channel.next()).message);
  talk.call(question.invocationId, '<question>');
  talk.note('the question', { message: talk.clean(JSON.stringify(question)) });
  await channel.send(answer(question.invocationId) + RS);
  await channel.collect('answer', completed('1'));
  await channel.send(marker + RS);
  await channel.collect('afterwards', is_marker);
})));

// Two connections of one transport at the same hub: what reaches the other.
const of_two = kinds.map((kind) => script(`${kind}, two connections`, async (talk) => {
  const [user, group] = [crypto.randomUUID(), crypto.randomUUID()];
  talk.call(user, '<user>');
  talk.call(group, '<group>');
  const query = `user=${user}`;
  const [one, other] = [await open_channel(talk, kind, { query, hub: '/bench' }), await open_channel(talk, kind, { query, hub: '/bench' })];
  await one.handshake();
  await other.handshake();
  const ask = async (channel, who, step, ...args) => {
    await channel.send(invoke(...args) + RS);
    await channel.collect(`${step}: ${who}`, completed('1'));
  };
  await ask(other, 'the other', 'Join', 'Join', group);
  for (const [target, ...args] of [['SendGroup', group, 'to the group'], ['SendGroup', 'nobody', 'to nobody'], ['SendUser', user, 'to the user'], ['SendConnection', 'nobody', 'to nobody']]) {
    await ask(one, 'the sender', talk.clean(`${target} to ${args[0]}`), target, ...args);
  }
  await ask(other, 'the other', 'what came', 'Leave', group);
  await ask(one, 'the sender', 'SendGroup after Leave', 'SendGroup', group, 'to those who stay');
  await ask(other, 'the other', 'what came after Leave', 'Echo', 'x');
}));

const of_together = kinds.map((kind) => script(`${kind}, handshake and calls in one`, async (talk) => {
  const channel = await open_channel(talk, kind);
  await channel.send(`{"protocol":"json","version":1}${RS}${invoke('Echo', 'x')}${RS}${marker}${RS}`);
  await channel.collect('answer', is_marker);
}));

// Frames after which the connection may live: a last message is sent behind them and tells.
const frames = {
  'text': [frame('x')], 'binary': [frame('x', { opcode: 2 })], 'an empty text': [frame('')],
  'a text in three frames': [frame('a', { fin: false }), frame('b', { opcode: 0, fin: false }), frame('c', { opcode: 0 })],
  'a ping': [frame('p', { opcode: 9 })], 'an empty ping': [frame('', { opcode: 9 })], 'a ping of 125 bytes': [frame('p'.repeat(125), { opcode: 9 })],
  'a pong': [frame('p', { opcode: 10 }), frame('x')], 'a ping between fragments': [frame('a', { fin: false }), frame('p', { opcode: 9 }), frame('b', { opcode: 0 })],
  'a long form of a length': [frame('x', { length_bytes: 2 })], 'the longest form of a length': [frame('x', { length_bytes: 8 })],
  'a character over two frames': [frame(Buffer.from([0xc3]), { fin: false }), frame(Buffer.from([0xa9]), { opcode: 0 })],
};
// Frames that end it. Bytes behind what a server has read could make it reset the connection before its close frame is
// seen, so there are none: what is refused for its head has an empty payload, or only a head.
const last_frames = {
  'no mask': [frame('four', { masked: false })], 'RSV1': [frame('', { rsv: 4 })], 'RSV2': [frame('', { rsv: 2 })], 'RSV3': [frame('', { rsv: 1 })], 'opcode 3': [frame('', { opcode: 3 })],
  'opcode 11': [frame('', { opcode: 11 })], 'a continuation of nothing': [frame('', { opcode: 0 })], 'a new text within a text': [frame('a', { fin: false }), frame('')],
  'a ping in fragments': [frame('', { opcode: 9, fin: false })], 'a ping of 126 bytes': [frame('p'.repeat(126), { opcode: 9 }).subarray(0, 8)],
  'invalid UTF-8': [frame(Buffer.from([0xff]))], 'a cut character': [frame(Buffer.from([0xc3]))], 'a surrogate in UTF-8': [frame(Buffer.from([0xed, 0xa0, 0x80]))],
  'a close': [frame('', { opcode: 8 })], 'a close of one byte': [frame('x', { opcode: 8 })],
  'a close with a reason': [frame(Buffer.from([3, 232, 98, 121, 101]), { opcode: 8 })], 'a close with an invalid reason': [frame(Buffer.from([3, 232, 0xff]), { opcode: 8 })],
  'a close in fragments': [frame('', { opcode: 8, fin: false })],
  ...Object.fromEntries([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1014, 3000, 4000, 4999, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000].map((code) => [`a close with ${code}`, [close_frame(code)]])),
};
const of_frames = ['/test', '/raw'].flatMap((path) => Object.entries({ ...frames, ...last_frames }).map(([name, bytes]) => script(`frame at ${path}, ${name}`, async (talk) => {
  const channel = await open_channel(talk, 'WebSockets', { hub: path });
  if (path === '/test') await channel.handshake();
  channel.peer.write(Buffer.concat(bytes));
  if (name in frames) channel.peer.write(frame(path === '/test' ? RS : `last${RS}`));
  // Whether a hub's goodbye still comes before the answer to a close is a matter of luck at the reference.
  await channel.collect('answer', (message) => message.includes('last'), { only_end: name.startsWith('a close') });
})));

export const messages = [...of_handshakes, ...of_singles, ...of_sequences, ...of_questions, ...of_two, ...of_together, ...of_frames];
