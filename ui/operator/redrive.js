// Sends dead letters back at a rate, and says what came of it.

import { redrive_numbers } from './dead_letter_source.js';

function second() {
  return new Promise((resolve) => { setTimeout(resolve, 1000); });
}

/// Sends these back, `rate` a second, at most 1000; `on_progress(sent, gone)` after each second. Returns {sent, gone}: those that were sent
/// back, and those that were not there any more. A failure of the program is thrown.
export async function redrive_these(letters, rate, signal, on_progress) {
  let sent = 0, gone = 0;
  for (let at = 0; at < letters.length && !signal.aborted; at += rate) {
    const part = letters.slice(at, at + rate);
    const now = await redrive_numbers(part.map((each) => each.number));
    sent += now;
    gone += part.length - now;
    on_progress(sent, gone);
    if (at + rate < letters.length)
      await second();
  }
  return { sent, gone };
}

/// Which of those that were sent back were set aside again: letters with a greater number and the same id: pure.
export function returned(sent, letters) {
  const numbers = new Map(sent.map((each) => [each.id, each.number]));
  return letters.filter((each) => numbers.has(each.id) && BigInt(each.number) > BigInt(numbers.get(each.id)));
}
