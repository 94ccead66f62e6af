// The trace of a call: read by its id, which the answer named, and drawn as bars over time.

import { element } from './element.js';
import { ordered } from './span_order.js';

const looks = [0, 400, 900, 2000, 4000]; // milliseconds after the answer: what the call has set off may end later

function waited(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}

async function read(id, signal) {
  const response = await fetch(`/api/trace/${id}`, { cache: 'no-store', credentials: 'same-origin', signal });
  if (response.status === 404)
    return null;
  if (!response.ok)
    throw new Error(`answer ${response.status}`);
  return response.json();
}

function took(milliseconds) {
  return milliseconds < 1 ? `${Math.round(milliseconds * 1000)} µs` : `${milliseconds.toFixed(milliseconds < 100 ? 2 : 0)} ms`;
}

// A line for who sees it, and a sentence for who hears it.
function line_of({ span, depth, from, to }, whole) {
  const bar = element('span', { class: span.error ? 'bar failed' : 'bar' });
  bar.style.left = `${(from / whole) * 100}%`;
  bar.style.width = `${Math.max(0.5, ((to - from) / whole) * 100)}%`;
  const label = element('span', { class: 'span-label' }, element('span', { class: 'unseen' }, `Level ${depth + 1}: `),
    element('b', {}, String(span.name)), ' ', element('small', {}, String(span.service ?? '')));
  label.style.setProperty('--depth', Math.min(depth, 10));
  return element('li', {}, label, element('span', { class: 'track', 'aria-hidden': 'true' }, bar),
    element('span', { class: 'after' }, element('span', { class: 'unseen' }, `, begins after ${took(from)}, takes `), took(to - from)),
    element('span', { class: span.error ? 'outcome failed' : 'outcome' }, element('span', { class: 'unseen' }, ', '),
      span.error ? `${span.error.replaceAll('_', ' ')}${span.reason ? `: ${span.reason}` : ''}` : 'ok'));
}

function draw(box, id, trace) {
  const rows = ordered(trace.spans);
  const whole = Math.max(0.001, ...rows.map((each) => each.to));
  const services = new Set(trace.spans.map((each) => each.service).filter(Boolean)).size;
  const failed = trace.spans.filter((each) => each.error).length;
  const left_out = trace['left-out'];
  box.replaceChildren(
    element('p', { class: 'note', role: 'status' }, `${rows.length} ${rows.length === 1 ? 'span' : 'spans'} of ${services} ${services === 1 ? 'service' : 'services'}`
      + ` within ${took(whole)}${failed > 0 ? `, ${failed} of which failed` : ''}${left_out > 0 ? `; ${left_out} more are not shown` : ''}. Its id is `,
      element('code', {}, id), ': the operator’s page has its attributes and log lines.'),
    element('ol', { class: 'spans', 'aria-labelledby': 'trace-title' }, ...rows.map((each) => line_of(each, whole))));
}

function say(box, ...words) {
  box.replaceChildren(element('p', { class: 'note', role: 'status' }, ...words));
}

/// Draws the trace with that id in `box`, and again while it grows, until `signal` says that another call is made. Where there
/// is none to draw it says why. `id` is null where the answer named none.
export async function show_trace(box, id, signal) {
  if (id === null)
    return say(box, 'The answer names no trace: this call is not among those that are traced, so there is nothing to draw.');
  say(box, 'Reading the trace ', element('code', {}, id), ' …');
  let drawn = 0;
  try {
    for (const [number, at] of looks.entries()) {
      await waited(at - (looks[number - 1] ?? 0), signal);
      const trace = signal.aborted ? null : await read(id, signal);
      if (trace !== null && trace.spans.length > drawn) {
        drawn = trace.spans.length;
        draw(box, id, trace);
      }
      if (signal.aborted)
        return;
    }
    if (drawn === 0)
      say(box, 'The trace ', element('code', {}, id), ' is not kept here, or no longer.');
  } catch (error) {
    if (!signal.aborted && drawn === 0)
      say(box, 'The trace ', element('code', {}, id), ` could not be read: ${error.message}.`);
  }
}
