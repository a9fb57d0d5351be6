// The wanted differences: what hubbub answers otherwise than ASP.NET Core, and why. docs/compatibility.md tells users of
// those that they may notice.
//
//   where      "script: step", a pattern
//   status     "ours/reference", when only answers with these count; a missing answer is "none"
//   field      one field of the answer; without it all of its fields may differ
//   ours, reference   the field's values: a text, a pattern, or undefined for a field that is not there
//
// Entries that differ in one field only name its values, so that a change in either server's answer is seen.
const anywhere = /^/;
const missing = undefined;
const words = /^[A-Za-z][^{}<>]*$/;
const record = (members) => `{"type":3,"invocationId":"1","result":{"name":"",${members},"flag":false,"note":null,"items":[],"labels":{}}}`;
const completion = (rest) => `{"type":3,"invocationId":"1",${rest}}`;
const hub_error = (text) => completion(`"error":"An unexpected error occurred invoking 'AskClient' on the server. HubException: ${text}"`);

export const known = [
  // What every answer has, or the reference's has not.
  { why: 'An answer of negotiation carries a secret, so caches are told to keep nothing.',
    where: anywhere, status: '200/200', field: 'cache-control', ours: 'no-store', reference: missing },
  { why: 'With a list of allowed origins every answer of a hub says that it depends on the origin.',
    where: anywhere, field: 'vary', ours: 'Origin', reference: missing },
  { why: 'An event stream ends with its connection, and its head says so.',
    where: /^connection: .*(an event stream|Accept|from the allowed origin|start)/, field: 'connection', ours: 'close', reference: missing, status: '200/200' },
  { why: 'What was refused is said in words; Kestrel and the router send no body.',
    where: anywhere, field: 'body', ours: words, reference: '', status: /^(400|404|405|408|413|417|426|431|501|505)\/\1$/ },
  { why: 'What was refused is said in words; Kestrel and the router send no content type.',
    where: anywhere, field: 'content-type', ours: 'text/plain; charset=utf-8', reference: missing, status: /^(400|404|405|408|413|417|426|431|501|505)\/\1$/ },
  { why: 'A 401 has the content type of the other empty answers.',
    where: anywhere, field: 'content-type', ours: 'text/plain', reference: missing, status: '401/401' },

  // Requests.
  { why: 'The letter case of methods counts, as HTTP says.',
    where: /^method: (get|Post) \/test/ },
  { why: 'NUL behind a number is no part of a number; .NET forgives it.',
    where: /^negotiate: .*=1%00: /, field: 'body', ours: '{"error":"The client requested a non-integer protocol version."}', reference: /^\{"negotiateVersion":1,/ },
  { why: 'Angle brackets, quotes and # do not belong in a request target; browsers encode them.',
    where: /^negotiate: \?negotiateVersion=1(&x=[<>"]|#negotiateVersion=0): /, status: '400/200' },
  { why: 'Paths are taken as they are: clients resolve dots before they ask.',
    where: /^path: POST \/(test\/\.|x\/\.\.|test\/%2e)\/(test\/)?negotiate: /, status: '404/200' },
  { why: 'Of an item that comes twice the first counts; .NET joins them with a comma.',
    where: /^connection: the token given twice, / },
  { why: 'Of an item that comes twice the first counts; .NET joins them with a comma.',
    where: /^connection: \w+, two users: the user/, field: 'message 1', ours: completion('"result":"a"'), reference: completion('"result":"a,b"') },
  { why: 'A token is valid only at the hub that gave it.',
    where: /^connection: another hub's token, /, status: /^404\/(200|101|400)$/ },
  { why: 'A media type with an empty parameter is one with parameters: Long Polling.',
    where: /^connection: Accept: text\/event-stream; : /, status: '200/200' },
  { why: 'Bytes of a POST that cannot be read are a matter of HTTP, so the connection ends.',
    where: /^connection: a POST with bad chunks: /, status: '400/400' },

  // The plain WebSockets: the reference program has an echo of its own there, without ASP.NET Core's transports.
  { why: 'A plain WebSocket tells others what it speaks; the reference program answers 400 by itself.',
    where: / \/raw: /, status: '426/400' },
  { why: 'A plain WebSocket refuses pages of other sites unless they are allowed; the reference program asks nobody.',
    where: /^upgrade: (the allowed origin|a foreign origin|the origin null) at \/raw: /, status: '403/101' },
  { why: 'A plain WebSocket says in a close frame what was wrong; the reference program just leaves.',
    where: /^message: frame at \/(test|raw), /, field: 'end', ours: /^close 100[27]$/, reference: 'cut' },
  { why: 'A plain WebSocket answers an empty close with an empty one.',
    where: /^message: frame at \/raw, a close: /, field: 'end', ours: 'close without a code', reference: 'close 1000' },

  // CORS.
  { why: 'CORS belongs to hubs, not to paths that are none.',
    where: /^cors: (preflight of POST at \/raw|a wrong path from the allowed origin): /, field: /^access-control-/, ours: missing },
  { why: 'A preflight of a path that is no hub finds nothing.',
    where: /^cors: preflight of POST at \/nowhere: /, status: '404/204' },
  { why: 'Scripts cannot see the answer of an upgrade, so it carries no CORS headers.',
    where: /(^upgrade: the allowed origin at|^connection: WebSockets from the allowed origin: the start)/, field: /^access-control-allow-(origin|credentials)$/, ours: missing, status: '101/101' },
  { why: 'Asked-for headers are echoed as they came.',
    where: /^cors: preflight with many headers: /, field: 'access-control-allow-headers', ours: 'A, b,c ,  x-odd_1', reference: 'A,b,c,x-odd_1' },
  { why: 'Origins are compared as origins: letter case and the scheme\'s own port do not matter.',
    where: /^cors: .*the origin (in capitals|with its port): /, field: /^access-control-/, reference: missing },

  // Tokens: the reference program reads them by hand, less strictly than the middleware of ASP.NET Core.
  { why: 'A token from the future, one with an unknown critical header or with padding is none; the reference program does not look.',
    where: /^auth: (a crit header|nbf in the future|a padded signature): /, status: '401/200' },
  { why: 'exp is a number, with a fraction or beyond 64 bits, too; the reference program wants 64 bits.',
    where: /^auth: exp (with a fraction|beyond 64 bits): /, status: '200/401' },
  { why: 'A list of roles is several roles; the reference program reads texts only.',
    where: /^connection: \w+ at \/auth, two roles: the role/, field: 'message 1', ours: completion('"result":"granted"'), reference: /is unauthorized"\}$/ },
  { why: 'A sub that is a number is its digits; the reference program reads texts only.',
    where: /^connection: \w+ at \/auth, a sub that is a number: the user/, field: 'message 1', ours: completion('"result":"7"'), reference: completion('"result":null') },

  // Upgrades.
  { why: 'An upgrade with another version of WebSocket learns which one is spoken.',
    where: /^upgrade: (no version|an empty version|version \d+|a version that is text) at \/test: /, status: '426/400' },
  { why: 'An upgrade with two versions is ambiguous; Kestrel takes the one that it knows.',
    where: /^upgrade: two versions/, status: '426/101' },
  { why: 'An upgrade with a wrong key learns what was wrong; the reference takes it for a poll.',
    where: /^upgrade: (no key|an empty key|a short key|a key of 1[57] bytes|a key that is no base64|two keys)( at \/test)?: /, status: '400/400' },
  { why: 'HTTP/1.0 has no upgrades.',
    where: /^upgrade: HTTP\/1.0: /, status: '400/101' },

  // Framing of HTTP.
  { why: 'A POST of HTTP/1.0 without a length has no body.',
    where: /^framing: HTTP\/1.0 without a length: /, status: '200/400' },
  { why: 'What is no version at all is a bad request.',
    where: /^framing: a version in small letters: /, status: '400/505' },
  { why: 'A length is digits only.',
    where: /^framing: a length with a plus: /, status: '400/200' },
  { why: 'A length and chunks could be read in two ways.',
    where: /^framing: length and chunks: /, status: '400/200' },
  { why: 'A body above the limit is refused before it is read, also where nobody reads it.',
    where: /^framing: a length above the limit: /, status: '413/200' },
  { why: 'No transfer coding but chunked is known, and 501 says so.',
    where: /^framing: (gzip as transfer encoding|chunked and gzip|identity|gzip and chunked): /, status: /^501\/(400|200)$/ },
  { why: 'Lines end with CR LF.',
    where: /^framing: bare line feeds: /, status: '400/400' },
  { why: 'A request target starts with a slash, or names a scheme.',
    where: /^framing: (a target without a slash|CONNECT): /, status: /^400\/(405|404)$/ },
  { why: 'HTTP allows bytes above 127 in the values of headers.',
    where: /^framing: bytes above 127 in a header: /, status: '400/400' },
  { why: 'Request line and headers share one limit of 32 KiB; Kestrel has 8 KiB for the line.',
    where: /^framing: a target of 10 KB: /, status: '400/414' },
  { why: 'An expectation that cannot be met is answered 417.',
    where: /^framing: another expectation: /, status: '417/200' },
  { why: 'The preface of HTTP/2 is answered like any version that is not spoken.',
    where: /^framing: the preface of HTTP\/2: /, status: '505/none' },

  // Frames of WebSockets.
  { why: 'A length must have its shortest form.',
    where: /^message: frame at \/(test|raw), (a long|the longest) form of a length: / },
  { why: 'A reason that is no UTF-8 is answered with the code for it.',
    where: /^message: frame at .*, a close with an invalid reason: /, field: 'end', ours: 'close 1007', reference: 'close 1002' },

  // Hub messages.
  { why: 'A message of an unknown type is skipped; the reference stalls.',
    where: /^message: \w+, (an unknown type|type 99|type -1|type 0): / },
  { why: 'An underscore in a method\'s name does not matter.',
    where: /^message: \w+, an underscore in the name: /, field: 'message 1', ours: completion('"result":3'), reference: /Method does not exist/ },
  { why: 'null for a text is an empty one.',
    where: /^message: \w+, Notify of null: /, field: 'message 1', ours: '{"type":1,"target":"Receive","arguments":[""]}', reference: '{"type":1,"target":"Receive","arguments":[null]}' },
  { why: 'null for bytes is none of them.',
    where: /^message: \w+, EchoBytes of null: /, field: 'message 1', ours: completion('"result":""'), reference: completion('"result":null') },
  { why: 'null for a structure does not bind: it has no empty value.',
    where: /^message: \w+, EchoRecord of null: /, field: 'message 1', ours: completion('"error":"Failed to invoke \'EchoRecord\' due to an error on the server."'), reference: completion('"result":null') },
  { why: 'null for a text, list or map is an empty one.',
    where: /^message: \w+, EchoRecord with nulls: /, field: 'message 1', ours: record('"count":0,"ratio":0'), reference: completion('"result":{"name":null,"count":0,"ratio":0,"flag":false,"note":null,"items":null,"labels":null}') },
  { why: 'Exponents have a small e.',
    where: /^message: \w+, EchoRecord of large numbers: /, field: 'message 1', ours: record('"count":9223372036854775807,"ratio":1e+308'), reference: record('"count":9223372036854775807,"ratio":1E+308') },
  { why: 'Exponents have a small e.',
    where: /^message: \w+, EchoRecord of a tiny ratio: /, field: 'message 1', ours: record('"count":0,"ratio":1e-07'), reference: record('"count":0,"ratio":1E-07') },
  { why: 'Exponents have a small e.',
    where: /^message: \w+, EchoRecord of a great ratio: /, field: 'message 1', ours: record('"count":0,"ratio":1e+21'), reference: record('"count":0,"ratio":1E+21') },
  { why: 'A number beyond double fails the call, not the connection.',
    where: /^message: \w+, EchoRecord of a ratio beyond double: / },
  { why: 'A std::map is in the order of its keys.',
    where: /^message: \w+, EchoRecord of labels in an order: /, field: 'message 1', ours: /"labels":\{"C":"3","a":"2","b":"1"\}/, reference: /"labels":\{"b":"1","a":"2","C":"3"\}/ },
  { why: 'Characters that need no escape are written as they are.',
    where: /^message: \w+, Echo of odd characters: /, field: 'message 1', ours: /\u{1f600}.*\ufeff\uffff"\}$/u, reference: /\\uD83D\\uDE00.*\\uFEFF\\uFFFF"\}$/ },
  { why: 'A client that answers nothing where a result is due is told what is missing, not the name of a .NET type.',
    where: /^message: \w+, a question answered with no result: /, field: 'message 1', ours: hub_error("Client didn't provide a result."), reference: hub_error("Exception of type 'Microsoft.AspNetCore.SignalR.HubException' was thrown.") },
  { why: 'An answer of another type is named by the type in C++, without the words of .NET\'s reader.',
    where: /^message: \w+, a question answered with (a null|a text|a number beyond 32 bits): /, field: 'message 1', ours: hub_error('Error trying to deserialize result to int.'), reference: /Error trying to deserialize result to Int32\. The JSON value could not be converted/ },
];
