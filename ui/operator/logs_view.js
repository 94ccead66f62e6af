// The log lines of the last minutes, followed.

import { button, chip, element, labelled, set_attribute, set_text } from './element.js';
import { level_field } from './level_field.js';
import { poll } from './poll.js';
import { ask } from './requests.js';
import { address } from './router.js';
import { counted, exact_time, short_time, visible } from './text.js';
import { virtual_table } from './virtual_table.js';

const period = 2000, at_once = 1000, most = 5000; // milliseconds; lines of an answer; lines that are kept here
const levels = ['trace', 'debug', 'info', 'warning', 'error'];

const columns = [
  { title: 'Time', class: 'c-time', fill(cell, one) {
    set_text(cell, short_time(one.time));
    set_attribute(cell, 'title', exact_time(one.time));
  } },
  { title: 'Level', class: 'c-state', make: (cell) => cell.append(chip('')), fill(cell, one) {
    set_attribute(cell.firstChild, 'data-state', one.level);
    set_text(cell.firstChild, visible(one.level));
  } },
  { title: 'From', class: 'c-middle wide', fill(cell, one) {
    const from = visible([one.service, one.actor].filter(Boolean).join(' '));
    set_text(cell, from);
    set_attribute(cell, 'title', from);
  } },
  { title: 'Message', class: 'c-rest', make: (cell) => cell.append(button('', 'unfold', { class: 'name' })), fill(cell, one) {
    set_text(cell.firstChild, visible(one.message));
  } },
  { title: 'Trace', class: 'c-trace wide', make: (cell) => cell.append(element('a')), fill(cell, one) {
    cell.firstChild.hidden = !one.trace;
    set_attribute(cell.firstChild, 'href', one.trace ? address('traces', one.trace) : null);
    set_text(cell.firstChild, visible(one.trace ?? '').slice(0, 8));
  } },
];

function make(root) {
  const service = element('input', { type: 'search', autocomplete: 'off' });
  const level = element('select', {}, element('option', { value: '' }, 'all'), ...levels.map((each) => element('option', { value: each }, each)));
  const trace = element('input', { type: 'search', autocomplete: 'off', spellcheck: 'false' });
  const text = element('input', { type: 'search', autocomplete: 'off' });
  const summary = element('p', { class: 'summary' });
  const whole = element('p', { class: 'line', hidden: true });
  let open = null;
  const table = virtual_table({
    label: 'Log lines', columns, mark: (row, one) => row.classList.toggle('selected', one === open),
    on_action(_, one) {
      open = open === one ? null : one;
      whole.hidden = open === null;
      set_text(whole, open === null ? '' : `${exact_time(open.time)} ${visible(open.message)}`);
      table.refresh();
    },
  });
  root.append(element('div', { class: 'tools' }, labelled('Service', service), labelled('From level', level),
    labelled('Trace', trace), labelled('Text', text), level_field(), summary), whole, table.box);
  let lines = [];
  let after = 0;
  let asked = '';
  let polled = null;

  function draw() {
    const wanted = text.value.trim().toLowerCase();
    const follow = table.at_end();
    const shown = wanted === '' ? lines
      : lines.filter((one) => `${one.service ?? ''}/${one.actor ?? ''} ${one.message}`.toLowerCase().includes(wanted));
    table.show(shown);
    set_text(summary, counted(shown.length, 'line'));
    if (follow)
      requestAnimationFrame(table.to_end);
  }

  async function turn() {
    const query = new URLSearchParams({ limit: at_once });
    for (const [name, field] of [['service', service], ['level', level], ['trace', trace]])
      if (field.value.trim() !== '')
        query.set(name, field.value.trim());
    if (String(query) !== asked) {
      asked = String(query);
      lines = [];
      after = 0;
    }
    const question = asked;
    let answer;
    try {
      answer = await ask(`/logs?after=${after}&${query}`);
    } catch (error) {
      set_text(summary, `The log could not be read: ${visible(error.message)}`);
      return;
    }
    if (question !== asked)
      return;
    after = answer.next ?? after;
    lines = [...lines, ...answer.lines].slice(-most);
    draw();
  }

  root.querySelector('.tools').addEventListener('input', (event) => {
    if (event.target === text)
      draw();
    else if ([service, level, trace].includes(event.target))
      polled?.now();
  });
  return {
    show({ query }) {
      for (const [name, field] of [['service', service], ['level', level], ['trace', trace], ['text', text]])
        if (query.has(name))
          field.value = query.get(name);
      polled ??= poll(turn, () => period);
      polled.now();
    },
    hide() {
      polled?.stop();
      polled = null;
    },
  };
}

export const logs_view = { name: 'logs', title: 'Logs', needs: '/logs?limit=1', make };
