// Draws when each greeting of an answer was made, by the clocks of the services.

import { element } from './element.js';
import { parse_time } from './moments.js';

function said(milliseconds) {
  return milliseconds < 1 ? `+${Math.round(milliseconds * 1000)} µs` : `+${milliseconds.toFixed(2)} ms`;
}

/// Shows a line for each greeting that has a time, the earliest first.
export function show_times(list, greetings) {
  const timed = greetings.map(({ service, created }) => ({ service: String(service ?? ''), at: parse_time(String(created ?? '')) }))
    .filter((each) => each.at !== null).sort((left, right) => left.at - right.at);
  const first = timed[0]?.at ?? 0;
  const whole = Math.max(0.001, (timed.at(-1)?.at ?? 0) - first);
  list.replaceChildren(...timed.map(({ service, at }) => {
    const dot = element('span', { class: 'dot' });
    dot.style.left = `${((at - first) / whole) * 100}%`;
    return element('li', {}, element('span', { class: 'who' }, service), element('span', { class: 'track' }, dot), element('span', { class: 'after' }, said(at - first)));
  }));
}
