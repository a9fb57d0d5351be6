// Single requests: everything a hub's paths answer without a started transport.
import crypto from 'node:crypto';
import { one, one_raw, written } from './talk.mjs';
import { upgrade } from '../support/wire.mjs';

const key = 'conformance-test-key-0123456789abcdef';
const base64url = (text) => Buffer.from(text).toString('base64url');

/** A token for /auth. */
export function jwt(claims, { header = { alg: 'HS256', typ: 'JWT' }, secret = key, hash = 'sha256' } = {}) {
  const head = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  return `${head}.${crypto.createHmac(hash, secret).update(head).digest('base64url')}`;
}
const now = () => Math.floor(Date.now() / 1000);
export const good_token = (claims = {}) => jwt({ sub: 'alice', exp: now() + 600, ...claims });

const negotiate_queries = [
  '', '?', '?negotiateVersion=0', '?negotiateVersion=1', '?negotiateVersion=2', '?negotiateVersion=100', '?negotiateVersion=2147483647', '?negotiateVersion=2147483648',
  '?negotiateVersion=-1', '?negotiateVersion=-0', '?negotiateVersion=-2147483648', '?negotiateVersion=-2147483649', '?negotiateVersion=', '?negotiateVersion', '?negotiateVersion=x',
  '?negotiateVersion=1.0', '?negotiateVersion=1x', '?negotiateVersion=0x1', '?negotiateVersion=1e0', '?negotiateVersion=01', '?negotiateVersion=%2B1', '?negotiateVersion=+1',
  '?negotiateVersion=%201%20', '?negotiateVersion=%091', '?negotiateVersion=1%00', '?negotiateVersion=1%0A', '?negotiateVersion=%C2%A01', '?negotiateVersion=%E3%80%801',
  '?negotiateVersion=%D9%A1', '?negotiateVersion=1,1', '?negotiateVersion=1,000', '?negotiateVersion=(1)',
  '?negotiateVersion=1&negotiateVersion=1', '?negotiateVersion=1&NegotiateVersion=0', '?NEGOTIATEVERSION=1', '?NegotiateVersion=1', '?negotiate%56ersion=1', '?%20negotiateVersion=1',
  '?negotiateVersion%20=1',
  '?negotiateVersion=%31', '?&&negotiateVersion=1&&', '?=1&negotiateVersion=1', '?a&negotiateVersion=1', '?negotiateVersion=1;x=2', '?negotiateVersion=1=1', '??negotiateVersion=1',
  '?negotiateVersion=1&x=%', '?negotiateVersion=1&x=%zz', '?negotiateVersion=1&x=%ff', '?negotiateVersion=%', '?negotiateVersion=1&x=a+b%20c',
  ...[...'<>"{}|\\^`\'[]!$()*,:;@/?~'].map((sign) => `?negotiateVersion=1&x=${sign}`),
  '?negotiateVersion=1&id=nobody', '?negotiateVersion=1&access_token=abc', `?negotiateVersion=1&x=${'y'.repeat(4000)}`, '?negotiateVersion=1#negotiateVersion=0',
  ...['true', 'True', 'TRUE', '%20true%20', '1', 'false', '', 'yes', 'true&useStatefulReconnect=true'].map((value) => `?negotiateVersion=1&useStatefulReconnect=${value}`),
  '?negotiateVersion=0&useStatefulReconnect=true', '?negotiateVersion=1&USESTATEFULRECONNECT=true', '?negotiateVersion=x&useStatefulReconnect=true',
];

const negotiate_bodies = [
  ['a text body', {}, 'hello'], ['a JSON body', { 'Content-Type': 'application/json' }, '{"negotiateVersion":1}'],
  ['a form', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'negotiateVersion=0'],
  ['an unknown content type', { 'Content-Type': 'nonsense' }, ''], ['a chunked body', { 'Transfer-Encoding': 'chunked' }, '3\r\nabc\r\n0\r\n\r\n'],
  ['an empty chunked body', { 'Transfer-Encoding': 'chunked' }, '0\r\n\r\n'], ['a body of 100 KB', {}, 'x'.repeat(100_000)],
  ['headers of the JavaScript client', { 'X-Requested-With': 'XMLHttpRequest', 'X-SignalR-User-Agent': 'Microsoft SignalR/10.0', 'Content-Type': 'text/plain;charset=UTF-8', Accept: '*/*', 'Accept-Encoding': 'gzip, br' }, ''],
  ['Accept of HTML', { Accept: 'text/html' }, ''], ['Accept of an event stream', { Accept: 'text/event-stream' }, ''], ['Connection: close', { Connection: 'close' }, ''],
  ['cookies', { Cookie: 'a=b; c=d' }, ''],
];

const methods = ['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'get', 'Post', 'X'];
const paths = [
  '/TEST/NEGOTIATE', '/test/negotiate/', '/test/negotiate//', '/test//negotiate', '//test/negotiate', '/test/negotiate/x', '/test/negotiatex', '/%74est/negotiate', '/test/%6Eegotiate',
  '/test%2Fnegotiate',
  '/test/./negotiate', '/x/../test/negotiate', '/test/negotiate%20', '/test/negotiate;v=1', '/', '/tes', '/testing', '/test/other', '/nothing/negotiate', '/negotiate', '/raw',
  '/raw/negotiate',
  'http://127.0.0.1/test/negotiate', 'http://other.example/test/negotiate', '/test/negotiate%00', '/test/negotiate%ff', '/t%C3%A9st/negotiate', '/bench/negotiate', '/test/', '/Test',
  '/test/nego|tiate', '/test/[x]', '/test/{x}', '/test/^', '/test\\negotiate', '/test%5Cnegotiate', '/test%2fnegotiate', '/test/negotiate%2F', '/test/%2e/negotiate', '/test/%252Fnegotiate',
];

const upgrade_headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==' };
const kinds_of_start = {
  'a poll': ['GET', {}], 'an event stream': ['GET', { Accept: 'text/event-stream' }], 'an upgrade': ['GET', upgrade_headers],
  'a POST': ['POST', {}, 'x'], 'a DELETE': ['DELETE', {}],
};
const wrong_ids = {
  'without an id': '', 'with an empty id': '?id=', 'with an id that has no value': '?id', 'with an unknown id': '?id=nobody', 'with an unknown id as ID': '?ID=nobody',
  'with two ids': '?id=a&id=b',
  'with an id of spaces': '?id=%20', 'with an id of NUL': '?id=%00', 'with a long id': `?id=${'a'.repeat(3000)}`, 'with a bad percent sign': '?id=%zz', 'with another item only': '?other=1',
};

const allowed = 'http://app.example';
const preflight = (origin, method, headers) => ({ Origin: origin, 'Access-Control-Request-Method': method, 'Access-Control-Request-Headers': headers });
const cors = [
  ...['/test/negotiate', '/test', '/auth/negotiate', '/auth', '/nowhere', '/raw', '/TEST/negotiate/'].map((path) => [`preflight of POST at ${path}`, 'OPTIONS', path, preflight(allowed, 'POST', 'x-requested-with,x-signalr-user-agent')]),
  ...['GET', 'DELETE', 'PUT', 'PATCH', 'post', 'NONSENSE'].map((method) => [`preflight of ${method}`, 'OPTIONS', '/test', preflight(allowed, method, 'authorization')]),
  ['preflight without headers', 'OPTIONS', '/test/negotiate', preflight(allowed, 'POST')], ['preflight with empty headers', 'OPTIONS', '/test/negotiate', preflight(allowed, 'POST', '')],
  ['preflight with many headers', 'OPTIONS', '/test/negotiate', preflight(allowed, 'POST', 'A, b,c ,  x-odd_1')],
  ['preflight of a foreign origin', 'OPTIONS', '/test/negotiate', preflight('http://evil.example', 'POST', 'x-a')],
  ['preflight of the origin null', 'OPTIONS', '/test/negotiate', preflight('null', 'POST')],
  ['preflight of the origin in capitals', 'OPTIONS', '/test/negotiate', preflight('HTTP://APP.EXAMPLE', 'POST')],
  ['preflight of the origin with its port', 'OPTIONS', '/test/negotiate', preflight('http://app.example:80', 'POST')],
  ['preflight of the origin with a slash', 'OPTIONS', '/test/negotiate', preflight('http://app.example/', 'POST')],
  ['preflight without an origin', 'OPTIONS', '/test/negotiate', { 'Access-Control-Request-Method': 'POST' }],
  ['OPTIONS with an origin, without a method asked', 'OPTIONS', '/test/negotiate', { Origin: allowed }],
  ['preflight for a private network', 'OPTIONS', '/test/negotiate', { ...preflight(allowed, 'POST'), 'Access-Control-Request-Private-Network': 'true' }],
  ...[['the allowed origin', allowed], ['a foreign origin', 'http://evil.example'], ['the origin null', 'null'], ['an empty origin', ''], ['https instead', 'https://app.example'], ['the origin in capitals', 'HTTP://APP.EXAMPLE']].flatMap(([name, origin]) => [
    [`negotiate from ${name}`, 'POST', '/test/negotiate?negotiateVersion=1', { Origin: origin }], [`a poll from ${name}`, 'GET', '/test?id=nobody', { Origin: origin }],
  ]),
  ['a negotiate error from the allowed origin', 'POST', '/test/negotiate?negotiateVersion=x', { Origin: allowed }],
  ['a wrong method from the allowed origin', 'PUT', '/test', { Origin: allowed }],
  ['a wrong path from the allowed origin', 'POST', '/nowhere', { Origin: allowed }], ['no token from the allowed origin', 'POST', '/auth/negotiate', { Origin: allowed }],
  ['no token from a foreign origin', 'POST', '/auth/negotiate', { Origin: 'http://evil.example' }],
  ['an upgrade to nobody from the allowed origin', 'GET', '/test?id=nobody', { ...upgrade_headers, Origin: allowed }],
  ['an event stream from the allowed origin', 'GET', '/test?id=nobody', { Accept: 'text/event-stream', Origin: allowed }],
  ['a DELETE from the allowed origin', 'DELETE', '/test?id=nobody', { Origin: allowed }],
  ['two origins', 'POST', '/test/negotiate', [['Origin', allowed], ['Origin', allowed]]],
];

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const exp = () => now() + 600;
const auth = {
  'no token': () => ({}), 'a good token': () => bearer(good_token()), 'a token with a role': () => bearer(good_token({ role: 'admin' })),
  'a token without sub': () => bearer(jwt({ exp: exp() })),
  'an empty Authorization': () => ({ Authorization: '' }), 'Basic': () => ({ Authorization: 'Basic YTpi' }), 'Bearer alone': () => ({ Authorization: 'Bearer' }),
  'Bearer and a space': () => ({ Authorization: 'Bearer ' }),
  'bearer in small letters': () => ({ Authorization: `bearer ${good_token()}` }), 'BEARER in capitals': () => ({ Authorization: `BEARER ${good_token()}` }),
  'two spaces': () => ({ Authorization: `Bearer  ${good_token()}` }),
  'a tab': () => ({ Authorization: `Bearer\t${good_token()}` }), 'the token alone': () => ({ Authorization: good_token() }),
  'the token in quotes': () => ({ Authorization: `Bearer "${good_token()}"` }),
  'a wrong key': () => bearer(jwt({ exp: exp() }, { secret: 'another' })),
  'a changed claim': () => bearer(good_token().replace(/\.[^.]+\./, `.${base64url(JSON.stringify({ sub: 'bob', exp: exp() }))}.`)),
  'a cut signature': () => bearer(good_token().slice(0, -2)),
  'an empty signature': () => bearer(good_token().replace(/[^.]+$/, '')), 'no signature part': () => bearer(good_token().replace(/\.[^.]+$/, '')),
  'four parts': () => bearer(`${good_token()}.x`), 'nonsense': () => bearer('nonsense'), 'dots': () => bearer('..'),
  'alg none': () => bearer(jwt({ exp: exp() }, { header: { alg: 'none' } })), 'alg HS512': () => bearer(jwt({ exp: exp() }, { header: { alg: 'HS512' }, hash: 'sha512' })),
  'alg in small letters': () => bearer(jwt({ exp: exp() }, { header: { alg: 'hs256' } })),
  'no alg': () => bearer(jwt({ exp: exp() }, { header: { typ: 'JWT' } })), 'a crit header': () => bearer(jwt({ exp: exp() }, { header: { alg: 'HS256', crit: ['b64'], b64: false } })),
  'a key id': () => bearer(jwt({ exp: exp() }, { header: { alg: 'HS256', kid: 'other' } })),
  'typ of another kind': () => bearer(jwt({ exp: exp() }, { header: { alg: 'HS256', typ: 'at+jwt' } })),
  'expired': () => bearer(jwt({ exp: now() - 60 })), 'expired within the tolerance': () => bearer(jwt({ exp: now() - 2 })), 'no exp': () => bearer(jwt({ sub: 'alice' })),
  'exp as text': () => bearer(jwt({ exp: String(exp()) })), 'exp null': () => bearer(jwt({ exp: null })),
  'exp with a fraction': () => bearer(jwt({ exp: exp() + 0.5 })), 'exp zero': () => bearer(jwt({ exp: 0 })), 'exp negative': () => bearer(jwt({ exp: -1 })),
  'exp far away': () => bearer(jwt({ exp: 253402300800 })), 'exp beyond 64 bits': () => bearer(jwt({ exp: 1e30 })),
  'nbf in the future': () => bearer(jwt({ exp: exp(), nbf: now() + 300 })), 'nbf in the past': () => bearer(jwt({ exp: exp(), nbf: now() - 300 })),
  'iat in the future': () => bearer(jwt({ exp: exp(), iat: now() + 300 })), 'iss and aud': () => bearer(jwt({ exp: exp(), iss: 'x', aud: 'y' })),
  'claims that are an array': () => bearer(jwt([1])),
  'claims that are no JSON': () => { const head = `${base64url('{"alg":"HS256"}')}.${base64url('x')}`; return bearer(`${head}.${crypto.createHmac('sha256', key).update(head).digest('base64url')}`); },
  'a padded signature': () => bearer(`${good_token()}=`), 'two Authorization headers': () => [['Authorization', `Bearer ${good_token()}`], ['Authorization', `Bearer ${good_token()}`]],
  'two headers, the second good': () => [['Authorization', 'Basic x'], ['Authorization', `Bearer ${good_token()}`]],
};
const query_auth = {
  'in the query': () => [`access_token=${good_token()}`, {}], 'in the query, wrong': () => ['access_token=x', {}], 'in the query, empty': () => ['access_token=', {}],
  'in the query twice': () => [`access_token=${good_token()}&access_token=x`, {}], 'in the query in other letter case': () => [`ACCESS_TOKEN=${good_token()}`, {}],
  'good in the header, wrong in the query': () => ['access_token=x', bearer(good_token())], 'wrong in the header, good in the query': () => [`access_token=${good_token()}`, bearer('x')],
  'Basic in the header, good in the query': () => [`access_token=${good_token()}`, { Authorization: 'Basic YTpi' }],
  'an empty Bearer, good in the query': () => [`access_token=${good_token()}`, { Authorization: 'Bearer ' }], 'expired in the query': () => [`access_token=${jwt({ exp: now() - 60 })}`, {}],
};
// The tokens are made when they are sent: they run out.
const later = (name, request) => ({ name, run: async (talk) => { await talk.ask('answer', ...request()); } });
const auth_scripts = [
  ...Object.entries(auth).map(([name, headers]) => later(`auth: ${name}`, () => ['POST', '/auth/negotiate?negotiateVersion=1', headers()])),
  ...Object.entries(query_auth).map(([name, parts]) => later(`auth: ${name}`, () => { const [query, headers] = parts(); return ['POST', `/auth/negotiate?negotiateVersion=1&${query}`, headers]; })),
  ...Object.entries(kinds_of_start).flatMap(([kind, [method, headers, body]]) => [
    one(`auth: ${kind} without a token`, method, '/auth?id=nobody', headers, body), one(`auth: ${kind} without a token and id`, method, '/auth', headers, body),
    one(`auth: ${kind} with a wrong token`, method, '/auth?id=nobody', { ...headers, ...bearer('x') }, body),
    later(`auth: ${kind} with an expired token`, () => [method, '/auth?id=nobody', { ...headers, ...bearer(jwt({ exp: now() - 60 })) }, body]),
    later(`auth: ${kind} with a good token`, () => [method, '/auth?id=nobody', { ...headers, ...bearer(good_token()) }, body]),
    later(`auth: ${kind} with a good token in the query`, () => [method, `/auth?id=nobody&access_token=${good_token()}`, headers, body]),
  ]),
  ...['PUT', 'OPTIONS', 'HEAD'].flatMap((method) => ['/auth', '/auth/negotiate'].map((path) => one(`auth: ${method} ${path} without a token`, method, path))),
  one('auth: GET /auth/negotiate without a token', 'GET', '/auth/negotiate'), later('auth: GET /auth/negotiate with a good token', () => ['GET', '/auth/negotiate', bearer(good_token())]),
  one('auth: a path below without a token', 'POST', '/auth/other'), one('auth: a wrong token where none is asked for', 'POST', '/test/negotiate?negotiateVersion=1', bearer('x')),
  one('auth: a wrong token at no path', 'GET', '/nowhere', bearer('x')),
];

const upgrades = {
  'plain': {}, 'no key': { 'Sec-WebSocket-Key': undefined }, 'an empty key': { 'Sec-WebSocket-Key': '' }, 'a short key': { 'Sec-WebSocket-Key': 'abcd' },
  'a key of 15 bytes': { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAA' },
  'a key of 17 bytes': { 'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAAA=' }, 'a key that is no base64': { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' },
  'version 12': { 'Sec-WebSocket-Version': '12' }, 'version 8': { 'Sec-WebSocket-Version': '8' }, 'version 14': { 'Sec-WebSocket-Version': '14' },
  'no version': { 'Sec-WebSocket-Version': undefined }, 'an empty version': { 'Sec-WebSocket-Version': '' }, 'two versions': { 'Sec-WebSocket-Version': '13, 8' },
  'a version that is text': { 'Sec-WebSocket-Version': 'x' }, 'Upgrade: h2c': { Upgrade: 'h2c' },
  'Upgrade: WebSocket': { Upgrade: 'WebSocket' }, 'two protocols to upgrade to': { Upgrade: 'h2c, websocket' }, 'no Upgrade': { Upgrade: undefined },
  'no Connection': { Connection: undefined }, 'Connection: keep-alive': { Connection: 'keep-alive' },
  'Connection: keep-alive, Upgrade': { Connection: 'keep-alive, Upgrade' }, 'Connection: upgrade': { Connection: 'upgrade' }, 'Connection: close': { Connection: 'close' },
  'a subprotocol': { 'Sec-WebSocket-Protocol': 'chat, json' },
  'compression offered': { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' }, 'a nonsense extension': { 'Sec-WebSocket-Extensions': ';;' },
  'the allowed origin': { Origin: allowed }, 'a foreign origin': { Origin: 'http://evil.example' }, 'the origin null': { Origin: 'null' },
  'an event stream accepted': { Accept: 'text/event-stream' }, 'an empty body': { 'Content-Length': '0' },
};
const raw_upgrade = (method, target, headers, options) => written(method, target, { ...upgrade_headers, ...headers }, undefined, options);
const upgrade_scripts = [
  ...Object.entries(upgrades).flatMap(([name, headers]) => ['/test', '/raw'].map((path) => one_raw(`upgrade: ${name} at ${path}`, upgrade(path, headers)))),
  ...['POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS'].map((method) => one_raw(`upgrade: ${method}`, raw_upgrade(method, '/test', method === 'POST' || method === 'PUT' ? { 'Content-Length': '0' } : {}), { head_only: method === 'HEAD' })),
  one_raw('upgrade: HTTP/1.0', raw_upgrade('GET', '/test', {}, { version: 'HTTP/1.0' })),
  one_raw('upgrade: two keys', upgrade('/test').replace('\r\n\r\n', '\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')),
  one_raw('upgrade: two versions in two headers', upgrade('/test').replace('\r\n\r\n', '\r\nSec-WebSocket-Version: 8\r\n\r\n')),
  one_raw('upgrade: a body', `${upgrade('/raw', { 'Content-Length': '3' })}abc`),
  ...['/test/negotiate', '/nowhere', '/auth', '/TEST/', '/test?id=', '/test?id', '/test?other=1', '/test?id=nobody', '/test?id=%20', '/auth?access_token=x', '/test?access_token=x', '/raw?id=nobody', '/raw/', '/raw/x'].map((path) => one_raw(`upgrade: to ${path}`, upgrade(path))),
];

const chunked = (body) => `POST /test/negotiate HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;
const post = (lines, body = '') => `POST /test/negotiate HTTP/1.1\r\nHost: a\r\n${lines}\r\n${body}`;
const framing = {
  'HTTP/1.0': 'POST /test/negotiate HTTP/1.0\r\nContent-Length: 0\r\n\r\n', 'HTTP/1.0 without a length': 'POST /test/negotiate HTTP/1.0\r\n\r\n',
  'HTTP/1.0 kept alive': 'POST /test/negotiate HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.2': 'GET /test HTTP/1.2\r\nHost: a\r\n\r\n', 'HTTP/2.0': 'GET /test HTTP/2.0\r\nHost: a\r\n\r\n', 'HTTP/0.9': 'GET /test\r\n\r\n',
  'a version in small letters': 'GET /test http/1.1\r\nHost: a\r\n\r\n',
  'no Host': 'GET /test HTTP/1.1\r\n\r\n', 'an empty Host': 'GET /test HTTP/1.1\r\nHost:\r\n\r\n', 'two Hosts': 'GET /test HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n',
  'a Host with a space': 'GET /test HTTP/1.1\r\nHost: a b\r\n\r\n', 'a Host with a path': 'GET /test HTTP/1.1\r\nHost: a/b\r\n\r\n',
  'no length': post(''), 'a negative length': post('Content-Length: -1\r\n'), 'a length with a plus': post('Content-Length: +1\r\n', 'a'),
  'a length that is text': post('Content-Length: x\r\n'), 'an empty length': post('Content-Length:\r\n'), 'two lengths that agree': post('Content-Length: 0\r\nContent-Length: 0\r\n'),
  'two lengths that differ': post('Content-Length: 0\r\nContent-Length: 1\r\n', 'a'), 'a list of lengths': post('Content-Length: 0, 0\r\n'),
  'a huge length': post('Content-Length: 99999999999999999999\r\n'), 'a length above the limit': post('Content-Length: 99999999999\r\n'),
  'length and chunks': post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
  'gzip as transfer encoding': post('Transfer-Encoding: gzip\r\n'), 'gzip and chunked': post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
  'chunked and gzip': post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'), 'identity': post('Transfer-Encoding: identity\r\n'),
  'chunked in capitals': post('Transfer-Encoding: CHUNKED\r\n', '0\r\n\r\n'),
  'chunk extensions': chunked('3;a=b\r\nabc\r\n0;c\r\n\r\n'), 'trailers': chunked('3\r\nabc\r\n0\r\nA: b\r\n\r\n'), 'a folded header': 'GET /test HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n',
  'a space before the colon': 'GET /test HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n', 'a header without a colon': 'GET /test HTTP/1.1\r\nHost: a\r\nX\r\n\r\n',
  'an empty header name': 'GET /test HTTP/1.1\r\nHost: a\r\n: a\r\n\r\n', 'a space in a header name': 'GET /test HTTP/1.1\r\nHost: a\r\nX Y: a\r\n\r\n',
  'NUL in a header': 'GET /test HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n', 'bare line feeds': 'GET /test HTTP/1.1\nHost: a\n\n',
  'a bare CR in a header': 'GET /test HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n',
  'a space at the start': ' GET /test HTTP/1.1\r\nHost: a\r\n\r\n', 'an empty line at the start': '\r\nGET /test HTTP/1.1\r\nHost: a\r\n\r\n',
  'two spaces in the request line': 'GET  /test HTTP/1.1\r\nHost: a\r\n\r\n', 'no method': '/test HTTP/1.1\r\nHost: a\r\n\r\n',
  'a method with a bracket': 'GE(T /test HTTP/1.1\r\nHost: a\r\n\r\n',
  'a target without a slash': 'GET test HTTP/1.1\r\nHost: a\r\n\r\n', 'the target *': 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 'CONNECT': 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n',
  'bytes above 127 in the target': Buffer.from('GET /t\u00e9st HTTP/1.1\r\nHost: a\r\n\r\n', 'latin1'),
  'bytes above 127 in a header': Buffer.from('GET /test HTTP/1.1\r\nHost: a\r\nX: \u00e9\r\n\r\n', 'latin1'),
  'a target of 10 KB': `GET /test?x=${'y'.repeat(10_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 'headers of 20 KB': `GET /test HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
  'headers of 40 KB': `GET /test HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`,
  '90 headers': `GET /test HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 89 }, (_, i) => `X${i}: a\r\n`).join('')}\r\n`,
  '150 headers': `GET /test HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 149 }, (_, i) => `X${i}: a\r\n`).join('')}\r\n`,
  'Expect: 100-continue': post('Expect: 100-continue\r\nContent-Length: 3\r\n', 'abc'), 'another expectation': post('Expect: wonders\r\nContent-Length: 0\r\n'),
  'a body at a GET': 'GET /test HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', 'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
};

export const requests = [
  ...negotiate_queries.map((query) => one(`negotiate: ${query.length > 100 ? 'a long query' : query || 'no query'}`, 'POST', `/test/negotiate${query}`)),
  ...negotiate_bodies.map(([name, headers, body]) => one(`negotiate: ${name}`, 'POST', '/test/negotiate?negotiateVersion=1', headers, body)),
  ...['/test/negotiate', '/test', '/raw', '/nowhere'].flatMap((path) => methods.map((method) => one(`method: ${method} ${path}`, method, path))),
  ...paths.map((path) => one(`path: POST ${path}`, 'POST', path)),
  ...['/test/', '/TEST', '/test//', '/%74est', '/test/x', '/tests', '/test%2F', '/%2Ftest'].map((path) => one(`path: GET ${path}?id=nobody`, 'GET', `${path}?id=nobody`)),
  ...Object.entries(kinds_of_start).flatMap(([kind, [method, headers, body]]) => Object.entries(wrong_ids).map(([name, query]) => one(`id: ${kind} ${name}`, method, `/test${query}`, headers, body))),
  ...cors.map(([name, ...request]) => one(`cors: ${name}`, ...request)),
  ...auth_scripts, ...upgrade_scripts,
  ...Object.entries(framing).map(([name, bytes]) => one_raw(`framing: ${name}`, bytes, { deadline: 3_000 })),
];
