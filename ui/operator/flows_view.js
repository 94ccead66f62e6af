// The flows: services, channels, stores and peers, as a graph and as tables.

import { button, element, set_text } from './element.js';
import { ask_and_make, title_of } from './fault_buttons.js';
import { on_faults } from './fault_source.js';
import { flow_graph } from './flow_graph.js';
import { tables } from './flow_tables.js';
import { poll } from './poll.js';
import { show_program } from './program_bar.js';
import { with_rates } from './rates.js';
import { ask } from './requests.js';
import { visible } from './text.js';

const period = 2000; // milliseconds

function make_table({ title, of, columns }) {
  const body = element('tbody');
  const head = element('tr', {}, ...columns.map((each) => element('th', { scope: 'col', class: each.class }, each.title)));
  const table = element('table', {}, element('caption', { class: 'unseen' }, title), element('thead', {}, head), body);
  const box = element('section', { 'data-of': of }, element('h2', {}, title),
    element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': title }, table));
  return { box, body, columns };
}

function fill_table({ box, body, columns }, items) {
  box.hidden = items.length === 0;
  while (body.children.length > items.length)
    body.lastChild.remove();
  while (body.children.length < items.length) {
    const cells = columns.map((column, at) => {
      const cell = at === 0 ? element('th', { scope: 'row' }) : element('td', { class: column.class });
      column.make?.(cell);
      return cell;
    });
    body.append(element('tr', {}, ...cells));
  }
  items.forEach((item, row) => columns.forEach((column, at) => column.fill(body.children[row].children[at], item)));
}

// A line of buttons below a table: which thing, and what is done to it.
function fault_tools(of) {
  const target = element('select', { 'aria-label': 'What is made to fail' });
  const buttons = element('span', { class: 'buttons' });
  const note = element('span', { role: 'status' });
  const box = element('div', { class: 'tools', hidden: true }, target, buttons, note);
  let kinds = [];
  on_faults((known) => {
    kinds = known.kinds.filter((each) => of.includes(each.kind) && each.targets.length > 0);
    box.hidden = kinds.length === 0;
    const targets = [...new Set(kinds.flatMap((each) => each.targets))];
    if (targets.join('\n') !== [...target.options].map((each) => each.value).join('\n'))
      target.replaceChildren(...targets.map((each) => element('option', { value: each }, visible(each))));
    if (buttons.children.length !== kinds.length)
      buttons.replaceChildren(...kinds.map((each) => button(title_of(each.kind), each.kind, { class: 'danger' })));
    for (const each of buttons.children) {
      each.disabled = !known.allowed;
      each.title = known.allowed ? '' : `Refused: ${visible(known.reason)}`;
    }
  });
  buttons.addEventListener('click', async (event) => {
    const kind = kinds.find((each) => each.kind === event.target.dataset.action);
    if (kind)
      set_text(note, await ask_and_make(kind, target.value) ?? '');
  });
  return box;
}

function make(root) {
  const graph = flow_graph();
  const made = tables.map((each) => ({ of: each.of, ...make_table(each) }));
  made.forEach((each, at) => each.box.append(fault_tools(tables[at].faults)));
  const note = element('p', { class: 'note', hidden: true });
  root.append(note, graph.box, ...made.map((each) => each.box));
  let before = null;

  async function turn() {
    try {
      const now = { flows: await ask('/flows'), at: performance.now() };
      const flows = with_rates(now, before);
      before = now;
      note.hidden = true;
      graph.update(flows);
      for (const each of made)
        fill_table(each, flows[each.of]);
      show_program(flows);
    } catch (error) {
      note.hidden = false;
      set_text(note, `The flows could not be read: ${visible(error.message)}`);
    }
  }

  let polled = null;
  return {
    show() { polled ??= poll(turn, () => period); },
    hide() {
      polled?.stop();
      polled = null;
    },
  };
}

export const flows_view = { name: 'flows', title: 'Flows', needs: '/flows', make };
