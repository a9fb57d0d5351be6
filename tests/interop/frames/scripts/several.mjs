// What reaches other connections, and questions of the server to its clients.
import { completed, messages } from '../conversation.mjs';
import { packed, special } from '../encoding.mjs';

const hub = '/bench';

// Broadcasts reach the connections of all scripts at their hub, so these run one after the other at a hub of their own.
const alone = [
  ['broadcast: to all', async (talk, protocol) => {
    const [a, b, c] = [await talk.open('a', { hub }), await talk.open('b', { hub }), await talk.open('c', { hub })];
    await talk.exchange('to all', a, protocol.call('1', 'Broadcast', ['to all']), { others: [b, c] });
    await talk.exchange('to all, without an id', b, protocol.call(undefined, 'Broadcast', ['\u00e9"<']), { others: [a, c] });
    await talk.exchange('null to all', c, protocol.call('2', 'Broadcast', [null]), { others: [a, b] });
    await talk.exchange('a large text to all', c, protocol.call('3', 'Broadcast', ['x'.repeat(70_000)]), { others: [a, b] });
  }],
  ['broadcast: to the others', async (talk, protocol) => {
    const [a, b] = [await talk.open('a', { hub }), await talk.open('b', { hub })];
    await talk.exchange('to the others', a, protocol.call('1', 'SendOthers', ['to the others']), { others: [b] });
    await talk.exchange('three of them', b, [1, 2, 3].map((number) => protocol.call(undefined, 'SendOthers', [`${number}`])), { others: [a] });
  }],
  ['broadcast: to nobody else', async (talk, protocol) => {
    const a = await talk.open('a', { hub });
    await talk.exchange('to the others', a, protocol.call('1', 'SendOthers', ['nobody']));
  }],
];

const together = [
  ['group: joined and left', async (talk, protocol) => {
    const [a, b] = [await talk.open('a'), await talk.open('b')];
    const send = (name, text) => protocol.call('1', 'SendGroup', [name, text]);
    await talk.exchange('join', b, protocol.call('1', 'Join', ['reds']));
    await talk.exchange('to the group', a, send('reds', 'one'), { others: [b] });
    await talk.exchange('to another', a, send('Reds', 'letter case counts'), { others: [b] });
    await talk.exchange('join twice', b, protocol.call('1', 'Join', ['reds']));
    await talk.exchange('to the group once', a, send('reds', 'two'), { others: [b] });
    await talk.exchange('the sender joins', a, protocol.call('1', 'Join', ['reds']));
    await talk.exchange('to both', a, send('reds', 'three'), { others: [b] });
    await talk.exchange('leave', b, protocol.call('1', 'Leave', ['reds']));
    await talk.exchange('to who stays', a, send('reds', 'four'), { others: [b] });
    await talk.exchange('leave what was never joined', b, protocol.call('1', 'Leave', ['never']));
  }],
  ['group: odd names', async (talk, protocol) => {
    const a = await talk.open('a');
    await talk.exchange('an empty name', a, [protocol.call('1', 'Join', ['']), protocol.call('2', 'SendGroup', ['', 'x'])]);
    await talk.exchange('odd characters', a, [protocol.call('1', 'Join', ['\u00e9"<']), protocol.call('2', 'SendGroup', ['\u00e9"<', 'x'])]);
    await talk.exchange('no name', a, protocol.call('1', 'Join', [null]));
    await talk.exchange('nobody there', a, protocol.call('1', 'SendGroup', ['nobody there', 'x']));
  }],
  ['user: two connections of one', async (talk, protocol) => {
    const [a, b, c] = [await talk.open('a', { query: '?user=Ann' }), await talk.open('b', { query: '?user=Ann' }), await talk.open('c', { query: '?user=ann' })];
    await talk.exchange('who', a, protocol.call('1', 'UserId', []));
    await talk.exchange('to the user', c, protocol.call('1', 'SendUser', ['Ann', 'hi Ann']), { others: [a, b] });
    await talk.exchange('to herself', c, protocol.call('1', 'SendUser', ['ann', 'hi ann']), { others: [a, b] });
    await talk.exchange('to nobody', c, protocol.call('1', 'SendUser', ['nobody', 'lost']));
  }],
  ['connection: by its id', async (talk, protocol) => {
    const [a, b] = [await talk.open('a'), await talk.open('b')];
    const id = await talk.id_of(b);
    await talk.exchange('its own id', b, protocol.call('1', 'ConnectionId', []));
    await talk.exchange('to the other', a, protocol.call('1', 'SendConnection', [id, 'for you']), { others: [b] });
    await talk.exchange('to nobody', a, protocol.call('1', 'SendConnection', ['nobody', 'lost']));
  }],
];

// The hub asks its caller, who answers in the given way.
const answers = {
  'a result': (p, id) => p.result(id, 42),
  'an error': (p, id) => p.error(id, 'no'),
  'an error of odd characters': (p, id) => p.error(id, '"<\u00e9'),
  'an empty error': (p, id) => p.error(id, ''),
  'no result': (p, id) => p.done(id),
  'a null': (p, id) => p.result(id, null),
  'a text': (p, id) => p.result(id, 'x'),
  'a number with a fraction': (p, id) => p.result(id, 1.5),
  'a number beyond 32 bits': (p, id) => p.result(id, special('2147483648', 'ce80000000')),
  'a result that is missing': (p, id) => p.raw(`94 03 80 ${packed(id).toString('hex')} 03`),
  'two answers': (p, id) => [p.result(id, 1), p.result(id, 2)],
};

const in_bytes_only = ['a result that is missing'];
const questions = Object.entries(answers).map(([name, answer]) => [`question: answered with ${name}`, async (talk, protocol) => {
  const a = await talk.open('a');
  const own = await talk.id_of(a);
  const [{ id }] = await talk.exchange('question', a, protocol.call('1', 'AskClient', [own, 5, 20_000]), { until: messages(1) });
  await talk.exchange('answer', a, answer(protocol, id), { until: completed('1') });
  await talk.exchange('afterwards', a, protocol.call('2', 'Echo', ['x']));
}, in_bytes_only.includes(name) ? 'messagepack' : undefined]);

const unanswered = [
  ['question: to another', async (talk, protocol) => {
    const [a, b] = [await talk.open('a'), await talk.open('b')];
    const other = await talk.id_of(b);
    a.write(protocol.call('1', 'AskClient', [other, -7, 20_000]));
    const [{ id }] = await talk.exchange('question', b, [], { until: messages(1) });
    await talk.exchange('answer', b, protocol.result(id, 70_000));
    await talk.exchange('result', a, [], { until: completed('1') });
  }],
  ['question: not answered in time', async (talk, protocol) => {
    const a = await talk.open('a');
    const own = await talk.id_of(a);
    await talk.exchange('question', a, protocol.call('1', 'AskClient', [own, 5, 100]), { until: completed('1') });
  }],
  ['question: answered too late', async (talk, protocol) => {
    const a = await talk.open('a');
    const own = await talk.id_of(a);
    const [{ id }] = await talk.exchange('question', a, protocol.call('1', 'AskClient', [own, 5, 100]), { until: completed('1') });
    await talk.exchange('answer', a, protocol.result(id, 1));
  }],
];

export const several = [
  ...alone.map(([name, run]) => ({ name, run, alone: true })),
  ...[...together, ...questions, ...unanswered].map(([name, run, only]) => ({ name, run, only })),
];
