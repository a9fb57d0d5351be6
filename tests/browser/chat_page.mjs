// What a person does at the chat page, for the tests: open a window, join a room, say something, look.
//
//   CHAT_SERVER    command line of the chat server, `--port N` is appended (default: build/release/bin/chat)
//   CHROME_PATH    the browser (default: the usual names in /usr/bin and the path)
//   SCREENSHOTS    folder for pictures (default: build/screenshots)
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { program_from, start_program } from '../interop/support/server.mjs';

const pictures = process.env.SCREENSHOTS ?? fileURLToPath(new URL('../../build/screenshots', import.meta.url));
const generous = 15_000;

export const start_chat_server = () => start_program((port) => [...program_from('CHAT_SERVER', 'chat'), '--port', String(port)]);

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

export async function join(page, name, room) {
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Room', { exact: true }).fill(room);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `# ${room}` }).waitFor();
}

export async function say(page, text) {
  await page.getByLabel('Message', { exact: true }).fill(text);
  await page.keyboard.press('Enter');
}

export const sees = (page, text) => page.getByRole('log').getByText(text, { exact: true }).waitFor();
export const in_log = (page) => page.getByRole('log').locator('li').allInnerTexts();
export const people = (page) => page.locator('#people li').allInnerTexts();
/** What the page says carries its messages. */
export const carrier = (page) => page.getByRole('status').locator('.carrier').innerText();
export const close = (...windows) => Promise.all(windows.map((page) => page.context().close()));

export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: path.join(pictures, `${name}.png`), animations: 'disabled' });
}
