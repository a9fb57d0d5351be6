// Calls of every kind with every kind of value, and their errors.
import { bytes, int64, special } from '../encoding.mjs';

const odd = '\u00e9\u4e2d\ud83d\ude00<>&\'"\\/\b\f\n\r\t\u0000\u001f\u007f\u0080\u2028\u2029\ufeff\uffff';
const record = (members) => ['EchoRecord', [members]];
const full = { name: 'n', count: int64(9007199254740993n), ratio: 1.5, flag: true, note: 'x', items: [1, -2, 2147483647], labels: { a: 'b' } };
const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));

// Method and arguments. Numbers in MessagePack are in their shortest form unless they are given as bytes.
const plain = {
  'a text': ['Echo', ['hello']], 'an empty text': ['Echo', ['']], 'null for a text': ['Echo', [null]], 'odd characters': ['Echo', [odd]],
  'a number for a text': ['Echo', [1]], 'true for a text': ['Echo', [true]], 'a list for a text': ['Echo', [['x']]], 'a map for a text': ['Echo', [{ a: 1 }]],
  'a text of 31 bytes': ['Echo', ['x'.repeat(31)]], 'a text of 32 bytes': ['Echo', ['x'.repeat(32)]], 'a text of 255 bytes': ['Echo', ['x'.repeat(255)]],
  'a text of 256 bytes': ['Echo', ['x'.repeat(256)]], 'a text of 65535 bytes': ['Echo', ['x'.repeat(65535)]], 'a text of 65536 bytes': ['Echo', ['x'.repeat(65536)]],
  'a text of 1 MB': ['Echo', ['\u00e9'.repeat(500_000)]],
  'small letters': ['echo', ['x']], 'capitals': ['ADDNUMBERS', [1, 2]], 'an underscore in the name': ['Add_Numbers', [1, 2]],
  'a sum': ['AddNumbers', [2, 3]], 'a sum of 0': ['AddNumbers', [0, 0]], 'a sum of 127': ['AddNumbers', [100, 27]], 'a sum of 128': ['AddNumbers', [100, 28]],
  'a sum of 255': ['AddNumbers', [255, 0]], 'a sum of 256': ['AddNumbers', [255, 1]], 'a sum of 65535': ['AddNumbers', [65535, 0]], 'a sum of 65536': ['AddNumbers', [65535, 1]],
  'a sum of -1': ['AddNumbers', [0, -1]], 'a sum of -32': ['AddNumbers', [-31, -1]], 'a sum of -33': ['AddNumbers', [-32, -1]], 'a sum of -128': ['AddNumbers', [-127, -1]],
  'a sum of -129': ['AddNumbers', [-128, -1]], 'a sum of -32768': ['AddNumbers', [-32767, -1]], 'a sum of -32769': ['AddNumbers', [-32768, -1]],
  'the largest number': ['AddNumbers', [2147483647, 0]], 'the smallest number': ['AddNumbers', [-2147483648, 0]], 'a sum beyond 32 bits': ['AddNumbers', [2147483647, 1]],
  'a number beyond 32 bits': ['AddNumbers', [2147483648, 2]], 'a number beyond 64 bits': ['AddNumbers', [special('18446744073709551616', 'cb 43f0000000000000'), 2]],
  'a number with a fraction': ['AddNumbers', [1.5, 2]], 'a whole number with a point': ['AddNumbers', [special('1.0', 'cb 3ff0000000000000'), 2]],
  'a whole number with an exponent': ['AddNumbers', [special('1e1', 'ca 41200000'), 2]], 'minus zero': ['AddNumbers', [-0, 2]],
  'a number in the longest form': ['AddNumbers', [special('00000002'.replace(/^0+/, ''), 'd3 0000000000000002'), special('3', 'cf 0000000000000003')]],
  'a text for a number': ['AddNumbers', ['1', 2]], 'null for a number': ['AddNumbers', [null, 2]], 'true for a number': ['AddNumbers', [true, 2]], 'a list for a number': ['AddNumbers', [[1], 2]],
  'one argument too few': ['AddNumbers', [1]], 'one argument too many': ['AddNumbers', [1, 2, 3]], 'no argument for one': ['Echo', []], 'an argument for none': ['Nothing', [1]],
  'no result': ['Nothing', []], 'a result that is null': ['UserId', []], 'the name of the node': ['NodeName', []], 'a short wait': ['Delay', [1]],
  'a hub error': ['Fail', ['no luck']], 'a hub error without a text': ['Fail', ['']], 'a hub error of odd characters': ['Fail', [odd]], 'a hub error in small letters': ['fail', ['x']],
  'another exception': ['Crash', []], 'another exception in small letters': ['crash', []], 'no right to call': ['AdminOnly', []],
  'an unknown method': ['Nix', [1]], 'an unknown method of odd characters': ['N"<\u00e9', []], 'an empty method': ['', []], 'a method of the hub class': ['OnConnectedAsync', []],
  'a method of every object': ['ToString', []], 'a call of a stream': ['Stream', [3]], 'a call of a stream in small letters': ['stream', [3]],
  'a call without the stream it wants': ['Sum', []],
  'bytes': ['EchoBytes', [bytes([0, 1, 2, 255])]], 'no bytes': ['EchoBytes', [bytes([])]], '255 bytes': ['EchoBytes', [bytes(times(255, (index) => index))]],
  '256 bytes': ['EchoBytes', [bytes(times(256, (index) => index))]], 'null for bytes': ['EchoBytes', [null]], 'a text that is no base64 for bytes': ['EchoBytes', ['!!!!']],
  'numbers for bytes': ['EchoBytes', [[1, 2]]],
  'a record': record(full), 'an empty record': record({}), 'null for a record': record(null), 'a list for a record': record([]), 'a text for a record': record('x'),
  'a record with unknown members': record({ name: 'n', other: { a: [1, null, { b: true }] }, flag: true }), 'a record with nulls': record({ name: null, note: null, items: null, labels: null }),
  'a record with null for a number': record({ count: null }), 'a record with null for a flag': record({ flag: null }), 'a record with a number for a flag': record({ flag: 1 }),
  'a record with a text for a number': record({ count: '1' }), 'a record with a fraction for a whole number': record({ count: 1.5 }),
  'a record with the largest number': record({ count: int64(9223372036854775807n) }), 'a record with the smallest number': record({ count: int64(-9223372036854775808n) }),
  'a record with a number beyond 64 bits': record({ count: int64(9223372036854775808n) }), 'a record with 32 bits': record({ count: 4294967295 }), 'a record with 33 bits': record({ count: 4294967296 }),
  'a record with -32 bits': record({ count: -2147483648 }), 'a record with -33 bits': record({ count: -2147483649 }),
  'a record with a tenth': record({ ratio: 0.1 }), 'a record with a whole ratio': record({ ratio: 5 }), 'a record with minus zero': record({ ratio: -0 }), 'a record with a third': record({ ratio: 1 / 3 }),
  'a record with a large ratio': record({ ratio: special('1e308', 'cb 7fe1ccf385ebc8a0') }), 'a record with a ratio of 1e21': record({ ratio: special('1e21', 'cb 444b1ae4d6e2ef50') }),
  'a record with a ratio of 1e16': record({ ratio: special('1e16', 'cb 4341c37937e08000') }), 'a record with a ratio of 1e15': record({ ratio: 1e15 }), 'a record with a small ratio': record({ ratio: 1e-7 }),
  'a record with a ratio of 0.00001': record({ ratio: 0.00001 }), 'a record with a ratio of 0.0001': record({ ratio: 0.0001 }), 'a record with the smallest ratio': record({ ratio: 5e-324 }),
  'a record with a ratio of 32 bits': record({ ratio: special('0.5', 'ca 3f000000') }), 'a record with a list of numbers': record({ items: times(16, (index) => index * 1000) }),
  'a record with a text in a list of numbers': record({ items: [1, 'x'] }), 'a record with null in a list of numbers': record({ items: [1, null] }), 'a record with a number for a list': record({ items: 1 }),
  'a record with labels': record({ labels: { a: '1', b: '', '\u00e9"': odd } }), 'a record with labels out of order': record({ labels: { b: '1', a: '2', C: '3' } }),
  'a record with 16 labels': record({ labels: Object.fromEntries(times(16, (index) => [String.fromCharCode(97 + index), `${index}`])) }), 'a record with numbers for labels': record({ labels: { a: 1 } }),
  'a record with null for a label': record({ labels: { a: null } }), 'a record with a list for labels': record({ labels: [] }), 'a record with odd characters': record({ name: odd, note: odd }),
  'a record with a note that is empty': record({ note: '' }), 'a record in other letter case': record({ NAME: 'n', Count: 1 }),
  'a message to the caller': ['Notify', ['hello']], 'a message of null to the caller': ['Notify', [null]], 'a message of odd characters to the caller': ['Notify', [odd]], 'three messages to the caller': ['Burst', [3]],
  'no messages to the caller': ['Burst', [0]],
};

// The call's other parts.
const parts = {
  'no id': (p) => p.call(undefined, 'Notify', ['x']),
  'no id and a hub error': (p) => p.call(undefined, 'Fail', ['x']),
  'no id and an unknown method': (p) => p.call(undefined, 'Nix', []),
  'no id and wrong arguments': (p) => p.call(undefined, 'AddNumbers', ['x']),
  'no id and a method with a result': (p) => p.call(undefined, 'Echo', ['x']),
  'an empty id': (p) => p.call('', 'Echo', ['x']),
  'an id of odd characters': (p) => p.call(odd, 'Echo', ['x']),
  'an id of 300 bytes': (p) => p.call('i'.repeat(300), 'Echo', ['x']),
  'headers': (p) => p.call('1', 'Echo', ['x'], { headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', a: '' } }),
  'an empty list of streams': (p) => p.call('1', 'Echo', ['x'], { streams: [] }),
  'a stream that is not wanted': (p) => p.call('1', 'Echo', ['x'], { streams: ['s'] }),
  'two streams for one': (p) => p.call('1', 'Sum', [], { streams: ['s', 't'] }),
  'a stream and an argument too many': (p) => p.call('1', 'Sum', [1], { streams: ['s'] }),
  'two calls in one WebSocket message': (p) => Buffer.concat([p.call('1', 'Delay', [5]), p.call('2', 'Echo', ['x'])]),
  'two calls with one id': (p) => Buffer.concat([p.call('1', 'Echo', ['x']), p.call('1', 'Echo', ['y'])]),
};

const script = (name, make) => ({
  name: `call: ${name}`,
  run: async (talk, protocol) => {
    const client = await talk.open();
    await talk.exchange('call', client, make(protocol));
  },
});

export const calls = [
  ...Object.entries(plain).map(([name, [target, args]]) => script(name, (protocol) => protocol.call('1', target, args))),
  ...Object.entries(parts).map(([name, make]) => script(name, make)),
  {
    name: 'call: in pieces',
    run: async (talk, protocol) => {
      const client = await talk.open();
      const all = protocol.call('1', 'Echo', ['in pieces']);
      await talk.exchange('call', client, [all.subarray(0, 1), all.subarray(1, 9), all.subarray(9)]);
    },
  },
];
