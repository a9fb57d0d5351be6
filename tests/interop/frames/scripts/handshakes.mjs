// Good and bad handshakes, and what may come right behind one.
import { handshake } from '../encoding.mjs';
import { end, messages } from '../conversation.mjs';

const deep = `${'['.repeat(70)}${']'.repeat(70)}`;

// After these the hub serves.
const good = {
  'version 1': (name) => `{"protocol":"${name}","version":1}`,
  'version 2': (name) => `{"protocol":"${name}","version":2}`,
  'version 0': (name) => `{"protocol":"${name}","version":0}`,
  'a negative version': (name) => `{"protocol":"${name}","version":-7}`,
  'the version first': (name) => `{"version":1,"protocol":"${name}"}`,
  'white space': (name) => ` {\r\n "protocol" :\t"${name}" , "version" : 1 } `,
  'capitals in the name': (name) => `{"protocol":"${name.toUpperCase()}","version":1}`,
  'unknown members': (name) => `{"a":{"b":[null]},"protocol":"${name}","version":1,"type":1,"error":"x"}`,
  'members twice': (name) => `{"protocol":"none","protocol":"${name}","version":9,"version":1}`,
  'escapes in the name': (name) => `{"pr\\u006ftocol":"\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}","version":1}`,
  'bytes behind the object': (name) => `{"protocol":"${name}","version":1}behind`,
};

const bad = {
  'version 3': (name) => `{"protocol":"${name}","version":3}`,
  'a large version': (name) => `{"protocol":"${name}","version":2147483647}`,
  'a version beyond 32 bits': (name) => `{"protocol":"${name}","version":2147483648}`,
  'a version with a fraction': (name) => `{"protocol":"${name}","version":1.5}`,
  'a version that is text': (name) => `{"protocol":"${name}","version":"1"}`,
  'a version that is null': (name) => `{"protocol":"${name}","version":null}`,
  'no version': (name) => `{"protocol":"${name}"}`,
  'no protocol': () => '{"version":1}',
  'an unknown protocol': () => '{"protocol":"xyz","version":1}',
  'an unknown protocol of a high version': () => '{"protocol":"xyz","version":9}',
  'an unknown protocol with odd characters': () => '{"protocol":"xyz\'<>&\\"\u00e9\u2028","version":1}',
  'an empty protocol': () => '{"protocol":"","version":1}',
  'a protocol that is null': () => '{"protocol":null,"version":1}',
  'a protocol that is a number': () => '{"protocol":7,"version":1}',
  'names in capitals': (name) => `{"PROTOCOL":"${name}","VERSION":1}`,
  'an empty object': () => '{}',
  'an array': () => '[]',
  'a null': () => 'null',
  'a number': () => '1',
  'a hub message': () => '{"type":6}',
  'deep nesting': (name) => `{"protocol":"${name}","version":1,"x":${deep}}`,
};

const script = (name, run) => ({ name: `handshake: ${name}`, run });

export const handshakes = [
  ...Object.entries(good).map(([name, text]) => script(name, async (talk, protocol) => {
    const client = await talk.connect();
    await talk.exchange('handshake', client, Buffer.from(`${text(protocol.name)}\u001e`), { until: messages(1) });
    await talk.exchange('a call', client, protocol.call('1', 'Echo', ['x']));
  })),
  ...Object.entries(bad).map(([name, text]) => script(name, async (talk, protocol) => {
    const client = await talk.connect();
    await talk.exchange('handshake', client, Buffer.from(`${text(protocol.name)}\u001e`), { until: end });
  })),
  script('byte by byte', async (talk, protocol) => {
    const client = await talk.connect();
    await talk.exchange('handshake', client, [...handshake(protocol.name)].map((byte) => Buffer.from([byte])), { until: messages(1) });
    await talk.exchange('a call', client, protocol.call('1', 'Echo', ['x']));
  }),
  script('with calls behind it in one WebSocket message', async (talk, protocol) => {
    const client = await talk.connect();
    const all = [handshake(protocol.name), protocol.call('1', 'Echo', ['x']), protocol.call('2', 'AddNumbers', [1, 2])];
    await talk.exchange('handshake and calls', client, Buffer.concat(all));
  }),
  script('in pieces across the messages behind it', async (talk, protocol) => {
    const client = await talk.connect();
    const all = Buffer.concat([handshake(protocol.name), protocol.call('1', 'Echo', ['x'])]);
    await talk.exchange('handshake and a call', client, [all.subarray(0, 10), all.subarray(10, -3), all.subarray(-3)]);
  }),
  script('none in time', async (talk) => {
    const client = await talk.connect();
    await talk.exchange('silence', client, [], { until: end });
  }),
];
