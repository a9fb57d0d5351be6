// Pings, closes, ends, and messages that nobody waits for.
import { end, messages } from '../conversation.mjs';

const quiet = {
  'a ping': (p) => p.ping(),
  'three pings': (p) => Buffer.concat([p.ping(), p.ping(), p.ping()]),
  'a result for nobody': (p) => p.result('x', 1),
  'an error for nobody': (p) => p.error('x', 'e'),
  'an end for nobody': (p) => p.done('x'),
  'a cancel for nobody': (p) => p.cancel('x'),
  'an item for nobody': (p) => p.item('x', 1),
  'an Ack': (p) => p.numbered(8, 1),
  'a Sequence': (p) => p.numbered(9, 1),
};

const last = {
  'a close': (p) => p.close(),
  'a close with an error': (p) => p.close('sad'),
  'a close with permission to come back': (p) => p.close(undefined, true),
  'a close behind a call': (p) => [p.call('1', 'Echo', ['x']), p.close()],
  'an abort': (p) => p.call('1', 'Abort', []),
  'an abort without an id': (p) => p.call(undefined, 'Abort', []),
};

export const lives = [
  ...Object.entries(quiet).map(([name, make]) => ({
    name: `life: ${name}`,
    run: async (talk, protocol) => {
      const client = await talk.open();
      await talk.exchange('message', client, make(protocol));
    },
  })),
  ...Object.entries(last).map(([name, make]) => ({
    name: `life: ${name}`,
    run: async (talk, protocol) => {
      const client = await talk.open();
      await talk.exchange('message', client, make(protocol), { until: end });
    },
  })),
  {
    name: 'life: pings of the server',
    run: async (talk) => {
      const client = await talk.open();
      await talk.exchange('silence', client, [], { until: messages(1), pings: true });
    },
  },
];
