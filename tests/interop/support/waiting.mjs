// Waiting with a deadline that names what was missing.

/** The promise's result, or an error that says what did not come in time. */
export function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${milliseconds} ms for ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Asks again until the answer is true. For states of the server that announce themselves by no event. */
export async function eventually(what, question, deadline = 10_000) {
  const end = Date.now() + deadline;
  for (;;) {
    if (await question()) return;
    if (Date.now() > end) throw new Error(`waited ${deadline} ms until ${what}`);
    await pause(20);
  }
}

/** A queue whose reader waits: events in, `next()` out. */
export class Inbox {
  #items = [];
  #waiting = [];

  constructor(name) { this.name = name; }

  push(item) {
    const reader = this.#waiting.shift();
    if (reader) reader(item); else this.#items.push(item);
  }

  async next(deadline = 10_000) {
    if (this.#items.length > 0) return this.#items.shift();
    return await within(deadline, `the next of ${this.name}`, new Promise((resolve) => this.#waiting.push(resolve)));
  }

  get size() { return this.#items.length; }
}
