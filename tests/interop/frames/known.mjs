// Where hubbub's frames are not those of ASP.NET Core, and why. docs/compatibility.md has its table of frames from here:
// `node document.mjs` writes it, and a test says so when it was forgotten.
//
//   what, reference, ours, why   the table's cells
//   where      "protocol, script: step", a pattern
//   gets       what the sender must get instead, made with the protocol's functions and the exchange
//   rewrite    or: how each message of ASP.NET Core is to be rewritten, for all that get one
//
// Either way the bytes that hubbub must send are fixed, and its connections must end as `ends` says: not at all without it.
import { bytes, special } from './encoding.mjs';

const zero = special('0', 'cb 0000000000000000');
const empty_record = { name: '', count: 0, ratio: zero, flag: false, note: null, items: [], labels: {} };
const record = (members) => (p) => [p.result('1', { ...empty_record, ...members })];
const failed = (method, problem = '') => `An unexpected error occurred invoking '${method}' on the server.${problem && ` HubException: ${problem}`}`;
const unbound = (method) => (p) => [p.error('1', `Failed to invoke '${method}' due to an error on the server.`)];
const nothing = () => [];

export const known = [
  // Values.
  { what: 'JSON: characters beyond the first plane, U+FEFF and U+FFFF', reference: 'escaped', ours: 'as they are', why: 'They need no escape, and take fewer bytes without one.',
    where: /^json, (call: (odd characters|a record with labels|a record with odd characters|a message of odd characters to the caller|an id of odd characters|a hub error of odd characters)|hostile: escapes in the method): /,
    rewrite: (text) => text.replaceAll('\\uD83D\\uDE00', '\u{1f600}').replaceAll('\\uFEFF', '\ufeff').replaceAll('\\uFFFF', '\uffff') },
  { what: 'JSON: a number with an exponent', reference: '`1E-07`', ours: '`1e-07`', why: 'It is what C++ writes, and the same number.',
    where: /^json, call: a record with (a large ratio|a ratio of 1e21|a small ratio|a ratio of 0.00001|the smallest ratio): /, rewrite: (text) => text.replace(/E([+-])/, 'e$1') },
  { what: 'JSON: a number that is shorter with an exponent than without', reference: '`10000000000000000`, `0.0001`', ours: '`1e+16`, `1e-04`', why: 'The shortest text that is the number.',
    where: /^json, call: a record with a ratio of (1e16|0.0001): /, rewrite: (text) => text.replace('10000000000000000', '1e+16').replace('0.0001', '1e-04') },
  { what: 'a map', reference: 'in the order it was filled', ours: 'a `std::map` in the order of its keys', why: 'Its elements have no other order.',
    where: /, call: a record with labels out of order: /, gets: record({ labels: { C: '3', a: '2', b: '1' } }) },
  { what: '`null` for bytes', reference: '`null`', ours: 'no bytes', why: 'A value that is no `std::optional` is never missing.',
    where: /, call: null for bytes: /, gets: (p) => [p.result('1', bytes([]))] },
  { what: '`null` for a text, list or map in a record', reference: '`null`, but for a text in MessagePack', ours: 'an empty one', why: 'A value that is no `std::optional` is never missing.',
    where: /, call: a record with nulls: /, gets: record({}) },
  { what: '`null` for a text in a map', reference: '`null`', ours: 'an empty text', why: 'A value that is no `std::optional` is never missing.',
    where: /, call: a record with null for a label: /, gets: record({ labels: { a: '' } }) },
  { what: '`null` for a text that is sent on', reference: '`null`', ours: 'an empty text', why: 'A value that is no `std::optional` is never missing.',
    where: /, (call: a message of null to the caller|broadcast: to all: null to all)/, rewrite: (text) => text.replace('"arguments":[null]', '"arguments":[""]').replace('91c090', '91a090') },
  { what: '`null` for a record', reference: '`null`', ours: 'the call fails', why: 'A structure has no empty value; `std::optional` takes it.',
    where: /, call: null for a record: /, gets: unbound('EchoRecord') },
  { what: 'JSON: a number beyond `double`', reference: 'the connection ends', ours: 'the call fails', why: 'The message is well formed: what does not fit is an argument.',
    where: /^json, hostile: a ratio beyond double: /, gets: unbound('EchoRecord') },
  { what: 'MessagePack: a float without a fraction for an integer', reference: 'the call fails', ours: 'converts', why: 'In JavaScript all numbers are floats.',
    where: /^messagepack, call: (a whole number with a point|a whole number with an exponent|minus zero): /,
    gets: (p, { script }) => [p.result('1', { 'call: a whole number with a point': 3, 'call: a whole number with an exponent': 12, 'call: minus zero': 2 }[script])] },
  { what: 'MessagePack: a list for a record', reference: 'the call fails', ours: 'its members in their order', why: 'Clients in other languages send structures as lists.',
    where: /^messagepack, call: a list for a record: /, gets: record({}) },
  { what: 'MessagePack: members of a record in other letter case', reference: 'are unknown', ours: 'are found', why: 'The same as in JSON, where ASP.NET Core finds them, too.',
    where: /^messagepack, call: a record in other letter case: /, gets: record({ name: 'n', count: 1 }) },

  // Methods and their errors.
  { what: 'an underscore in the name of a method', reference: 'is another name', ours: 'does not matter', why: 'A C++ method `add_numbers` is `AddNumbers` for clients.',
    where: /, call: an underscore in the name: /, gets: (p) => [p.result('1', 3)] },
  { what: 'MessagePack: a stream of a method that has none, in other letter case', reference: 'the error names it as it was sent', ours: 'the error names it as declared', why: 'The same as in JSON, and as in all other errors.',
    where: /^messagepack, stream: of a method without one in small letters: stream/,
    gets: (p) => [p.error('1', "The client attempted to invoke the non-streaming 'Echo' method with a streaming invocation.")] },
  { what: 'a group with an empty name', reference: 'is a group', ours: 'the method fails', why: 'Mostly a value that was forgotten.',
    where: /, group: odd names: an empty name$/, gets: (p) => [p.error('1', failed('Join')), p.error('2', failed('SendGroup'))] },

  // Cancellation.
  { what: 'the cancellation of a call that is no stream', reference: 'is ignored', ours: 'fires the cancellation of the method', why: 'Who gave up should not hold the server; ASP.NET Core 11 does the same.',
    where: /, stream: a call that is cancelled: /, gets: (p) => [p.error('1', failed('Delay'))] },
  { what: 'the cancellation of a stream whose id was used a second time meanwhile', reference: 'is lost', ours: 'works', why: 'The refused second call must not harm the first.',
    where: /, stream: an id in use: cancel the first$/, gets: (p) => [p.done('1')] },

  // Results of clients.
  { what: 'a client that answers nothing where a result is due', reference: 'the text of a .NET exception', ours: "`Client didn't provide a result.`", why: 'It says what is missing.',
    where: /, question: answered with no result: answer/, gets: (p) => [p.error('1', failed('AskClient', "Client didn't provide a result."))] },
  { what: 'a client\'s result of another type', reference: "the .NET type, and the words of .NET's reader", ours: 'the C++ type', why: 'There are no .NET types.',
    where: /, question: answered with (a null|a text|a number with a fraction|a number beyond 32 bits): answer/,
    gets: (p) => [p.error('1', failed('AskClient', 'Error trying to deserialize result to int.'))] },
  { what: 'MessagePack: a result that is missing, for a question that waits for it', reference: 'the call that asked fails', ours: 'the connection ends', why: 'A completion that announces a result and has none breaks the protocol, whatever its id; ASP.NET Core ends the connection for all other ids.',
    where: /, question: answered with a result that is missing: (answer|afterwards)/,
    gets: (p, { step }) => step === 'answer' ? [p.close('Connection closed with an error.', true)] : [], ends: 'close 1000' },

  // Broken messages.
  { what: 'a message of an unknown type', reference: 'nothing more is read from the connection', ours: 'is skipped', why: 'The protocol says so, for types of later versions.',
    where: /, hostile: (an unknown type|type 0|a negative type): /, gets: nothing },
  { what: 'MessagePack: nil for the headers', reference: 'the connection ends', ours: 'no headers', why: 'There is one way to read it.',
    where: /^messagepack, hostile: nil for headers: /, gets: (p) => [p.result('1', 'x')] },
  { what: 'MessagePack: a message announced as longer than the limit', reference: 'is refused when so much has come', ours: 'is refused at once', why: 'The bytes need not be carried first.',
    where: /^messagepack, hostile: a length above the limit: /, gets: (p) => [p.close('Connection closed with an error.', true)], ends: 'close 1000' },
];
