// What every version of Microsoft's JavaScript client must find at the conformance server: with both hub protocols, over
// each transport that carries them, and over WebSockets also without negotiation. Each version runs it in a process of its
// own, see clients/.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, before, describe, it } from 'node:test';
import { start_server } from './support/server.mjs';
import { eventually, Inbox, within } from './support/waiting.mjs';

const require = createRequire(import.meta.url);

const closed_with_error = /^Server returned an error on close: Connection closed with an error\.$/;
const largest_message = 2 * 1024 * 1024;

/** `behind` names what stands between clients and server; `start(settings)` then starts both and looks like a server. */
export function run_client_suite(package_name, messagepack_package_name, { behind = '', start = start_server } = {}) {
  const signalr = require(package_name);
  const { MessagePackHubProtocol } = require(messagepack_package_name);
  const json = { name: 'JSON', transports: ['WebSockets', 'ServerSentEvents', 'LongPolling'] };
  const messagepack = { name: 'MessagePack', transports: ['WebSockets', 'LongPolling'], make: () => new MessagePackHubProtocol() };
  describe(`@microsoft/signalr ${signalr.VERSION}${behind && ` behind ${behind}`}`, () => {
    for (const protocol of [json, messagepack]) {
      for (const transport of protocol.transports) {
        describe(`${protocol.name} over ${transport}`, () => define_tests(signalr, { protocol, transport, start }));
      }
      describe(`${protocol.name} over WebSockets without negotiation`, () => {
        define_tests(signalr, { protocol, transport: 'WebSockets', skipNegotiation: true, start });
      });
    }
    it('does not try MessagePack over ServerSentEvents, since the server says that they carry text only', async () => {
      const server = await start();
      try {
        const client = new signalr.HubConnectionBuilder()
          .withUrl(`${server.url}/test`, { transport: signalr.HttpTransportType.ServerSentEvents, logger: signalr.NullLogger.instance })
          .withHubProtocol(messagepack.make())
          .configureLogging(signalr.LogLevel.None)
          .build();
        await assert.rejects(within(10_000, 'the refusal', client.start()), /ServerSentEvents.*does not support Binary/);
      } finally {
        await server.stop();
      }
    });
  });
}

function define_tests(signalr, { protocol, transport, start, skipNegotiation = false }) {
  const binary = protocol.make !== undefined;
  let server;
  let opened = [];

  before(async () => { server = await start({ HUBBUB_NODE: 'interop-node' }); });
  after(async () => { await server?.stop(); });
  afterEach(async () => {
    await Promise.all(opened.map((connection) => connection.stop().catch(() => {})));
    opened = [];
  });

  // A started connection whose events are queues: received, reconnecting, reconnected, closed.
  async function connect({ user, reconnect, make_protocol = protocol.make } = {}) {
    const builder = new signalr.HubConnectionBuilder()
      .withUrl(`${server.url}/test${user === undefined ? '' : `?user=${encodeURIComponent(user)}`}`, {
        transport: signalr.HttpTransportType[transport],
        skipNegotiation,
        logger: signalr.NullLogger.instance,
      });
    if (make_protocol) builder.withHubProtocol(make_protocol());
    if (reconnect) builder.withAutomaticReconnect(Array(100).fill(50));
    const connection = builder.configureLogging(signalr.LogLevel.None).build();
    opened.push(connection);
    const events = Object.fromEntries(['received', 'reconnecting', 'reconnected', 'closed'].map((name) => [name, new Inbox(name)]));
    connection.on('Receive', (payload) => events.received.push(payload));
    connection.onreconnecting((error) => events.reconnecting.push(error));
    connection.onreconnected((id) => events.reconnected.push(id));
    connection.onclose((error) => events.closed.push(error));
    await within(10_000, 'the client to start', connection.start());
    return Object.assign(connection, events);
  }

  const call = (connection, ...call) => within(10_000, `the answer to ${call[0]}`, connection.invoke(...call));
  const failure = async (connection, ...invocation) => {
    const outcome = await call(connection, ...invocation).then((value) => ({ value }), (error) => ({ error }));
    assert.ok(outcome.error, `${invocation[0]} succeeded with ${JSON.stringify(outcome.value)}`);
    return outcome.error.message;
  };
  // Everything sent to `connection` so far has arrived when its own Echo returns: nothing overtakes.
  async function received_nothing_more(connection) {
    await call(connection, 'Echo', 'barrier');
    assert.equal(connection.received.size, 0);
  }

  it('returns values of every kind', async () => {
    const client = await connect();
    const record = {
      name: 'Grüße', count: 9007199254740991, ratio: -0.5, flag: true, note: null, items: [1, -2, 2147483647], labels: { a: 'b', 'c d': '' },
    };

    assert.equal(await call(client, 'Echo', 'hello'), 'hello');
    assert.equal(await call(client, 'Echo', ''), '');
    assert.equal(await call(client, 'Echo', null), null);
    assert.equal(await call(client, 'AddNumbers', 40, 2), 42);
    assert.equal(await call(client, 'AddNumbers', -2147483648, 0), -2147483648);
    assert.deepEqual(await call(client, 'EchoRecord', record), record);
    if (binary) assert.deepEqual([...await call(client, 'EchoBytes', Uint8Array.of(0, 1, 2, 255))], [0, 1, 2, 255]);
    else assert.equal(await call(client, 'EchoBytes', 'AAEC/w=='), 'AAEC/w==');
    assert.equal((await call(client, 'Nothing')) ?? null, null);
  });

  it('fills missing fields of a record with zero values and ignores unknown ones', async () => {
    const client = await connect();

    const record = await call(client, 'EchoRecord', { name: 'only this', unknown: { deep: [1] } });

    assert.deepEqual(record, { name: 'only this', count: 0, ratio: 0, flag: false, note: null, items: [], labels: {} });
  });

  it('finds methods without regard to letter case', async () => {
    const client = await connect();

    assert.equal(await call(client, 'addnumbers', 1, 2), 3);
    assert.equal(await call(client, 'ECHO', 'x'), 'x');
  });

  it('carries unicode', async () => {
    const client = await connect();
    const text = 'plain, ümläut, Ωμέγα, 漢字, 👩‍👩‍👧, "quoted" \\ \u0000\u0007\u001e\u2028 \t\r\n </script>';

    assert.equal(await call(client, 'Echo', text), text);
    await call(client, 'Notify', text);

    assert.equal(await client.received.next(), text);
  });

  it('reports errors in the words of the reference, and goes on', async () => {
    const client = await connect();
    const crash = await failure(client, 'Crash');

    assert.equal(await failure(client, 'Fail', 'no luck'), "An unexpected error occurred invoking 'Fail' on the server. HubException: no luck");
    assert.equal(crash, "An unexpected error occurred invoking 'Crash' on the server.");
    assert.equal(await failure(client, 'fAIL', 'x'), "An unexpected error occurred invoking 'Fail' on the server. HubException: x");
    assert.equal(await failure(client, 'NoSuch', 1), "Failed to invoke 'NoSuch' due to an error on the server. HubException: Method does not exist.");
    assert.equal(await failure(client, 'AddNumbers', 1), "Failed to invoke 'AddNumbers' due to an error on the server.");
    assert.equal(await failure(client, 'AddNumbers', 1, 2, 3), "Failed to invoke 'AddNumbers' due to an error on the server.");
    assert.equal(await failure(client, 'AddNumbers', 'one', 2), "Failed to invoke 'AddNumbers' due to an error on the server.");
    assert.equal(await failure(client, 'AddNumbers', 1.5, 2), "Failed to invoke 'AddNumbers' due to an error on the server.");
    assert.equal(await failure(client, 'AddNumbers', 2147483648, 2), "Failed to invoke 'AddNumbers' due to an error on the server.");
    assert.equal(await failure(client, 'AddNumbers', null, 2), "Failed to invoke 'AddNumbers' due to an error on the server.");
    assert.equal(await failure(client, 'AdminOnly'), "Failed to invoke 'AdminOnly' because user is unauthorized");
    assert.equal(await call(client, 'Echo', 'fine'), 'fine');
    assert.equal(client.closed.size, 0);
  });

  it('runs a send without answering it, in the order of the calls', async () => {
    const client = await connect();

    await client.send('Notify', 'first');
    await client.send('Fail', 'heard by nobody');
    await client.send('NoSuch');
    await client.send('Notify', 'second');

    assert.equal(await client.received.next(), 'first');
    assert.equal(await client.received.next(), 'second');
  });

  it('runs the invocations of one client one after another', async () => {
    const client = await connect();
    const ended = [];

    await within(10_000, 'both answers', Promise.all([
      client.invoke('Delay', 200).then((ms) => ended.push(ms)),
      client.invoke('Delay', 1).then((ms) => ended.push(ms)),
    ]));

    assert.deepEqual(ended, [200, 1]);
  });

  it('sends a burst in order', async () => {
    const client = await connect();

    assert.equal(await call(client, 'Burst', 500), 500);

    const seen = [];
    for (let i = 0; i < 500; i++) seen.push(await client.received.next());
    assert.deepEqual(seen, Array.from({ length: 500 }, (_, i) => String(i)));
  });

  it('broadcasts to everybody and to the others', async () => {
    const [a, b, c] = await Promise.all([connect(), connect(), connect()]);

    await call(a, 'Broadcast', 'to all');
    await call(a, 'SendOthers', 'to the others');

    assert.equal(await a.received.next(), 'to all');
    for (const other of [b, c]) {
      assert.equal(await other.received.next(), 'to all');
      assert.equal(await other.received.next(), 'to the others');
    }
    await received_nothing_more(a);
  });

  it('broadcasts to clients of both protocols', async () => {
    const [own, json] = await Promise.all([connect(), connect({ make_protocol: null })]);

    await call(own, 'Broadcast', 'from one ö');
    await call(json, 'Broadcast', 'from the other');

    for (const client of [own, json]) {
      assert.equal(await client.received.next(), 'from one ö');
      assert.equal(await client.received.next(), 'from the other');
    }
  });

  it('sends to the members of a group', async () => {
    const [member, sender, outsider] = await Promise.all([connect(), connect(), connect()]);
    await call(member, 'Join', 'reds');
    await call(member, 'Join', 'reds');

    await call(sender, 'SendGroup', 'reds', 'one');
    await call(sender, 'SendGroup', 'Reds', 'group names have letter case');
    await call(sender, 'SendGroup', 'nobody here', 'lost');
    assert.equal(await member.received.next(), 'one');
    await call(member, 'Leave', 'reds');
    await call(member, 'Leave', 'never joined');
    await call(sender, 'SendGroup', 'reds', 'two');

    await received_nothing_more(member);
    await received_nothing_more(outsider);
  });

  it('sends to every connection of a user', async () => {
    const [first, second, other] = await Promise.all([connect({ user: 'Ann' }), connect({ user: 'Ann' }), connect({ user: 'ann' })]);

    await call(other, 'SendUser', 'Ann', 'hi Ann');
    await call(other, 'SendUser', 'nobody', 'lost');

    assert.equal(await first.received.next(), 'hi Ann');
    assert.equal(await second.received.next(), 'hi Ann');
    await received_nothing_more(other);
  });

  it('sends to one connection and ignores unknown ids', async () => {
    const [a, b] = await Promise.all([connect(), connect()]);
    const id = await call(b, 'ConnectionId');

    await call(a, 'SendConnection', id, 'just for you');
    await call(a, 'SendConnection', 'no-such-connection', 'lost');

    assert.equal(await b.received.next(), 'just for you');
    await received_nothing_more(a);
  });

  it('tells a client who it is and where', async () => {
    const [anonymous, named] = await Promise.all([connect(), connect({ user: 'J. Ω' })]);

    const id = await call(anonymous, 'ConnectionId');

    assert.match(id, /^[A-Za-z0-9_-]{22}$/);
    assert.notEqual(id, await call(named, 'ConnectionId'));
    if (skipNegotiation) assert.equal(anonymous.connectionId ?? null, null); else assert.equal(anonymous.connectionId, id);
    assert.equal(await call(anonymous, 'UserId'), null);
    assert.equal(await call(named, 'UserId'), 'J. Ω');
    assert.equal(await call(named, 'NodeName'), 'interop-node');
  });

  it('counts who is connected', async () => {
    const observer = await connect();
    await eventually('earlier clients are gone', async () => (await call(observer, 'ConnectedCount')) === 1);

    const visitor = await connect();
    await call(visitor, 'Nothing');
    assert.equal(await call(observer, 'ConnectedCount'), 2);
    await visitor.stop();

    await eventually('the visitor is gone', async () => (await call(observer, 'ConnectedCount')) === 1);
  });

  it('lets a client stop without an error', async () => {
    const client = await connect({ reconnect: true });

    await client.stop();

    assert.equal(await client.closed.next(), undefined);
    assert.equal(client.reconnecting.size, 0);
  });

  it('ends an aborted connection, which does not come back', async () => {
    const client = await connect({ reconnect: true });

    client.invoke('Abort').catch(() => {});

    const why = await client.closed.next();
    // Old versions tell the end of an event stream as an error when they see it before they have acted on the goodbye.
    const early = Number.parseInt(signalr.VERSION) < 6 && transport === 'ServerSentEvents';
    if (early) assert.match(why?.message ?? 'Error occurred', /Error occurred/);
    else assert.equal(why, undefined);
    assert.equal(client.reconnecting.size, 0);
    assert.equal(await failure(client, 'Echo', 'too late'), "Cannot send data if the connection is not in the 'Connected' State.");
  });

  it('lets a client reconnect after a protocol error of its own', async () => {
    const client = await connect({ reconnect: true });
    const id = await call(client, 'ConnectionId');

    await client.connection.send(binary ? Uint8Array.of(2, 0x91, 0x01).buffer : '{"type":1,"target":"Echo"}\u001e');

    assert.match((await client.reconnecting.next()).message, closed_with_error);
    await client.reconnected.next();
    assert.notEqual(await call(client, 'ConnectionId'), id);
  });

  it('lets clients reconnect when the server comes back on its port', async () => {
    const clients = await Promise.all([connect({ reconnect: true }), connect({ reconnect: true })]);
    await call(clients[0], 'Join', 'before');

    await server.restart();

    for (const client of clients) {
      const why = await client.reconnecting.next();
      if (transport === 'WebSockets') assert.match(why.message, /1006/);
      await client.reconnected.next(20_000);
    }
    await call(clients[0], 'SendGroup', 'before', 'groups do not outlive a connection');
    await call(clients[1], 'Broadcast', 'together again');
    for (const client of clients) assert.equal(await client.received.next(), 'together again');
  });

  it('carries a message of 1 MiB there and back', async () => {
    const client = await connect();
    const text = 'äbcdefg'.repeat((1024 * 1024) / 8);
    assert.equal(Buffer.byteLength(text), 1024 * 1024);

    const answer = await call(client, 'Echo', text);

    assert.ok(answer === text, 'the echo differs');
  });

  it('ends only the client whose message is above the limit', async () => {
    const [big, other] = await Promise.all([connect(), connect()]);
    const room_for_the_rest = 128;  // versions write a different rest around the argument; the wire tests are exact

    assert.equal((await call(big, 'Echo', 'x'.repeat(largest_message - room_for_the_rest))).length, largest_message - room_for_the_rest);
    const refused = failure(big, 'Echo', 'x'.repeat(largest_message));

    assert.match((await big.closed.next()).message, closed_with_error);
    await refused;
    assert.equal(await call(other, 'Echo', 'unharmed'), 'unharmed');
    assert.equal(other.closed.size, 0);
  });
}
