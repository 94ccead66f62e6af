// The dead letters: a filter, the list, one of them, and redriving.

import { detail_of } from './dead_letter_detail.js';
import { read_all, read_one } from './dead_letter_source.js';
import { ask_in_dialog } from './dialog.js';
import { button, element, labelled, set_attribute, set_text } from './element.js';
import { redrive_panel } from './redrive_panel.js';
import { redrive_these, returned } from './redrive.js';
import { poll } from './poll.js';
import { address } from './router.js';
import { age, counted, number, visible } from './text.js';
import { virtual_table } from './virtual_table.js';

const period = 4000, watched = 12000; // milliseconds between looks; how long what was redriven is looked for
const one_page = 1000, looks_of_all = 15;

const columns = [
  { title: 'Pick', class: 'c-check', make: (cell) => cell.append(element('input', { type: 'checkbox', 'data-action': 'pick' })) },
  { title: 'Number', class: 'c-number', make: (cell) => cell.append(button('', 'show', { class: 'name' })),
    fill: (cell, one) => set_text(cell.firstChild, one.number) },
  { title: 'Source', class: 'c-middle', fill: (cell, one) => set_text(cell, visible(one.source)) },
  { title: 'Error', class: 'c-middle wide', fill: (cell, one) => set_text(cell, visible(one.error)) },
  { title: 'Reason', class: 'c-rest', fill(cell, one) {
    set_text(cell, visible(one.reason));
    set_attribute(cell, 'title', visible(one.reason));
  } },
  { title: 'Attempts', class: 'c-number wide', fill: (cell, one) => set_text(cell, number(one.attempts)) },
  { title: 'Age', class: 'c-time wide', fill: (cell, one) => set_text(cell, age(one.last_failure)) },
  { title: 'Service', class: 'c-middle wide', fill: (cell, one) => set_text(cell, visible(one.service)) },
];

function make(root) {
  const source = element('select', {}, element('option', { value: '' }, 'all'));
  const filter = element('input', { type: 'search', placeholder: 'error, reason, id, service', autocomplete: 'off' });
  const rate = element('input', { type: 'number', min: 1, max: 1000, value: 50, class: 'short' });
  const summary = element('p', { class: 'summary', role: 'status' });
  const pick_shown = button('Pick all shown', 'pick-shown');
  const some = button('Redrive picked', 'redrive-some', { class: 'primary', disabled: true });
  const all = button('Redrive all', 'redrive-all');
  const panel = redrive_panel();
  const about = element('div');
  const details = element('aside', { class: 'details', 'aria-label': 'Details of a dead letter', hidden: true },
    button('Close', 'close', { class: 'quiet close' }), about);
  const picked = new Set();
  let letters = [];
  let shown = [];
  let reading = null;
  let polled = null;
  let selected = null;
  let looks = 0;
  let watch = null; // {sent, until}: what was redriven and may be set aside again

  columns[0].fill = (cell, one) => {
    cell.firstChild.checked = picked.has(one.number);
    set_attribute(cell.firstChild, 'aria-label', `Pick ${one.number}`);
  };
  const table = virtual_table({
    label: 'Dead letters', columns: [...columns],
    mark: (row, one) => row.classList.toggle('selected', one.number === selected),
    on_action(action, one, target) {
      if (action === 'show')
        location.hash = address('dead-letters', one.number);
      else if (target.checked)
        picked.add(one.number);
      else
        picked.delete(one.number);
      draw_tools();
    },
  });

  root.append(
    element('div', { class: 'tools' }, labelled('Source', source), labelled('Filter', filter), summary),
    element('div', { class: 'tools' }, pick_shown, some, all, labelled('a second at most', rate)),
    panel.box, element('div', { class: 'beside' }, table.box, details));

  function draw_tools() {
    set_text(summary, shown.length === letters.length ? counted(letters.length, 'dead letter')
      : `${number(shown.length)} of ${number(letters.length)} dead letters`);
    const whole = shown.length > 0 && shown.every((each) => picked.has(each.number));
    set_text(pick_shown, whole ? 'Pick none' : 'Pick all shown');
    pick_shown.disabled = shown.length === 0;
    set_text(some, picked.size > 0 ? `Redrive picked (${number(picked.size)})` : 'Redrive picked');
    some.disabled = picked.size === 0 || panel.busy();
    set_text(all, `Redrive all of ${source.value === '' ? 'every source' : visible(source.value)}`);
    all.disabled = letters.length === 0 || panel.busy();
  }

  function draw() {
    const text = filter.value.trim().toLowerCase();
    shown = text === '' ? letters : letters.filter((one) =>
      `${one.number} ${one.source} ${one.error} ${one.reason} ${one.id} ${one.service}`.toLowerCase().includes(text));
    table.show(shown);
    draw_tools();
  }

  function take(next, whole) {
    letters = next;
    const there = new Set(next.map((each) => each.number));
    if (whole)
      for (const each of picked)
        if (!there.has(each))
          picked.delete(each);
    for (const name of [...new Set(next.map((each) => each.source))].sort())
      if (![...source.options].some((each) => each.value === name))
        source.append(element('option', { value: name }, visible(name)));
    const one = about.querySelector('[data-action=redrive-one]');
    if (whole && one && source.value === '' && !there.has(selected) && !one.disabled) {
      one.disabled = true;
      one.after(' It is here no longer.');
    }
    if (watch !== null && whole) {
      const waiting = Date.now() < watch.until;
      panel.came_back(returned(watch.sent, next), waiting);
      if (!waiting)
        watch = null;
    }
    draw();
  }

  // Reads what has come since; and all where that is one answer, where something was sent back, and now and then.
  async function read() {
    reading?.abort();
    const own = reading = new AbortController();
    const before = letters.length <= one_page || watch !== null || ++looks % looks_of_all === 0 ? [] : letters;
    let found = [];
    try {
      await read_all(source.value, own.signal, (so_far) => {
        found = [...before, ...so_far];
        if (found.length > letters.length) // a first look: what there is so far is shown at once
          take(found, false);
      }, before.at(-1)?.number ?? 0);
      if (!own.signal.aborted)
        take(found, true);
    } catch (error) {
      if (!own.signal.aborted)
        set_text(summary, `The dead letters could not be read: ${visible(error.message)}`);
    }
  }

  // Redrives by `work(signal, progress)`, and looks for what is set aside again.
  async function redrive(sent, work) {
    const signal = panel.begin(sent.length);
    draw_tools();
    try {
      const done = await work(signal, (count) => panel.progress(count));
      panel.end(`${number(done.sent)} redriven${done.gone > 0 ? `, ${number(done.gone)} were gone` : ''}${signal.aborted ? ', stopped' : ''}`);
      watch = { sent, until: Date.now() + watched };
    } catch (error) {
      panel.end(`Redriving failed: ${visible(error.message)}`);
    }
    polled?.now();
    draw_tools();
  }

  async function redrive_picked(sent) {
    const at_once = Math.min(1000, Math.max(1, Number(rate.value) || 1));
    if (await ask_in_dialog({ title: 'Redrive?', text: `${counted(sent.length, 'dead letter')} to be sent back to where it came from.`, yes: 'Redrive' }))
      await redrive(sent, (signal, progress) => redrive_these(sent, at_once, signal, progress));
  }

  async function redrive_whole() {
    const sent = letters, of = source.value;
    const at_once = Math.min(1000, Math.max(1, Number(rate.value) || 1));
    if (await ask_in_dialog({ title: 'Redrive all?', text: `All ${number(sent.length)} dead letters ${of === '' ? 'of every source' : `of ${visible(of)}`}, `
      + `whatever the filter shows, are sent back, ${number(at_once)} a second.`, yes: 'Redrive all' }))
      await redrive(sent, (signal, progress) => redrive_these(sent, at_once, signal, progress));
  }

  async function show_one(which) {
    details.hidden = which === null;
    about.replaceChildren();
    if (which === null)
      return;
    try {
      const letter = await read_one(which);
      if (selected === which)
        about.replaceChildren(...detail_of(letter));
      details.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      about.replaceChildren(element('p', { class: 'note', role: 'alert' }, visible(error.message)));
    }
  }

  filter.addEventListener('input', draw);
  source.addEventListener('change', () => {
    letters = [];
    picked.clear();
    draw();
    polled?.now();
  });
  root.addEventListener('click', (event) => {
    const action = event.target.dataset.action;
    if (action === 'pick-shown') {
      const whole = shown.every((each) => picked.has(each.number));
      shown.forEach((each) => (whole ? picked.delete(each.number) : picked.add(each.number)));
      draw();
    } else if (action === 'redrive-some') {
      redrive_picked(letters.filter((each) => picked.has(each.number)));
    } else if (action === 'redrive-one') {
      redrive_picked(letters.filter((each) => each.number === selected));
    } else if (action === 'redrive-all') {
      redrive_whole();
    } else if (action === 'close') {
      location.hash = address('dead-letters');
    }
  });
  return {
    show({ item }) {
      if (item !== selected)
        show_one(item);
      selected = item;
      polled ??= poll(read, () => period);
      draw();
    },
    hide() {
      polled?.stop();
      polled = null;
    },
  };
}

export const dead_letters_view = { name: 'dead-letters', title: 'Dead letters', needs: '/dead-letters?limit=1', make };
