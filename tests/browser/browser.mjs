// Finds the distribution's Chromium or Chrome and starts it without a window. Nothing is downloaded. Then its pages, and pictures
// of them.
//
//   CHROME_PATH    the browser (default: the usual names in /usr/bin and the path)
//   SCREENSHOTS    folder for pictures (default: build/screenshots)
import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const pictures = process.env.SCREENSHOTS ?? fileURLToPath(new URL('../../build/screenshots', import.meta.url));
const generous = 15_000;
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function executable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function browser_program() {
  const given = process.env.CHROME_PATH;
  if (given) {
    if (!executable(given)) throw new Error(`CHROME_PATH names ${given}, which cannot be executed`);
    return given;
  }
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(':'), '/opt/google/chrome'];
  const found = folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(executable);
  if (!found) throw new Error(`no browser: install chromium, or name one in CHROME_PATH (looked for ${names.join(', ')})`);
  return found;
}

/** A browser with a profile of its own that is gone afterwards. */
export async function launch() {
  return await chromium.launch({
    executablePath: browser_program(),
    headless: true,
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

/**
 * A connected window of its own, as on another machine; what goes wrong in it is collected in `problems`. `without` names
 * what its browser shall not know, WebSocket for example; other options are those of Playwright's contexts.
 */
export async function open_window(browser, url, { without = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 760 }, ...options });
  context.setDefaultTimeout(generous);
  await context.addInitScript((names) => { for (const name of names) delete window[name]; }, without);
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') page.problems.push(message.text()); });
  await page.goto(url);
  await page.waitForSelector('body[data-link="connected"]').catch((error) => {
    throw new Error(`the page does not connect: ${page.problems.join('; ') || 'no problem reported'}`, { cause: error });
  });
  return page;
}

export const close = (...windows) => Promise.all(windows.map((page) => page.context().close()));

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: 'disabled' });
}
