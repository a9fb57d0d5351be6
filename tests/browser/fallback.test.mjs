// The chat sample where WebSockets are not to be had: in browsers without them, and behind a proxy that does not pass them
// on. Microsoft's client then takes Server-Sent Events, and where there are none either, long polling. chat_page.mjs tells of
// the environment variables.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { close, launch, open_window, picture } from './browser.mjs';
import { carrier, join, people, say, sees, start_chat_server } from './chat_page.mjs';
import { start_upgrade_remover } from './upgrade_remover.mjs';

const fallbacks = [
  { transport: 'Server-Sent Events', without: ['WebSocket'], short: 'events' },
  { transport: 'Long polling', without: ['WebSocket', 'EventSource'], short: 'polling' },
];

// A page's own problems. A WebSocket that fails is told by the browser and by the client, and is what these tests want.
const own_problems = (...pages) => pages.flatMap((page) => page.problems).filter((text) => !/WebSocket/.test(text));

describe('the chat sample without WebSockets', { timeout: 300_000 }, () => {
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

  // Two people come, talk in both directions, and one of them goes. Each time in a room of their own: who closes a window
  // of long polling stays in its room until the server misses the next poll.
  async function two_windows_talk(url, { transport, without }, room) {
    const ada = await open_window(browser, url, { without });
    const bob = await open_window(browser, url, { without, colorScheme: 'dark' });
    for (const page of [ada, bob]) assert.equal(await carrier(page), transport);
    await join(ada, 'Ada', room);
    await join(bob, 'Bob', room);
    await sees(ada, 'Bob joined');

    await say(ada, 'Hello Bob, can you hear me?');
    await sees(bob, 'Hello Bob, can you hear me?');
    for (const text of ['Loud and clear.', 'One after another,', 'in the order I say it: Grüße, 漢字, 👩‍👩‍👧']) {
      await say(bob, text);
      await sees(ada, text);
    }
    await say(ada, 'Without WebSockets!');
    await sees(bob, 'Without WebSockets!');
    await sees(ada, 'Without WebSockets!');  // her own window is drawn in its own time
    await picture(ada, room);
    await picture(bob, `${room}-dark`);

    await bob.getByRole('button', { name: 'Leave' }).click();
    await sees(ada, 'Bob left');
    for (const page of [ada, bob]) assert.equal(await carrier(page), transport);
    assert.deepEqual(own_problems(ada, bob), []);
    await close(ada, bob);
  }

  for (const fallback of fallbacks) {
    const { transport, without, short } = fallback;

    it(`carries messages between two windows over ${transport}`, async () => {
      await two_windows_talk(server.url, fallback, `8-${short}`);
    });

    it(`shows a lost connection over ${transport}, finds its way back, and goes on`, async () => {
      const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true, colorScheme: 'dark' };
      const [ada, bob] = [await open_window(browser, server.url, { without }), await open_window(browser, server.url, { without, ...phone })];
      await join(ada, 'Ada', 'lobby');
      await join(bob, 'Bob', 'lobby');

      await server.stop();
      for (const page of [ada, bob]) await page.waitForSelector('body[data-link="reconnecting"]');
      await server.start();
      for (const page of [ada, bob]) await sees(page, 'Back again');
      for (const page of [ada, bob]) await page.waitForFunction(() => document.getElementById('room-count').textContent === '2 people');

      await say(ada, 'after');
      await sees(bob, 'after');
      await say(bob, 'yes, after');
      await sees(ada, 'yes, after');
      for (const page of [ada, bob]) assert.equal(await carrier(page), transport);
      assert.ok(await bob.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), 'the phone scrolls sideways');
      await picture(bob, `9-${short}-phone`);
      await close(ada, bob);
    });
  }

  it('lets windows of all three transports share a room', async () => {
    const windows = {
      'WebSockets': await open_window(browser, server.url),
      'Server-Sent Events': await open_window(browser, server.url, { without: ['WebSocket'] }),
      'Long polling': await open_window(browser, server.url, { without: ['WebSocket', 'EventSource'] }),
    };
    for (const [transport, page] of Object.entries(windows)) {
      assert.equal(await carrier(page), transport);
      await join(page, transport, 'garden');
    }

    for (const [transport, page] of Object.entries(windows)) {
      await say(page, `this came by ${transport}`);
      for (const other of Object.values(windows)) await sees(other, `this came by ${transport}`);
    }

    const names = (await people(windows.WebSockets)).map((text) => text.split('\n').at(-1));
    assert.deepEqual(names.sort(), Object.keys(windows).sort());
    await picture(windows['Long polling'], '10-three-transports');
    assert.deepEqual(own_problems(...Object.values(windows)), []);
    await close(...Object.values(windows));
  });

  describe('behind a proxy that does not pass upgrades on', () => {
    let proxy;

    before(async () => { proxy = await start_upgrade_remover(server); });
    after(async () => { await proxy?.stop(); });

    it('falls back to Server-Sent Events by itself', async () => {
      await two_windows_talk(proxy.url, { transport: 'Server-Sent Events', without: [] }, '11-proxy-events');

      assert.equal(proxy.removed, 2, 'each window tries a WebSocket first');
    });

    it('falls back to long polling where there are no Server-Sent Events either', async () => {
      const before = proxy.removed;

      await two_windows_talk(proxy.url, { transport: 'Long polling', without: ['EventSource'] }, '12-proxy-polling');

      assert.equal(proxy.removed - before, 2, 'each window tries a WebSocket first');
    });
  });
});
