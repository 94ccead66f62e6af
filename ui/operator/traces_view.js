// The last traces, and one of them drawn.

import { button, element, labelled, set_attribute, set_text } from './element.js';
import { poll } from './poll.js';
import { ask } from './requests.js';
import { address } from './router.js';
import { counted, exact_time, milliseconds, number, short_time, visible } from './text.js';
import { virtual_table } from './virtual_table.js';
import { waterfall } from './waterfall.js';

const period = 3000; // milliseconds

const columns = [
  { title: 'Name', class: 'c-name', make: (cell) => cell.append(button('', 'show', { class: 'name' })),
    fill: (cell, one) => set_text(cell.firstChild, visible(one.name)) },
  { title: 'Began', class: 'c-time wide', fill(cell, one) {
    set_text(cell, short_time(one.began));
    set_attribute(cell, 'title', exact_time(one.began));
  } },
  { title: 'Took', class: 'c-number', fill: (cell, one) => set_text(cell, milliseconds(one.ms)) },
  { title: 'Spans', class: 'c-number wide', fill: (cell, one) => set_text(cell, number(one.spans)) },
  { title: 'Service', class: 'c-middle wide', fill: (cell, one) => set_text(cell, visible(one.service)) },
  { title: 'Error', class: 'c-rest', fill(cell, one) {
    set_text(cell, visible(one.error ? `${one.error}: ${one.reason ?? ''}` : ''));
    set_attribute(cell, 'title', cell.textContent);
  } },
];

function make(root) {
  const filter = element('input', { type: 'search', placeholder: 'name, service, error or id', autocomplete: 'off' });
  const only = element('select', {}, element('option', { value: '' }, 'all'), element('option', { value: 'failed' }, 'failed'));
  const summary = element('p', { class: 'summary', role: 'status' });
  const table = virtual_table({
    label: 'Traces', columns, on_action: (_, one) => { location.hash = address('traces', one.id); },
    mark: (row, one) => row.classList.toggle('selected', one.id === selected),
  });
  const list = element('div', {}, element('div', { class: 'tools' }, labelled('Filter', filter), labelled('Show', only), summary), table.box);
  const detail = element('div', { hidden: true });
  let all = [];
  let selected = null;
  let polled = null;
  root.append(list, detail);

  function draw() {
    const text = filter.value.trim().toLowerCase();
    const shown = all.filter((one) => (only.value === '' || one.error)
      && `${one.name} ${one.service} ${one.id} ${one.error ?? ''} ${one.reason ?? ''}`.toLowerCase().includes(text));
    table.show(shown);
    set_text(summary, `${number(shown.length)} of the last ${number(all.length)}`);
  }

  async function turn() {
    all = (await ask('/traces')).traces;
    draw();
  }

  async function show_one(id) {
    detail.replaceChildren(element('p', {}, element('a', { href: address('traces') }, 'All traces')),
      element('h2', {}, 'Trace ', element('code', {}, visible(id))));
    try {
      const trace = await ask(`/traces/${encodeURIComponent(id)}`);
      if (selected !== id)
        return;
      const left_out = trace['left-out'] ?? trace.left_out ?? 0;
      detail.append(element('p', {}, counted(trace.spans.length, 'span'), left_out > 0 ? ` and ${number(left_out)} that were not kept` : '',
        ' · ', element('a', { href: address('logs', null, { trace: id }) }, 'Its log lines')), waterfall(trace.spans));
    } catch (error) {
      detail.append(element('p', { class: 'note', role: 'alert' }, visible(error.message)));
    }
  }

  root.querySelector('.tools').addEventListener('input', draw);
  return {
    show({ item }) {
      const other = item !== selected;
      selected = item;
      list.hidden = item !== null;
      detail.hidden = item === null;
      if (item === null)
        polled ??= poll(turn, () => period);
      else
        this.hide();
      if (item !== null && other)
        show_one(item);
    },
    hide() {
      polled?.stop();
      polled = null;
    },
  };
}

export const traces_view = { name: 'traces', title: 'Traces', needs: '/traces', make };
