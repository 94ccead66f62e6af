// Sends dead letters back at a rate, and says what came of it.

import { redrive_oldest, redrive_one } from './dead_letter_source.js';

const most_at_once = 1000;

function second() {
  return new Promise((resolve) => { setTimeout(resolve, 1000); });
}

/// Sends these back, `rate` a second; `on_progress(sent, gone)` after each second. Returns {sent, gone}: those that were sent
/// back, and those that were not there any more. A failure of the program is thrown.
export async function redrive_these(letters, rate, signal, on_progress) {
  let sent = 0, gone = 0;
  for (let at = 0; at < letters.length && !signal.aborted; at += rate) {
    for (const each of letters.slice(at, at + rate)) {
      if (signal.aborted)
        break;
      if (await redrive_one(each.number) > 0)
        ++sent;
      else
        ++gone;
    }
    on_progress(sent, gone);
    if (at + rate < letters.length)
      await second();
  }
  return { sent, gone };
}

/// Sends the `count` oldest of a source back, `rate` a second: what is set aside again comes after them, and is not sent twice.
export async function redrive_source(source, count, rate, signal, on_progress) {
  let sent = 0;
  while (sent < count && !signal.aborted) {
    const batch = Math.min(rate, most_at_once, count - sent);
    const now = await redrive_oldest(source, batch);
    sent += now;
    on_progress(sent, 0);
    if (now < batch)
      break; // there are no more
    if (sent < count)
      await second();
  }
  return { sent, gone: 0 };
}

/// Which of those that were sent back were set aside again: letters with a greater number and the same id: pure.
export function returned(sent, letters) {
  const numbers = new Map(sent.map((each) => [each.id, each.number]));
  return letters.filter((each) => numbers.has(each.id) && each.number > numbers.get(each.id));
}
