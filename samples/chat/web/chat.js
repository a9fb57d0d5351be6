// The chat page: one connection to the hub at /chat, what the hub says turned into elements, and what is typed sent back.
//
//   the page calls    JoinRoom(name, room)   Say(text)   LeaveRoom()
//   the hub calls     Rooms({version, people})   Joined(name)   Left(name)   Said(connectionId, name, text)
//
// `people` tells who is where: {room: [name, ...]}. Two people who come at the same time are told of by two shards of the
// server, and what two shards send may arrive in either order: `version` says which is the newer one. Joined and Left tell of
// others only; Said comes back to its sender too.

const find = (id) => document.getElementById(id);
const usual_rooms = ['lobby', 'garden', 'workshop'];
const most_entries = 500;
const log = find('log');
const text = find('text');

let me = null;           // { name, room } while in a room; kept over a lost connection, so that we can go back in
let rooms = {};          // who is where, as the hub told last
let rooms_version = 0;
let unread = 0;
let following = true;    // the newest message is in sight and shall stay there
let transport = '';      // what carries the connection, in the client's word for it

// --- the connection -----------------------------------------------------------------------------------------------

if (!window.signalR) {
  tell_trouble('The client library is missing: run "npm ci" in samples/chat and load this page again.');
  throw new Error('/lib/signalr.min.js was not found');
}

const transport_words = { WebSockets: 'WebSockets', ServerSentEvents: 'Server-Sent Events', LongPolling: 'Long polling' };

// Which transport it came down to, the client tells nobody but its log: the last one it selects before it is connected is
// the one that worked. Everything else in here is what its own logger does at this level.
const logger = {
  log(level, message) {
    transport = /^Selecting transport '(\w+)'/.exec(message)?.[1] ?? transport;
    if (level >= signalR.LogLevel.Error) console.error(message);
    else if (level === signalR.LogLevel.Warning) console.warn(message);
  },
};

const retry_delay = (attempts) => Math.min(4000, 250 * 2 ** attempts);

const connection = new signalR.HubConnectionBuilder()
  .withUrl('/chat')
  .withAutomaticReconnect({ nextRetryDelayInMilliseconds: ({ previousRetryCount }) => retry_delay(previousRetryCount) })
  .configureLogging(logger)
  .build();

connection.on('Rooms', ({ version, people }) => {
  if (version < rooms_version) return;
  [rooms, rooms_version] = [people, version];
  show_rooms();
  show_people();
});
connection.on('Joined', (name) => add_notice(`${name} joined`));
connection.on('Left', (name) => add_notice(`${name} left`));
connection.on('Said', (from, name, text) => add_message(name, text, from === connection.connectionId));

connection.onreconnecting(() => {
  rooms_version = 0;              // the next server may count anew
  set_link('reconnecting', 'Reconnecting…');
  tell_trouble('Connection lost. Reconnecting…');
  if (me) add_notice('The connection was lost', 'lost');
});
connection.onreconnected(async () => {
  set_link('connected', 'Connected');
  tell_trouble('');
  if (me) await go_back_in();
});
connection.onclose(() => {        // the server said goodbye and asked nobody to come back: we try all the same
  rooms_version = 0;
  set_link('disconnected', 'Disconnected');
  start();
});

async function start() {
  for (let attempts = 0; connection.state === signalR.HubConnectionState.Disconnected; attempts++) {
    try {
      await connection.start();
      set_link('connected', 'Connected');
      tell_trouble('');
      if (me) await go_back_in();
    } catch {
      set_link('reconnecting', 'Connecting…');
      tell_trouble('The server does not answer. Trying again…');
      await new Promise((resolve) => { setTimeout(resolve, retry_delay(attempts)); });
    }
  }
}

// Groups end with their connection: whoever reconnects has to join again.
async function go_back_in() {
  try {
    await connection.invoke('JoinRoom', me.name, me.room);
    add_notice('Back again', 'back');
  } catch (error) {
    tell_trouble(words_of(error));
  }
}

// The client puts a sentence of its own before the text that the hub gave to its error.
const words_of = (error) => error.message.split('HubException: ').at(-1);

// --- entering and leaving -----------------------------------------------------------------------------------------

async function enter(name, room) {
  const old = [...log.children];
  await connection.invoke('JoinRoom', name, room);
  old.forEach((entry) => entry.remove());      // not what was said in the new room while we were entering
  me = { name, room };
  sessionStorage.setItem('name', name);
  history.replaceState(null, '', `#${encodeURIComponent(room)}`);
  document.body.dataset.view = 'talk';
  find('room-title').textContent = `# ${room}`;
  show_rooms();
  show_people();
  set_title();
  add_notice(`You joined ${room}`);
  text.focus();
}

async function move_to(room) {
  if (!is_connected() || room === me.room) return;
  try {
    await enter(me.name, room);
  } catch (error) {
    tell_trouble(words_of(error));
  }
}

find('join').addEventListener('submit', async (event) => {
  event.preventDefault();
  const problem = find('problem');
  problem.hidden = true;
  try {
    await enter(find('name').value.trim(), find('room').value.trim());
  } catch (error) {
    problem.textContent = words_of(error);
    problem.hidden = false;
  }
});

find('new-room').addEventListener('submit', (event) => {
  event.preventDefault();
  const room = find('new-room-name').value.trim();
  find('new-room-name').value = '';
  if (room) move_to(room);
});

find('leave').addEventListener('click', async () => {
  me = null;
  document.body.dataset.view = 'door';
  set_title();
  if (is_connected()) await connection.invoke('LeaveRoom');
  find('name').focus();
});

// --- writing ------------------------------------------------------------------------------------------------------

find('composer').addEventListener('submit', async (event) => {
  event.preventDefault();
  const words = text.value.trim();
  if (!words || !is_connected()) return;
  text.value = '';
  fit_text();
  try {
    await connection.invoke('Say', words);
  } catch (error) {
    if (!text.value) text.value = words;       // nothing that was typed is lost
    fit_text();
    add_notice(is_connected() ? words_of(error) : 'Not sent', 'lost');
  }
});

text.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    find('composer').requestSubmit();
  }
});
text.addEventListener('input', fit_text);

function fit_text() {
  text.style.height = 'auto';
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
}

// --- showing ------------------------------------------------------------------------------------------------------

function element(tag, classes, content) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  if (content !== undefined) made.textContent = content;
  return made;
}

// A colour that belongs to a name, from the golden angle so that neighbours differ.
function hue_of(name) {
  let sum = 7;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return Math.round((sum * 137.508) % 360);
}

function avatar(name) {
  const made = element('span', 'avatar', [...name][0].toUpperCase());
  made.style.setProperty('--hue', hue_of(name));
  made.setAttribute('aria-hidden', 'true');
  return made;
}

function append(entry) {
  log.append(entry);
  while (log.children.length > most_entries) log.firstChild.remove();
  if (following) to_the_end(); else find('jump').hidden = false;
}

function to_the_end() {
  following = true;
  log.scrollTop = log.scrollHeight;
  find('jump').hidden = true;
}

function add_message(name, words, mine) {
  const follows = log.lastElementChild?.dataset.author === name && log.lastElementChild.classList.contains('mine') === mine;
  const entry = element('li', `message${mine ? ' mine' : ''}${follows ? ' follows' : ''}`);
  entry.dataset.author = name;
  const time = element('time', '', new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
  const head = element('p', 'who');
  head.append(element('strong', '', mine ? 'You' : name), ' ', time);
  const body = element('div', 'body');
  body.append(head, element('p', 'words', words));
  if (!mine) entry.append(avatar(name));
  entry.append(body);
  append(entry);
  if (mine) to_the_end();
  if (document.hidden) { unread++; set_title(); }
}

function add_notice(words, kind = '') {
  append(element('li', `notice ${kind}`, words));
}

function show_rooms() {
  const names = [...new Set([...usual_rooms, ...Object.keys(rooms), ...(me ? [me.room] : [])])];
  const count = (room) => rooms[room]?.length ?? 0;
  find('rooms').replaceChildren(...names.map((room) => {
    const button = element('button', '', room);
    if (count(room) > 0) button.append(element('span', 'count', count(room)));
    button.setAttribute('aria-label', `${room}, ${count(room)} here`);
    if (room === me?.room) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => move_to(room));
    const item = element('li');
    item.append(button);
    return item;
  }));
  find('rooms').querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  find('chips').replaceChildren(...names.map((room) => {
    const chip = element('button', 'chip', count(room) > 0 ? `${room} · ${count(room)}` : room);
    chip.type = 'button';
    chip.addEventListener('click', () => { find('room').value = room; find('name').focus(); });
    return chip;
  }));
}

function show_people() {
  const names = me ? [...(rooms[me.room] ?? [])].sort((a, b) => a.localeCompare(b)) : [];
  find('people').replaceChildren(...names.map((name) => {
    const item = element('li');
    item.append(avatar(name), element('span', '', name));
    return item;
  }));
  find('room-count').textContent = names.length < 2 ? 'only you' : `${names.length} people`;
  find('room-names').textContent = names.length < 2 ? '' : names.join(', ');
}

function set_link(state, words) {
  document.body.dataset.link = state;
  find('link-text').textContent = words;
  const carrier = state === 'connected' ? transport_words[transport] ?? '' : '';
  find('carrier').textContent = carrier;
  find('carrier').hidden = carrier === '';
  find('enter').disabled = find('send').disabled = find('leave').disabled = state !== 'connected';
  text.placeholder = state === 'connected' ? 'Write a message' : 'Waiting for the connection…';
}

function tell_trouble(words) {
  find('trouble-text').textContent = words;
  find('trouble').hidden = words === '';
}

function set_title() {
  document.title = `${unread ? `(${unread}) ` : ''}${me ? `${me.room} · ` : ''}hubbub chat`;
}

function is_connected() { return connection.state === signalR.HubConnectionState.Connected; }

find('jump').addEventListener('click', to_the_end);
log.addEventListener('scroll', () => {
  following = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  if (following) find('jump').hidden = true;
});
new ResizeObserver(() => { if (following) to_the_end(); }).observe(log);   // a keyboard comes up, the message grows
document.addEventListener('visibilitychange', () => { if (!document.hidden) { unread = 0; set_title(); } });

find('name').value = sessionStorage.getItem('name') ?? '';
if (location.hash.length > 1) find('room').value = decodeURIComponent(location.hash.slice(1));
show_rooms();
start();
