// The stock ticker sample in the distribution's Chromium: prices stream in, orders stream out, and the hub asks.
//
//   TICKER_SERVER  command line of the server, `--port N` is appended (default: build/release/bin/stock_ticker)
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { program_from, start_program } from '../interop/support/server.mjs';
import { close, launch, open_window as open_at, picture } from './browser.mjs';

describe('the stock ticker sample', () => {
  let server;
  let browser;

  before(async () => {
    server = await start_program((port) => [...program_from('TICKER_SERVER', 'stock_ticker'), '--port', String(port)]);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const open_window = (options = {}) => open_at(browser, server.url + '/', { viewport: { width: 1280, height: 800 }, ...options });
  const ticks = (page) => page.locator('#ticks').innerText().then(Number);
  const tape = (page) => page.locator('#tape li').allInnerTexts();
  const after_ticks = (page, more) => page.evaluate((wanted) => new Promise((resolve) => {
    const counter = document.getElementById('ticks');
    const target = Number(counter.textContent) + wanted;
    const look = () => Number(counter.textContent) >= target && resolve();
    new MutationObserver(look).observe(counter, { childList: true });
    look();
  }), more);

  async function add(page, side, quantity, symbol) {
    await page.getByLabel('Side').selectOption(side);
    await page.getByLabel('Shares').fill(String(quantity));
    await page.getByLabel('Stock').selectOption(symbol);
    await page.getByRole('button', { name: 'Add to the list' }).click();
  }
  const send = (page) => page.getByRole('button', { name: 'Send all orders' }).click();
  const sees = (page, text) => page.locator('#tape').getByText(text).waitFor();

  // How many points of the chart are drawn in one of the two colours that lines have.
  const coloured_points = (page) => page.evaluate(() => {
    const canvas = document.getElementById('chart');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) ++count;
    }
    return count;
  });

  for (const [protocol, label, scheme] of [['json', 'JSON', 'light'], ['messagepack', 'MessagePack', 'dark']]) {
    it(`streams prices and orders, and asks before something large, in ${label}`, async () => {
      const page = await open_window({ colorScheme: scheme });
      await page.getByText(label, { exact: true }).click();
      await page.getByText(`Connected, ${label}`).waitFor();
      await after_ticks(page, 3);
      assert.equal(await page.locator('#board li').count(), 6);
      assert.ok(await coloured_points(page) > 300, 'there is no line in the chart');

      await page.getByRole('button', { name: /OPAL/ }).click();
      await page.getByRole('heading', { name: 'OPAL' }).waitFor();
      await add(page, 'buy', 10, 'MOSS');
      await add(page, 'sell', 100, 'OPAL');
      await add(page, 'buy', 200, 'TERN');
      await add(page, 'buy', 3, 'LARK');
      await send(page);

      const question = page.getByRole('dialog');
      await question.getByText(/^Really sell 100 OPAL for \d+\.\d\d\?$/).waitFor();
      await after_ticks(page, 2);  // prices go on while the hub waits
      await picture(page, `ticker-${protocol}-question`);
      await question.getByRole('button', { name: 'Yes' }).click();
      await question.getByText(/^Really buy 200 TERN/).waitFor();
      await question.getByRole('button', { name: 'No' }).click();
      await sees(page, /^3 executed for [\d,]+\.\d\d, 1 refused$/);

      const written = await tape(page);
      assert.match(written[0], /^buy 10 MOSS at [\d.]+$/);
      assert.match(written[1], /^sell 100 OPAL at [\d.,]+$/);
      assert.equal(written[2], 'buy 200 TERN: not confirmed');
      assert.match(written[3], /^buy 3 LARK at [\d.]+$/);
      await picture(page, `ticker-${protocol}`);
      assert.deepEqual(page.problems, []);
      await close(page);
    });
  }

  it('stops the stream when nobody wants it, and goes on', async () => {
    const page = await open_window();
    await after_ticks(page, 2);

    await page.getByRole('button', { name: 'Pause' }).click();
    await add(page, 'buy', 1, 'FERN');
    await send(page);
    await sees(page, /^1 executed/);  // behind whatever the stream had still under way
    const paused_at = await ticks(page);
    await add(page, 'buy', 2, 'FERN');
    await send(page);
    await page.locator('#tape .total').nth(1).waitFor();
    assert.equal(await ticks(page), paused_at);
    await page.getByRole('button', { name: 'Go on' }).click();

    await after_ticks(page, 2);
    await close(page);
  });

  it('finds its way back after a restart of the server', async () => {
    const page = await open_window();
    await after_ticks(page, 1);

    await server.stop();
    await page.waitForSelector('body[data-link="reconnecting"]');
    assert.ok(await page.getByRole('button', { name: 'Send all orders' }).isDisabled());
    await server.start();
    await page.waitForSelector('body[data-link="connected"]');

    await after_ticks(page, 2);
    await close(page);
  });

  it('fits a phone without scrolling sideways', async () => {
    const page = await open_window({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    await after_ticks(page, 1);

    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    await picture(page, 'ticker-phone');
    await close(page);
  });
});
