// What a person does at the chat page, for the tests: join a room, say something, look.
//
//   CHAT_SERVER    command line of the chat server, `--port N` is appended (default: build/release/bin/chat)
import { program_from, start_program } from '../interop/support/server.mjs';

export const start_chat_server = () => start_program((port) => [...program_from('CHAT_SERVER', 'chat'), '--port', String(port)]);

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
