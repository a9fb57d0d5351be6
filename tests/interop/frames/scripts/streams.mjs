// Streams to the client, streams from it, both at once, their ends and their cancellation.
import { completed, messages } from '../conversation.mjs';

const until_done = { until: completed('1') };

// What is sent, and nothing else is needed until the completion.
const whole = {
  'three numbers': (p) => p.stream('1', 'Stream', [3]),
  'no numbers': (p) => p.stream('1', 'Stream', [0]),
  'fewer than none': (p) => p.stream('1', 'Stream', [-1]),
  'two hundred numbers': (p) => p.stream('1', 'Stream', [200]),
  'with pauses': (p) => p.stream('1', 'StreamSlow', [3, 5]),
  'in small letters': (p) => p.stream('1', 'stream', [1]),
  'with an id of odd characters': (p) => p.stream('1', 'Stream', [1], { headers: { a: 'b' } }),
  'that fails after two': (p) => p.stream('1', 'StreamFail', [2]),
  'that fails at once': (p) => p.stream('1', 'StreamFail', [0]),
  'without its argument': (p) => p.stream('1', 'Stream', []),
  'with a text for a number': (p) => p.stream('1', 'Stream', ['x']),
  'with an argument too many': (p) => p.stream('1', 'Stream', [1, 2]),
  'of an unknown method': (p) => p.stream('1', 'Nix', []),
  'of a method without one': (p) => p.stream('1', 'Echo', ['x']),
  'of a method without one in small letters': (p) => p.stream('1', 'echo', ['x']),
  'of a method that fails': (p) => p.stream('1', 'Crash', []),
  'of a method for others': (p) => p.stream('1', 'AdminOnly', []),
  'of a method that takes none, with one': (p) => p.stream('1', 'Stream', [1], { streams: ['s'] }),
  'of a method that takes one, without': (p) => p.stream('1', 'EchoStream', []),
  'of a method that takes one, with two': (p) => p.stream('1', 'EchoStream', [], { streams: ['s', 't'] }),
};

const items = (p, ...values) => values.map((value) => p.item('s', value));
const sum = (p) => p.call('1', 'Sum', [], { streams: ['s'] });
const uploads = {
  'three numbers': (p) => [sum(p), ...items(p, 1, 2, 3), p.done('s')],
  'no numbers': (p) => [sum(p), p.done('s')],
  'twelve numbers, more than wait': (p) => [sum(p), ...items(p, ...Array(12).keys()), p.done('s')],
  'negative numbers': (p) => [sum(p), ...items(p, -1, -200, -70000), p.done('s')],
  'an error in place of its end': (p) => [sum(p), ...items(p, 1), p.error('s', 'broken')],
  'an error of odd characters': (p) => [sum(p), p.error('s', '"<\u00e9\u0001')],
  'a result in its end': (p) => [sum(p), ...items(p, 1), p.result('s', 5)],
  'a text for a number': (p) => [sum(p), ...items(p, 1, 'x'), p.done('s')],
  'null for a number': (p) => [sum(p), ...items(p, null), p.done('s')],
  'a fraction for a whole number': (p) => [sum(p), ...items(p, 1.5), p.done('s')],
  'items of an unknown stream between': (p) => [sum(p), p.item('other', 'x'), ...items(p, 1), p.done('s')],
  'all in one WebSocket message': (p) => [Buffer.concat([sum(p), ...items(p, 1, 2), p.done('s')])],
};

const script = (name, run) => ({ name, run });

export const streams = [
  ...Object.entries(whole).map(([name, make]) => script(`stream: ${name}`, async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('stream', client, make(protocol), until_done);
    await talk.exchange('afterwards', client, protocol.call('2', 'CancelledStreams', []));
  })),
  ...Object.entries(uploads).map(([name, make]) => script(`upload: ${name}`, async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('upload', client, make(protocol), until_done);
    await talk.exchange('afterwards', client, [protocol.item('s', 1), protocol.done('s')]);
  })),
  script('stream: without an id', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('call', client, protocol.call(undefined, 'Stream', [3]));
  }),
  script('stream: cancelled before its first item', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('cancel', client, [protocol.stream('1', 'StreamSlow', [2, 30_000]), protocol.cancel('1')], until_done);
    await talk.exchange('cancel again', client, protocol.cancel('1'));
  }),
  script('stream: cancelled between items', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('an item', client, [protocol.stream('1', 'EchoStream', [], { streams: ['s'] }), protocol.item('s', 'a')], { until: messages(1) });
    await talk.exchange('cancel', client, protocol.cancel('1'), until_done);
    await talk.exchange('an item too late', client, protocol.item('s', 'b'));
  }),
  script('stream: a call that is cancelled', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('cancel', client, [protocol.call('1', 'Delay', [2_000]), protocol.cancel('1')], until_done);
  }),
  script('stream: an id in use', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('the second', client, [protocol.stream('1', 'StreamSlow', [1, 3_000]), protocol.stream('1', 'Stream', [1])], until_done);
    await talk.exchange('cancel the first', client, protocol.cancel('1'), until_done);
    await talk.exchange('the id again', client, protocol.stream('1', 'Stream', [1]), until_done);
  }),
  script('stream: calls beside it', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('a call', client, [protocol.stream('1', 'StreamSlow', [1, 30_000]), protocol.call('2', 'Echo', ['beside'])]);
    await talk.exchange('another stream', client, protocol.stream('3', 'Stream', [2]), { until: completed('3') });
    await talk.exchange('cancel', client, protocol.cancel('1'), until_done);
  }),
  script('echo stream: item by item', async (talk, protocol) => {
    const client = await talk.open();
    const open = protocol.stream('1', 'EchoStream', [], { streams: ['s'] });
    await talk.exchange('the first', client, [open, protocol.item('s', 'a')], { until: messages(1) });
    await talk.exchange('the second', client, protocol.item('s', '\u00e9"<'), { until: messages(1) });
    await talk.exchange('an empty one', client, protocol.item('s', ''), { until: messages(1) });
    await talk.exchange('the end', client, protocol.done('s'), until_done);
  }),
  script('echo stream: two at once', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('one', client, [protocol.stream('1', 'EchoStream', [], { streams: ['s'] }), protocol.item('s', 'a')], { until: messages(1) });
    await talk.exchange('other', client, [protocol.stream('2', 'EchoStream', [], { streams: ['t'] }), protocol.item('t', 'b')], { until: messages(1) });
    await talk.exchange('the end of one', client, protocol.done('s'), until_done);
    await talk.exchange('an item of the other', client, protocol.item('t', 'c'), { until: messages(1) });
    await talk.exchange('the end of the other', client, protocol.done('t'), { until: completed('2') });
  }),
  script('echo stream: that ends by an error', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('an item', client, [protocol.stream('1', 'EchoStream', [], { streams: ['s'] }), protocol.item('s', 'a')], { until: messages(1) });
    await talk.exchange('the error', client, protocol.error('s', 'broken'), until_done);
  }),
  script('echo stream: that ends at once', async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('the end', client, [protocol.stream('1', 'EchoStream', [], { streams: ['s'] }), protocol.done('s')], until_done);
  }),
];
