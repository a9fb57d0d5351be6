// Our frames beside the recorded ones: what hubbub must have sent in an exchange, and which entry of the known differences
// says so.
import { shown_alone } from './conversation.mjs';
import { protocols } from './encoding.mjs';
import { known } from './known.mjs';

/** The entry that an exchange falls under; undefined for the most, which must be as recorded. */
export function entry_for(protocol, script, { step }) {
  const entries = known.filter(({ where }) => where.test(`${protocol}, ${script}: ${step}`));
  if (entries.length > 1) throw new Error(`${protocol}, ${script}: ${step} has two entries: ${entries.map(({ what }) => what).join('; ')}`);
  return entries[0];
}

/** What hubbub must have sent where ASP.NET Core has sent what is recorded. */
export function wanted(protocol, script, exchange) {
  const entry = entry_for(protocol, script, exchange);
  if (!entry) return exchange;
  const received = entry.rewrite
    ? Object.fromEntries(Object.entries(exchange.received).map(([name, texts]) => [name, texts.map(entry.rewrite)]))
    : { ...exchange.received, [exchange.from]: entry.gets(protocols[protocol], { script, ...exchange }).map((content) => shown_alone(protocol, content)) };
  const changed = { ...exchange, received, ended: entry.ends ? { [exchange.from]: entry.ends } : {} };
  if (JSON.stringify(changed) === JSON.stringify(exchange)) throw new Error(`${protocol}, ${script}: ${exchange.step} is listed as different, but ASP.NET Core sends the same: ${entry.what}`);
  return changed;
}

/** How many exchanges each known difference is seen in: a map of entries to `{ json, messagepack }`. */
export function seen_in(recordings) {
  const seen = new Map(known.map((entry) => [entry, { json: 0, messagepack: 0 }]));
  for (const [protocol, scripts] of Object.entries(recordings)) {
    for (const { script, exchanges } of scripts) {
      for (const exchange of exchanges) {
        const entry = entry_for(protocol, script, exchange);
        if (entry) seen.get(entry)[protocol] += 1;
      }
    }
  }
  return seen;
}
