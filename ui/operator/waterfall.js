// One trace drawn: its spans below one another, each with a bar of when it began and how long it took.

import { button, element, facts } from './element.js';
import { address } from './router.js';
import { ordered } from './span_order.js';
import { exact_time, milliseconds, visible } from './text.js';

function attributes_of(span) {
  const links = (span.links ?? []).map((each) => element('a', { href: address('traces', each.trace) }, each.trace));
  return element('div', { class: 'span-more', hidden: true }, facts([
    ['Span', span.id], ['Kind', span.kind], ['Service', visible(span.service)], ['Began', exact_time(span.began)],
    ['Took', milliseconds(span.ms)],
    ...Object.entries(span.attributes ?? {}).map(([name, value]) => [visible(name), visible(value)]),
    ['Linked traces', links.length > 0 ? element('span', {}, ...links.flatMap((each) => [each, ' '])) : null],
  ]));
}

function row_of({ span, depth, from, to }, whole) {
  const bar = element('span', { class: span.error ? 'bar bad' : 'bar', 'data-kind': span.kind });
  bar.style.left = `${(from / whole) * 100}%`;
  bar.style.width = `${Math.max(0.4, ((to - from) / whole) * 100)}%`;
  const name = button(visible(span.name), 'more', { class: 'name', 'aria-expanded': 'false' });
  const label = element('span', { class: 'span-label' }, name, ' ', element('small', {}, visible(span.service)));
  label.style.setProperty('--depth', Math.min(depth, 12));
  const failed = span.error ? element('p', { class: 'span-error' }, visible(`${span.error}${span.reason ? `: ${span.reason}` : ''}`)) : null;
  return element('li', {}, element('div', { class: 'span-row' }, label,
    element('span', { class: 'track', title: `${milliseconds(span.ms)} from +${milliseconds(from)}` }, bar),
    element('span', { class: 'took' }, milliseconds(span.ms))), failed, attributes_of(span));
}

/// The list of spans. A click on a name shows what is known of it.
export function waterfall(spans) {
  const rows = ordered(spans);
  const whole = Math.max(0.001, ...rows.map((each) => each.to));
  const list = element('ol', { class: 'waterfall' }, ...rows.map((each) => row_of(each, whole)));
  list.addEventListener('click', (event) => {
    const name = event.target.closest('[data-action=more]');
    if (!name)
      return;
    const more = name.closest('li').querySelector('.span-more');
    more.hidden = !more.hidden;
    name.setAttribute('aria-expanded', String(!more.hidden));
  });
  return list;
}
