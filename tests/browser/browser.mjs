// Finds the distribution's Chromium or Chrome and starts it without a window. Nothing is downloaded.
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';

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
