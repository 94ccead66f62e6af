// Which faults can be made here, and those that are active.

import { ask } from './requests.js';
import { poll } from './poll.js';

const closely = 2000, else_every = 15000; // milliseconds: where something is active or looked at, and otherwise

const changes = new EventTarget();
let known = null;
let polled = null;
let asked_at = 0;
let looked_at = false;

/// Asks for them from now on.
export function follow_faults() {
  polled = poll(async () => {
    known = await ask('/faults');
    asked_at = performance.now();
    changes.dispatchEvent(new Event('change'));
  }, () => (looked_at || known?.active.length > 0 ? closely : else_every));
}

/// Whether somebody looks at them, who wants them as they are now.
export function look_at_faults(whether) {
  looked_at = whether;
  if (whether)
    polled?.now();
}

/// Calls `then(faults)` with the answer of the program at every change, and now where there is one.
export function on_faults(then) {
  changes.addEventListener('change', () => then(known));
  if (known !== null)
    then(known);
}

export function current_faults() {
  return known;
}

/// Seconds that an active fault has left, now.
export function left_of(fault) {
  return fault.ends_in_seconds - (performance.now() - asked_at) / 1000;
}

export async function make_fault(kind, target, seconds) {
  const made = await ask('/faults', { method: 'POST', body: { kind, target, ...(seconds === null ? {} : { seconds }) } });
  polled?.now();
  return made;
}

export async function end_fault(number) {
  await ask(`/faults/${number}`, { method: 'DELETE' });
  polled?.now();
}
