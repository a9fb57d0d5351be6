// The stock ticker page: one stream from the hub (prices), one to the hub (orders), and one question the hub asks.
const find = (id) => document.getElementById(id);
const remembered = 240;   // points of the chart: a minute, as the market of the sample remembers it

const stocks = new Map();  // symbol -> {name, opened, history, row}
let chosen = '';
let ticks = 0;
let basket = [];
let connection = null;
let subscription = null;   // to the stream of prices; null: paused, or not connected
let wanted = true;         // prices are wanted: not paused

const money = (value) => value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const percent = (value) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)} %`;
const direction = (value) => (value < 0 ? 'down' : 'up');

// ------------------------------------------------------------------------------------------------------- connection

function protocol_of(name) {
  return name === 'messagepack' ? new signalR.protocols.msgpack.MessagePackHubProtocol() : new signalR.JsonHubProtocol();
}

async function connect(protocol) {
  await connection?.stop();
  const mine = connection = new signalR.HubConnectionBuilder()
    .withUrl('/ticker')
    .withHubProtocol(protocol_of(protocol))
    .withAutomaticReconnect({ nextRetryDelayInMilliseconds: ({ previousRetryCount }) => Math.min(250 * 2 ** previousRetryCount, 4000) })
    .configureLogging(signalR.LogLevel.None)
    .build();
  mine.on('Executed', show_execution);
  mine.on('Confirm', ask);
  mine.onreconnecting(() => set_link('reconnecting', 'Reconnecting…'));
  mine.onreconnected(() => begin(mine, protocol));
  mine.onclose(() => { if (mine === connection) set_link('disconnected', 'Disconnected'); });
  set_link('connecting', 'Connecting…');
  for (let wait = 250; mine === connection; wait = Math.min(wait * 2, 4000)) {
    try {
      await mine.start();
      return await begin(mine, protocol);
    } catch (error) {
      if (mine !== connection) return;
      tell_trouble('The server cannot be reached. Trying again…');
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

// Streams end with the connection they ran on: after every (re)connect everything is asked for anew.
async function begin(mine, protocol) {
  set_link('connected', `Connected, ${protocol === 'messagepack' ? 'MessagePack' : 'JSON'}`);
  tell_trouble('');
  show_stocks(await mine.invoke('Stocks'));
  watch();
}

function watch() {
  subscription?.dispose();
  subscription = null;
  if (!wanted || connection.state !== signalR.HubConnectionState.Connected) return;
  subscription = connection.stream('Prices').subscribe({
    next: show_quotes,
    error: () => { subscription = null; },     // the connection is lost: `begin` starts a new stream
    complete: () => { subscription = null; },
  });
}

function set_link(state, words) {
  document.body.dataset.link = state;
  find('link-text').textContent = words;
  update_send();
}

function tell_trouble(words) {
  find('trouble').textContent = words;
  find('trouble').hidden = words === '';
}

// ----------------------------------------------------------------------------------------------------------- prices

function show_stocks(all) {
  stocks.clear();
  const list = all.map((one) => {
    const button = element('button');
    const row = { change: element('small'), amount: element('span', 'amount') };
    const name = element('small');
    name.textContent = one.name;
    const symbol = element('strong');
    symbol.textContent = one.symbol;
    button.append(symbol, row.amount, name, row.change);
    button.type = 'button';
    button.addEventListener('click', () => choose(one.symbol));
    const item = element('li');
    item.append(button);
    stocks.set(one.symbol, { ...one, button, row });
    return item;
  });
  find('board').replaceChildren(...list);
  const before = find('symbol').value;
  find('symbol').replaceChildren(...all.map((one) => new Option(one.symbol, one.symbol)));
  if (stocks.has(before)) find('symbol').value = before;
  choose(stocks.has(chosen) ? chosen : all[0].symbol);
  for (const one of stocks.values()) show_price(one);
}

function show_quotes(quotes) {
  find('ticks').textContent = String(++ticks);
  for (const { symbol, price } of quotes) {
    const one = stocks.get(symbol);
    if (!one) continue;
    one.history.push(price);
    if (one.history.length > remembered) one.history.shift();
    show_price(one);
  }
  draw();
}

function show_price(one) {
  const price = one.history.at(-1);
  const change = (price / one.opened - 1) * 100;
  one.row.amount.textContent = money(price);
  one.row.change.textContent = percent(change);
  one.row.change.className = direction(change);
  if (one.symbol !== chosen) return;
  find('chart-price').textContent = money(price);
  find('chart-change').textContent = percent(change);
  find('chart-change').className = `change ${direction(change)}`;
}

function choose(symbol) {
  chosen = symbol;
  for (const one of stocks.values()) one.button.toggleAttribute('aria-current', one.symbol === symbol);
  find('chart-title').textContent = symbol;
  find('chart-name').textContent = stocks.get(symbol).name;
  find('symbol').value = symbol;
  show_price(stocks.get(symbol));
  draw();
}

function draw() {
  const canvas = find('chart');
  const history = stocks.get(chosen)?.history ?? [];
  const { width, height } = canvas.getBoundingClientRect();
  if (width === 0 || history.length < 2) return;
  const scale = devicePixelRatio;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext('2d');
  pen.scale(scale, scale);
  const colour = (name) => getComputedStyle(document.body).getPropertyValue(name);
  const [low, high] = [Math.min(...history), Math.max(...history)];
  const room = (high - low || 1) * 0.12;
  const right = width - 58;
  const x = (i) => ((i + remembered - history.length) / (remembered - 1)) * right;
  const y = (price) => height - 8 - ((price - low + room) / (high - low + 2 * room)) * (height - 16);

  pen.font = '12px system-ui, sans-serif';
  pen.textBaseline = 'middle';
  for (let i = 0; i <= 4; ++i) {
    const price = low + ((high - low) * i) / 4;
    pen.strokeStyle = colour('--line');
    pen.beginPath();
    pen.moveTo(0, y(price));
    pen.lineTo(right, y(price));
    pen.stroke();
    pen.fillStyle = colour('--soft');
    pen.fillText(money(price), right + 8, y(price));
  }
  const line = colour(history.at(-1) < history[0] ? '--down' : '--up');
  pen.beginPath();
  history.forEach((price, i) => pen.lineTo(x(i), y(price)));
  pen.lineWidth = 2;
  pen.lineJoin = 'round';
  pen.strokeStyle = line;
  pen.stroke();
  pen.lineTo(x(history.length - 1), height);
  pen.lineTo(x(0), height);
  pen.globalAlpha = 0.1;
  pen.fillStyle = line;
  pen.fill();
  pen.globalAlpha = 1;
  pen.beginPath();
  pen.arc(x(history.length - 1), y(history.at(-1)), 4, 0, 7);
  pen.fill();
}

// ----------------------------------------------------------------------------------------------------------- orders

const words_of = ({ side, quantity, symbol }) => `${side} ${quantity} ${symbol}`;

function show_basket() {
  find('basket').replaceChildren(...basket.map((order, i) => {
    const item = element('li');
    const remove = element('button');
    remove.type = 'button';
    remove.textContent = '×';
    remove.setAttribute('aria-label', `Remove ${words_of(order)}`);
    remove.addEventListener('click', () => { basket.splice(i, 1); show_basket(); });
    item.append(words_of(order), remove);
    return item;
  }));
  update_send();
}

function update_send() { find('send').disabled = basket.length === 0 || document.body.dataset.link !== 'connected'; }

// The orders travel as a stream: the hub works on the first while the others are on their way.
async function send_orders() {
  const orders = new signalR.Subject();
  const receipt = connection.invoke('Trade', orders);
  for (const order of basket) orders.next(order);
  orders.complete();
  basket = [];
  show_basket();
  try {
    const { done, refused, turnover } = await receipt;
    note(`${done} executed for ${money(turnover)}, ${refused} refused`, 'total');
  } catch (error) {
    note(`The orders were interrupted: ${error.message}`, 'refused');
  }
}

function show_execution({ what, price, done, note: why }) {
  note(done ? `${words_of(what)} at ${money(price)}` : `${words_of(what)}: ${why}`, done ? 'done' : 'refused');
}

function note(words, kind) {
  const item = element('li', kind);
  item.textContent = words;
  find('tape').append(item);
  while (find('tape').childElementCount > 100) find('tape').firstElementChild.remove();
  find('tape').scrollTop = find('tape').scrollHeight;
}

// The hub waits for what this returns. One question at a time: two lists of orders may be under way.
let last_question = Promise.resolve();
const ask = (question) => (last_question = last_question.then(() => show_question(question)));

function show_question(question) {
  const dialog = find('confirm');
  find('question').textContent = question;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
}

// ----------------------------------------------------------------------------------------------------------- the page

function element(name, kind = '') {
  const made = document.createElement(name);
  made.className = kind;
  return made;
}

find('order').addEventListener('submit', (event) => {
  event.preventDefault();
  basket.push({ symbol: find('symbol').value, side: find('side').value, quantity: find('quantity').valueAsNumber });
  show_basket();
});
find('send').addEventListener('click', send_orders);
find('pause').addEventListener('click', () => {
  wanted = !wanted;
  find('pause').textContent = wanted ? 'Pause' : 'Go on';
  find('pause').setAttribute('aria-pressed', String(!wanted));
  watch();
});
find('protocols').addEventListener('change', (event) => connect(event.target.value));
new ResizeObserver(draw).observe(find('chart'));
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
connect(document.querySelector('[name="protocol"]:checked').value);
