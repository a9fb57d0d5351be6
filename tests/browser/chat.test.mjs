// The chat sample in the distribution's Chromium: two windows that talk to each other through the hub. chat_page.mjs tells
// of the environment variables.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { close, launch, open_window as open_at, picture } from './browser.mjs';
import { carrier, in_log, join, people, say, sees, start_chat_server } from './chat_page.mjs';

describe('the chat sample', () => {
  let server;
  let browser;

  before(async () => {
    server = await start_chat_server();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const open_window = (options = {}, target = '/') => open_at(browser, server.url + target, options);

  it('carries what is typed in one window into the other', async () => {
    const ada = await open_window();
    await picture(ada, '1-door');
    const bob = await open_window({ colorScheme: 'dark' });
    await join(ada, 'Ada', 'lobby');
    await join(bob, 'Bob', 'lobby');

    await sees(ada, 'Bob joined');
    await say(ada, 'Hello Bob, can you hear me?');
    await sees(bob, 'Hello Bob, can you hear me?');
    await say(bob, 'Loud and clear. This hub is written in C++, by the way.');
    await say(bob, 'And this page in plain JavaScript.');
    await sees(ada, 'And this page in plain JavaScript.');
    await say(ada, 'Grüße an alle!');
    await sees(bob, 'Grüße an alle!');
    await sees(ada, 'Grüße an alle!');  // her own window is drawn in its own time

    assert.equal(await ada.locator('.message.mine').count(), 2);
    assert.equal(await bob.locator('.message.mine').count(), 2);
    assert.deepEqual((await people(ada)).map((text) => text.split('\n').at(-1)), ['Ada', 'Bob']);
    assert.equal(await ada.locator('#room-count').innerText(), '2 people');
    assert.equal(await carrier(ada), 'WebSockets');
    await picture(ada, '2-light');
    await picture(bob, '3-dark');
    await say(ada, '漢字, 👩‍👩‍👧, \u2028 and a\nsecond line');
    await bob.getByRole('log').getByText('漢字, 👩‍👩‍👧').waitFor();
    assert.deepEqual([...ada.problems, ...bob.problems], []);
    await close(ada, bob);
  });

  it('tells who comes and who goes, by the button and by closing the window', async () => {
    const [ada, bob, eve] = [await open_window(), await open_window(), await open_window()];
    await join(ada, 'Ada', 'garden');
    await join(bob, 'Bob', 'garden');
    await join(eve, 'Eve', 'garden');
    await sees(ada, 'Eve joined');

    await bob.getByRole('button', { name: 'Leave' }).click();
    await sees(ada, 'Bob left');
    await bob.getByRole('heading', { name: 'Come in' }).waitFor();
    await close(eve);
    await sees(ada, 'Eve left');

    await ada.waitForFunction(() => document.getElementById('room-count').textContent === 'only you');
    await close(ada, bob);
  });

  it('keeps rooms apart, and lets people change them', async () => {
    const [ada, bob] = [await open_window(), await open_window({}, '/#workshop')];
    await join(ada, 'Ada', 'lobby');
    assert.equal(await bob.getByLabel('Room', { exact: true }).inputValue(), 'workshop');
    await join(bob, 'Bob', 'workshop');

    await say(bob, 'only for the workshop');
    await ada.getByRole('button', { name: 'workshop, 1 here' }).click();
    await sees(bob, 'Ada joined');
    await say(bob, 'welcome');
    await sees(ada, 'welcome');

    assert.ok(!(await in_log(ada)).some((text) => text.includes('only for the workshop')));
    await ada.getByPlaceholder('Another room').fill('roof');
    await ada.keyboard.press('Enter');
    await ada.getByRole('heading', { name: '# roof' }).waitFor();
    await sees(bob, 'Ada left');
    await close(ada, bob);
  });

  it('shows text as text', async () => {
    const ada = await open_window();
    await join(ada, '<b>Ada</b>', 'lobby');

    await say(ada, '<img src=x onerror="document.title=1"> & <script>alert(1)</script>');

    await sees(ada, '<img src=x onerror="document.title=1"> & <script>alert(1)</script>');
    assert.equal(await ada.locator('.log img, .log script, .people b').count(), 0);
    await close(ada);
  });

  it('says what the hub refuses', async () => {
    const ada = await open_window();
    await ada.getByLabel('Your name').fill('   ');
    await ada.getByRole('button', { name: 'Join the room' }).click();

    const problem = ada.locator('#problem');
    await problem.waitFor();

    assert.match(await problem.innerText(), /name/i);
    assert.doesNotMatch(await problem.innerText(), /HubException/);
    await close(ada);
  });

  it('shows a lost connection, finds its way back, and goes on', async () => {
    const [ada, bob] = [await open_window(), await open_window({ viewport: { width: 390, height: 780 }, colorScheme: 'dark' })];
    await join(ada, 'Ada', 'lobby');
    await join(bob, 'Bob', 'lobby');
    await say(ada, 'before');
    await sees(bob, 'before');

    await server.stop();
    for (const page of [ada, bob]) {
      await page.waitForSelector('body[data-link="reconnecting"]');
      await page.getByRole('alert').getByText('Connection lost. Reconnecting…').waitFor();
      assert.ok(await page.getByRole('button', { name: 'Send' }).isDisabled());
      assert.ok(await page.locator('#carrier').isHidden(), 'a transport is shown although there is none');
    }
    await picture(ada, '4-reconnecting');
    await server.start();

    for (const page of [ada, bob]) {
      await page.waitForSelector('body[data-link="connected"]');
      await sees(page, 'Back again');
      assert.ok(await page.locator('#trouble').isHidden());
    }
    for (const page of [ada, bob]) await page.waitForFunction(() => document.getElementById('room-count').textContent === '2 people');
    await say(ada, 'after');
    await sees(bob, 'after');
    await say(bob, 'yes, after');
    await sees(ada, 'yes, after');
    await picture(bob, '5-phone');
    await close(ada, bob);
  });

  it('keeps what is typed while the server is away, and waits for it at the start', async () => {
    const ada = await open_window();
    await join(ada, 'Ada', 'lobby');
    await server.stop();
    await ada.waitForSelector('body[data-link="reconnecting"]');

    await say(ada, 'typed too early');
    assert.equal(await ada.getByLabel('Message', { exact: true }).inputValue(), 'typed too early');
    await server.start();
    await sees(ada, 'Back again');
    await ada.getByRole('button', { name: 'Send' }).click();

    await sees(ada, 'typed too early');
    await close(ada);
  });

  it('fits a phone without scrolling sideways, at the door and in a full room', async () => {
    const page = await open_window({ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true });
    const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth && document.documentElement.scrollHeight <= window.innerHeight);
    assert.ok(await fits());
    await picture(page, '6-phone-door');
    await join(page, 'A name of some length', 'a room of some length');

    for (let i = 0; i < 20; i++) await say(page, `message ${i} ${'long'.repeat(i * 5)}`);
    await page.getByRole('log').getByText(/^message 19 /).waitFor();

    assert.ok(await fits());
    assert.ok(await page.evaluate(() => { const log = document.getElementById('log'); return log.scrollHeight - log.scrollTop - log.clientHeight < 5; }), 'the newest message is not in sight');
    await picture(page, '7-phone-full');
    await close(page);
  });
});
