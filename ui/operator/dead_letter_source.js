// The dead letters of a source, page by page.

import { ask } from './requests.js';

const page = 1000; // the most that the program answers at once
const by_brokers = 35000; // milliseconds for what brokers do

/// Reads them all, from the oldest, in pages: `on_page(letters)` is called with all so far. Ends early where `signal` is aborted.
export async function read_all(source, signal, on_page, after = 0) {
  let letters = [];
  for (let next = after; ;) {
    const query = new URLSearchParams({ limit: page, after: next, ...(source ? { source } : {}) });
    const answer = await ask(`/dead-letters?${query}`, { signal });
    if (signal.aborted)
      return;
    letters = letters.concat(answer.dead_letters);
    on_page(letters);
    if (answer.next === undefined || answer.next === null || answer.dead_letters.length === 0)
      return;
    next = answer.next;
  }
}

export function read_one(number) {
  return ask(`/dead-letters/${encodeURIComponent(number)}`);
}

/// Sends these back, at most 1000; answers how many of them were there.
export async function redrive_numbers(numbers) {
  return (await ask('/dead-letters/redrive', { method: 'POST', body: { numbers }, within: by_brokers })).redriven;
}
