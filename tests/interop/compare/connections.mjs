// Scripts of several requests on one connection: what each transport's start, poll, POST and DELETE answer, and when.
import { eventually } from '../support/waiting.mjs';
import { RS, upgrade } from '../support/wire.mjs';
import { event_stream_bytes, open_channel, transports } from './channels.mjs';
import { good_token, jwt } from './requests.mjs';

const handshake = `{"protocol":"json","version":1}${RS}`;
const call = (target, ...args) => `{"type":1,"invocationId":"1","target":"${target}","arguments":${JSON.stringify(args)}}${RS}`;
const echo = call('Echo', 'x');
const is_answer = (message) => message.includes('"type":3');
const kinds = Object.keys(transports);
const stream = { Accept: 'text/event-stream' };
const script = (name, run) => ({ name: `connection: ${name}`, run });

/** A poll that is left open: its answer is a promise, noted under `step`. */
const begin_poll = (talk, step, path, headers) => talk.ask(step, 'GET', path, headers);

/** A round trip on another connection, so that what was sent before it has reached the server. */
const round_trip = (talk) => talk.ask(undefined, 'PUT', '/test');

/** A connection that has ended is forgotten a moment later; what is asked in that moment may be told otherwise. */
const forgotten = (talk, path) => eventually('the connection is forgotten', async () => (await talk.ask(undefined, 'POST', path, {}, ''))?.body === 'No Connection with that ID');

async function polling(talk, options = {}) {
  const channel = await open_channel(talk, 'LongPolling', options);
  await channel.handshake();
  return channel;
}

// What may be asked of a connection whose transport has started, or not.
const requests_of = {
  'a poll': (talk, path) => talk.ask('then', 'GET', path, {}, undefined, { head_only: false }),
  'an event stream': (talk, path) => talk.ask('then', 'GET', path, stream, undefined, { head_only: true }),
  'an upgrade': (talk, path) => talk.send('then', upgrade(path)),
  'a POST': (talk, path) => talk.ask('then', 'POST', path, {}, echo),
  'an empty POST': (talk, path) => talk.ask('then', 'POST', path, {}, ''),
  'a DELETE': (talk, path) => talk.ask('then', 'DELETE', path),
  'a PUT': (talk, path) => talk.ask('then', 'PUT', path, {}, ''),
  'a HEAD': (talk, path) => talk.ask('then', 'HEAD', path),
};

const accepts = [
  'text/event-stream', 'TEXT/EVENT-STREAM', ' text/event-stream ', 'text/html, text/event-stream, */*', 'text/event-stream,', ',text/event-stream', 'text/event-stream;q=1.0',
  'text/event-stream;q=0', 'text/event-stream;charset=utf-8', 'text/event-stream ; x', 'text/*', '*/*', '',
  'text/event-stream; ', 'text/event-streams', 'nonsense', 'nonsense, text/event-stream', 'text/event-stream text/html', '"text/event-stream"', 'text/html;a="text/event-stream"',
  'text/html;a=",text/event-stream"', 'application/json;q=0.9,text/event-stream',
];

const of_starts = kinds.flatMap((kind) => Object.entries(requests_of).filter(([what]) => !(kind === 'LongPolling' && what === 'a poll')).map(([what, ask]) => script(`${kind}, then ${what}`, async (talk) => {
  const { token } = await talk.negotiated();
  const channel = await open_channel(talk, kind, { token, step: 'the start' });
  await channel.handshake();
  await ask(talk, `/test?id=${token}`);
})));

const of_nothing_started = Object.entries(requests_of).flatMap(([what, ask]) => [1, 0].map((version) => script(`version ${version}, nothing started, ${what}`, async (talk) => {
  const { token } = await talk.negotiated({ version });
  await ask(talk, `/test?id=${token}`);
})));

const of_wrong_keys = Object.entries(requests_of).flatMap(([what, ask]) => [
  script(`the public id, ${what}`, async (talk) => { await ask(talk, `/test?id=${(await talk.negotiated()).id}`); }),
  script(`another hub's token, ${what}`, async (talk) => { await ask(talk, `/bench?id=${(await talk.negotiated()).token}`); }),
  script(`the token at the path with a slash, ${what}`, async (talk) => { await ask(talk, `/TEST/?ID=${(await talk.negotiated()).token}`); }),
  script(`the token given twice, ${what}`, async (talk) => { const { token } = await talk.negotiated(); await ask(talk, `/test?id=${token}&id=${token}`); }),
  script(`the token and a space, ${what}`, async (talk) => { await ask(talk, `/test?id=${(await talk.negotiated()).token}%20`); }),
]);

const of_ends = kinds.flatMap((kind) => [['the hub aborts', call('Abort')], ['the client says Close', `{"type":7}${RS}`], ['a message is no JSON', `x${RS}`]].flatMap(([why, text]) => [
  script(`${kind}, ${why}`, async (talk) => {
    const { token } = await talk.negotiated();
    const channel = await open_channel(talk, kind, { token });
    await channel.handshake();
    await channel.send(text, kind === 'WebSockets' ? undefined : 'the POST');
    await channel.collect('the end');
    await forgotten(talk, `/test?id=${token}`);
    for (const [what, ...request] of [['POST', {}, echo], ['DELETE'], ['GET']]) await talk.ask(`${what} afterwards`, what, `/test?id=${token}`, ...request);
  }),
]));

const of_polls = [
  script('polls, one after the other', async (talk) => {
    const { token } = await talk.negotiated();
    const path = `/test?id=${token}`;
    await talk.ask('the first poll', 'GET', path);
    await talk.ask('the POST of the handshake', 'POST', path, {}, handshake);
    await talk.ask('the poll of the handshake', 'GET', path);
    await talk.ask('the POST of a call', 'POST', path, {}, echo);
    await talk.ask('the poll of the answer', 'GET', `${path}&_=1700000000000`);
    await talk.ask('an empty POST', 'POST', path, {}, '');
    await talk.ask('DELETE', 'DELETE', path);
    await forgotten(talk, path);
    for (const [step, ...request] of [['DELETE again', 'DELETE', path], ['a poll afterwards', 'GET', path], ['a POST afterwards', 'POST', path, {}, echo], ['an event stream afterwards', 'GET', path, stream]]) await talk.ask(step, ...request);
    await talk.send('an upgrade afterwards', upgrade(path));
  }),
  script('a poll that waits in vain', async (talk) => {
    const channel = await polling(talk);
    await talk.ask('an empty poll', 'GET', channel.path);
    await channel.send(echo);
    await channel.collect('the call afterwards', is_answer);
  }),
  script('a poll that is replaced', async (talk) => {
    const channel = await polling(talk);
    const older = begin_poll(talk, 'the older', channel.path);
    await round_trip(talk);
    const newer = begin_poll(talk, 'the newer', channel.path);
    await older;
    await channel.send(echo);
    await newer;
  }),
  script('DELETE while a poll is open', async (talk) => {
    const channel = await polling(talk);
    const open = begin_poll(talk, undefined, channel.path);
    await round_trip(talk);
    await talk.ask('DELETE', 'DELETE', channel.path);
    // Whether the hub's goodbye still gets into it is a matter of luck at the reference.
    const { status, body } = await open;
    const ended = (status === 200 && body === `{"type":7,"allowReconnect":true}${RS}`) || (status === 204 && body === '');
    talk.note('the poll', { ended: ended ? 'yes' : `${status} ${body}` });
    await forgotten(talk, channel.path);
    await talk.ask('DELETE again', 'DELETE', channel.path);
  }),
  script('POSTs before the first poll', async (talk) => {
    const { token } = await talk.negotiated();
    const path = `/test?id=${token}`;
    await talk.ask('POST', 'POST', path, {}, handshake);
    await talk.ask('POST again', 'POST', path, {}, echo);
    const channel = await open_channel(talk, 'LongPolling', { token, step: 'the first poll' });
    await channel.collect('messages', is_answer);
  }),
  script('POSTs before an event stream', async (talk) => {
    const { token } = await talk.negotiated();
    await talk.ask('POST', 'POST', `/test?id=${token}`, {}, handshake + echo);
    const channel = await open_channel(talk, 'ServerSentEvents', { token, step: 'the start' });
    await channel.collect('messages', is_answer);
  }),
  script('a POST before an upgrade', async (talk) => {
    const { token } = await talk.negotiated();
    await talk.ask('POST', 'POST', `/test?id=${token}`, {}, handshake + echo);
    const channel = await open_channel(talk, 'WebSockets', { token, step: 'the start' });
    await channel.collect('messages', is_answer);
  }),
  script('a hub message in two POSTs', async (talk) => {
    const channel = await polling(talk);
    await channel.send(echo.slice(0, 20), 'the first half');
    await channel.send(echo.slice(20), 'the second half');
    await channel.collect('messages', is_answer);
  }),
  ...[['text/plain;charset=UTF-8', {}], ['application/octet-stream', {}], ['nonsense', {}], ['application/x-www-form-urlencoded', {}], [undefined, { 'Transfer-Encoding': 'chunked' }]].map(([type, headers]) => script(`a POST ${type ? `of type ${type}` : 'in chunks'}`, async (talk) => {
    const channel = await polling(talk);
    await talk.ask('the POST', 'POST', channel.path, { 'Content-Type': type, ...headers }, headers['Transfer-Encoding'] ? `${Buffer.byteLength(echo).toString(16)}\r\n${echo}\r\n0\r\n\r\n` : echo);
    await channel.collect('messages', is_answer);
  })),
  script('a POST of 1 MB', async (talk) => {
    const channel = await polling(talk);
    await channel.send(call('EchoBytes', 'A'.repeat(1_000_000)), 'the POST');
    await channel.collect('messages', is_answer);
  }),
  script('a POST with bad chunks', async (talk) => {
    const channel = await polling(talk);
    await talk.ask('the POST', 'POST', channel.path, { 'Transfer-Encoding': 'chunked' }, 'zz\r\nabc\r\n0\r\n\r\n');
  }),
  script('the handshake does not come', async (talk) => {
    const channel = await open_channel(talk, 'LongPolling');
    await channel.collect('messages');
  }),
  script('the handshake does not come over an event stream', async (talk) => {
    const channel = await open_channel(talk, 'ServerSentEvents');
    await channel.collect('messages');
  }),
  script('the handshake does not come over a WebSocket', async (talk) => {
    const channel = await open_channel(talk, 'WebSockets');
    await channel.collect('messages');
  }),
];

const of_streams = [
  script('the bytes of an event stream', async (talk) => {
    const { token } = await talk.negotiated();
    const bytes = event_stream_bytes(talk, `/test?id=${token}`, (body) => /"result":"x"[^\n]*\n\r\n$/.test(body));
    await talk.ask('the POST of the handshake', 'POST', `/test?id=${token}`, {}, handshake);
    await talk.ask('the POST of a call', 'POST', `/test?id=${token}`, {}, echo);
    talk.note('the body', { bytes: (await bytes).replaceAll(`data: {"type":6}${RS}\r\n\r\n`, '') });
  }),
  ...accepts.map((accept) => script(`Accept: ${accept}`, async (talk) => {
    const { token } = await talk.negotiated();
    await talk.ask('the start', 'GET', `/test?id=${token}`, { Accept: accept }, undefined, { head_only: true });
  })),
  script('two Accept headers', async (talk) => {
    const { token } = await talk.negotiated();
    await talk.ask('the start', 'GET', `/test?id=${token}`, [['Accept', 'text/html'], ['Accept', 'text/event-stream']], undefined, { head_only: true });
  }),
  script('an upgrade that accepts an event stream', async (talk) => {
    const { token } = await talk.negotiated();
    await talk.send('the start', upgrade(`/test?id=${token}`, stream), { head_only: true });
  }),
  ...kinds.map((kind) => script(`${kind} from the allowed origin`, async (talk) => {
    const headers = { Origin: 'http://app.example' };
    const { token } = await talk.negotiated({ headers });
    const channel = await open_channel(talk, kind, { token, headers, step: 'the start' });
    await channel.send(handshake, kind === 'WebSockets' ? undefined : 'the POST');
    await channel.collect('the handshake', () => true);
    if (kind === 'LongPolling') await talk.ask('DELETE', 'DELETE', channel.path, headers);
  })),
  ...kinds.map((kind) => script(`${kind}, its own id`, async (talk) => {
    const { token } = await talk.negotiated();
    const channel = await open_channel(talk, kind, { token });
    await channel.handshake();
    await channel.send(call('ConnectionId'));
    await channel.collect('the id', is_answer);
  })),
  ...kinds.flatMap((kind) => [['user=alice', 'a user'], ['user=', 'an empty user'], ['user=a%20b+c%C3%A9', 'an encoded user'], ['USER=alice', 'a USER'], ['user=a&user=b', 'two users'], ['', 'no user']].map(([query, name]) => script(`${kind}, ${name}`, async (talk) => {
    const channel = await open_channel(talk, kind, { query });
    await channel.handshake();
    await channel.send(call('UserId'));
    await channel.collect('the user', is_answer);
  }))),
];

const bearer = (token) => ({ Authorization: `Bearer ${token}` });
const of_users = kinds.flatMap((kind) => [
  ...[['alice', {}], ['an admin', { role: 'admin' }], ['another role', { role: 'Admin' }], ['two roles', { role: ['user', 'admin'] }], ['no sub', { sub: undefined }], ['a sub that is a number', { sub: 7 }]].map(([name, claims]) => script(`${kind} at /auth, ${name}`, async (talk) => {
    const channel = await open_channel(talk, kind, { hub: '/auth', headers: bearer(good_token(claims)), step: 'the start' });
    await channel.handshake();
    await channel.send(call('UserId'));
    await channel.collect('the user', is_answer);
    await channel.send(call('AdminOnly'));
    await channel.collect('the role', is_answer);
  })),
  script(`${kind} at /auth, the token in the query`, async (talk) => {
    const query = `access_token=${good_token()}`;
    const { token } = await talk.negotiated({ hub: '/auth', query: `&${query}` });
    const channel = await open_channel(talk, kind, { hub: '/auth', token, query, step: 'the start' });
    await channel.handshake();
    await channel.send(call('UserId'));
    await channel.collect('the user', is_answer);
  }),
  script(`${kind} at /auth, another user and nobody`, async (talk) => {
    const { token } = await talk.negotiated({ hub: '/auth', headers: bearer(good_token()) });
    const path = `/auth?id=${token}`;
    const channel = await open_channel(talk, kind, { hub: '/auth', token, headers: bearer(good_token()) });
    await channel.handshake();
    for (const [who, headers] of [['nobody', {}], ['somebody expired', bearer(jwt({ sub: 'alice', exp: 1 }))], ['another user', bearer(good_token({ sub: 'bob' }))]]) {
      await talk.ask(`a POST of ${who}`, 'POST', path, headers, call('UserId'));
      if (who !== 'another user' || kind !== 'LongPolling') await talk.ask(`an event stream of ${who}`, 'GET', path, { ...headers, ...stream }, undefined, { head_only: true });
      await talk.ask(`a poll of ${who}`, 'GET', path, headers);
      await talk.send(`an upgrade of ${who}`, upgrade(path, headers));
      await talk.ask(`a DELETE of ${who}`, 'DELETE', path, headers);
    }
  }),
  script(`${kind} at /auth, negotiated by another user`, async (talk) => {
    const { token } = await talk.negotiated({ hub: '/auth', headers: bearer(good_token()) });
    const channel = await open_channel(talk, kind, { hub: '/auth', token, headers: bearer(good_token({ sub: 'bob' })), step: 'the start' });
    if (!channel) return;
    await channel.handshake();
    await channel.send(call('UserId'));
    await channel.collect('the user', is_answer);
  }),
]);

export const connections = [...of_starts, ...of_nothing_started, ...of_wrong_keys, ...of_ends, ...of_polls, ...of_streams, ...of_users];
