// The live supervision tree.

import { announce } from './announcer.js';
import { button, chip, element, facts, labelled, set_attribute, set_text } from './element.js';
import { fault_buttons } from './fault_buttons.js';
import { on_faults } from './fault_source.js';
import { address } from './router.js';
import { age, counted, exact_time, number, time_of_day, visible } from './text.js';
import { changes_between, has_failed, is_troubled, rows_of } from './tree_rows.js';
import { on_tree } from './tree_source.js';
import { virtual_table } from './virtual_table.js';

const most_changes = 50;

function name_cell(cell) {
  cell.append(button('', 'fold', { class: 'fold' }), button('', 'show', { class: 'name' }));
}

function fill_name(cell, { node, depth, folds, open, path }) {
  const [fold, name] = cell.children;
  cell.style.setProperty('--depth', depth);
  fold.classList.toggle('nothing', !folds);
  fold.disabled = !folds;
  set_attribute(fold, 'aria-expanded', folds ? String(open) : null);
  set_attribute(fold, 'aria-label', `${visible(node.name)}, what is below`);
  set_text(name, visible(node.name));
  set_attribute(name, 'title', visible(path));
}

function fill_state(cell, { node }) {
  const held = node.held_up_by ? 'held_up' : node.state;
  set_attribute(cell.firstChild, 'data-state', held);
  set_text(cell.firstChild, held.replaceAll('_', ' '));
}

const columns = [
  { title: 'Name', class: 'c-name tree-name', make: name_cell, fill: fill_name },
  { title: 'State', class: 'c-state', make: (cell) => cell.append(chip('')), fill: fill_state },
  { title: 'Incarnation', class: 'c-number wide', fill: (cell, { node }) => set_text(cell, number(node.incarnation)) },
  { title: 'Restarts', class: 'c-number', fill: (cell, { node }) => set_text(cell, number(node.restarts)) },
  { title: 'Mailbox', class: 'c-number wide', fill: (cell, { node }) => set_text(cell, number(node.mailbox)) },
  { title: 'Last error', class: 'c-rest wide', fill: (cell, { node }) => set_text(cell, visible(node.held_up_by
    ? `held up by ${node.held_up_by}` : node.last_error)) },
];

function facts_of(node) {
  return facts([
    ['State', chip(node.state)], ['Since', `${exact_time(node.since)} (${age(node.since)} ago)`],
    ['Is', node.supervises ? `supervisor of ${node.children.length}` : 'actor'],
    ['Incarnation', number(node.incarnation)], ['Restarts', number(node.restarts)], ['Mailbox', number(node.mailbox)],
    ['Last error', visible(node.last_error)], ['Held up by', visible(node.held_up_by)],
  ]);
}

function make(root) {
  const folded = new Set();
  const changed = new Map(); // when each path last changed
  const filter = element('input', { type: 'search', placeholder: 'name or error', autocomplete: 'off' });
  const only = element('select', {}, element('option', { value: '' }, 'all'),
    element('option', { value: 'troubled' }, 'in trouble now'), element('option', { value: 'failed' }, 'that have failed'));
  const summary = element('p', { class: 'summary' });
  const list = element('ol', { class: 'changes' });
  const title = element('h2');
  const about = element('div', { class: 'about' });
  const lines = element('a', {}, 'Its log lines');
  const faults = element('div');
  const details = element('aside', { class: 'details', 'aria-label': 'Details of an actor', hidden: true },
    button('Close', 'close', { class: 'quiet close' }), title, about, element('p', {}, lines), faults);
  let known = null;
  let selected = null;

  const table = virtual_table({
    label: 'Supervision tree', columns, mark: (row, item) => {
      row.classList.toggle('changed', Date.now() - (changed.get(item.path) ?? 0) < 3000);
      row.classList.toggle('selected', item.path === selected);
    },
    on_action(action, item) {
      if (action === 'show') {
        location.hash = address('tree', item.path);
      } else if (!folded.delete(item.path)) {
        folded.add(item.path);
      }
      draw();
    },
  });

  function passes() {
    const text = filter.value.trim().toLowerCase();
    const kind = { troubled: is_troubled, failed: has_failed }[only.value];
    if (text === '' && kind === undefined)
      return null;
    return (node, path) => (kind === undefined || kind(node))
      && `${path} ${node.last_error ?? ''} ${node.held_up_by ?? ''}`.toLowerCase().includes(text);
  }

  function draw() {
    if (known === null || root.hidden)
      return;
    table.show(rows_of(known.tree, folded, passes()));
    let troubled = 0, restarts = 0;
    for (const node of known.nodes.values()) {
      troubled += is_troubled(node) ? 1 : 0;
      restarts += node.restarts;
    }
    set_text(summary, `${counted(known.nodes.size, 'actor')}, ${counted(restarts, 'restart')}, `
      + (troubled === 0 ? 'none in trouble' : `${number(troubled)} in trouble`));
    draw_details();
  }

  let drawn_node = null;
  let drawn_kinds = '';
  function draw_faults() {
    faults.replaceChildren(fault_buttons(['end_actor', 'fail_actor', 'hang_actor'], selected));
  }

  function draw_details() {
    const node = known.nodes.get(selected);
    const opened = details.hidden && node !== undefined;
    details.hidden = node === undefined;
    if (node === undefined || (drawn_node?.node === node && drawn_node.path === selected))
      return;
    set_text(title, visible(selected)); // the link stays, and with it the focus
    set_attribute(lines, 'href', address('logs', null, { text: selected }));
    about.replaceChildren(facts_of(node));
    if (drawn_node?.path !== selected || opened)
      draw_faults();
    drawn_node = { node, path: selected };
  }

  function note(changes, restarted) {
    const now = new Date();
    if (restarted) {
      changes = [{ path: 'the program', text: 'was restarted' }];
    }
    for (const { path, text } of changes) {
      changed.set(path, now.getTime());
      announce(`${visible(path)} ${visible(text)}`);
    }
    list.prepend(...changes.slice(-most_changes).reverse().map(({ path, text }) => element('li', {},
      element('time', {}, time_of_day(now)), ' ', element('b', {}, visible(path)), ` ${visible(text)}`)));
    while (list.children.length > most_changes)
      list.lastChild.remove();
  }

  root.append(
    element('div', { class: 'tools' }, labelled('Filter', filter), labelled('Show', only), summary),
    element('div', { class: 'beside' }, table.box, details),
    element('h2', {}, 'Changes since this page was opened'), list);
  root.querySelector('.tools').addEventListener('input', draw);
  details.addEventListener('click', (event) => {
    if (event.target.dataset.action === 'close')
      location.hash = address('tree');
  });
  on_faults(({ allowed, kinds }) => { // which may be known only after an actor is shown
    const key = JSON.stringify([allowed, kinds]);
    if (key !== drawn_kinds && !details.hidden)
      draw_faults();
    drawn_kinds = key;
  });
  on_tree((next) => {
    const first = known === null;
    known = next;
    note(changes_between(next.before, next.nodes), next.restarted);
    draw();
    if (first)
      table.reveal((row) => row.path === selected);
    setTimeout(() => table.refresh(), 3100); // what has changed is marked no longer
  });

  return {
    show({ item }) {
      selected = item;
      draw();
      table.reveal((row) => row.path === item);
      if (known !== null && item !== null)
        details.scrollIntoView({ block: 'nearest' });
    },
  };
}

export const tree_view = { name: 'tree', title: 'Supervision', needs: null, make };
