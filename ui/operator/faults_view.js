// Every fault that can be made, and those that are active with the time they have left.

import { announce } from './announcer.js';
import { button, element, labelled, set_text } from './element.js';
import { ask_and_make, title_of } from './fault_buttons.js';
import { end_fault, left_of, look_at_faults, on_faults } from './fault_source.js';
import { span, time_of_day, visible } from './text.js';

function active_row(fault) {
  return element('tr', { 'data-number': fault.number }, element('td', {}, title_of(fault.kind)), element('td', { class: 'broken' }, visible(fault.target)),
    element('td', {}, time_of_day(fault.since)), element('td', { 'data-left': '' }, span(left_of(fault))),
    element('td', {}, button('End now', 'end', { 'aria-label': `End now: ${title_of(fault.kind)}, ${visible(fault.target)}` })));
}

function kind_form(kind) {
  const list = element('datalist', { id: `targets-${kind.kind}` });
  const target = element('input', { name: 'target', list: list.id, required: true, autocomplete: 'off', spellcheck: 'false' });
  return element('form', { class: 'fault', 'data-kind': kind.kind }, element('h3', {}, title_of(kind.kind)),
    element('p', {}, visible(kind.about)), labelled('Target', target), list,
    element('button', { type: 'submit', class: 'danger' }, title_of(kind.kind)), element('p', { role: 'status' }));
}

// Keeps what the user has typed: the targets alone are made anew, and only where they differ.
function update_form(form, kind, known) {
  const list = form.querySelector('datalist');
  if (kind.targets.length !== list.children.length || kind.targets.some((each, at) => each !== list.children[at].value))
    list.replaceChildren(...kind.targets.map((each) => element('option', { value: each })));
  const none = kind.targets.length === 0;
  const submit = form.querySelector('[type=submit]');
  submit.disabled = !known.allowed || none;
  form.querySelector('[name=target]').disabled = !known.allowed || none;
  submit.title = !known.allowed ? `Refused: ${visible(known.reason)}` : none ? 'There is nothing here that it could be done to.' : '';
  form.classList.toggle('none', none);
}

function make(root) {
  const refused = element('p', { class: 'note', hidden: true });
  const body = element('tbody');
  const none = element('p', { class: 'note' }, 'None.');
  const active = element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Active faults' }, element('table', {}, element('caption', { class: 'unseen' }, 'Active faults'), element('thead', {}, element('tr', {},
    ...['Fault', 'Target', 'Since', 'Ends in', ''].map((each) => (each ? element('th', { scope: 'col' }, each) : element('td', {}))))), body));
  const forms = element('div', { class: 'cards' });
  let shown = '';
  let faults = [];

  root.append(refused, element('h2', {}, 'Active'), none, active, element('h2', {}, 'Make a fault'),
    element('p', { class: 'note' }, 'Each asks once, is logged and counted, and ends by itself.'), forms);

  on_faults((known) => {
    refused.hidden = known.allowed;
    set_text(refused, `Faults are refused here: ${visible(known.reason)}`);
    faults = known.active;
    none.hidden = faults.length > 0;
    active.hidden = faults.length === 0;
    const key = JSON.stringify(faults.map((each) => each.number));
    if (key !== shown) { // the rows of the same faults stay, and with them the focus
      shown = key;
      body.replaceChildren(...faults.map(active_row));
    }
    for (const kind of known.kinds) {
      let form = [...forms.children].find((each) => each.dataset.kind === kind.kind);
      if (!form)
        forms.append(form = kind_form(kind));
      form.kind = kind;
      update_form(form, kind, known);
    }
  });
  setInterval(() => {
    if (!root.hidden)
      [...body.children].forEach((row, at) => set_text(row.querySelector('[data-left]'), span(left_of(faults[at]))));
  }, 500);

  body.addEventListener('click', async (event) => {
    const row = event.target.closest('[data-action=end]')?.closest('tr');
    if (row)
      await end_fault(row.dataset.number).catch((error) => announce(visible(error.message)));
  });
  forms.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    const said = await ask_and_make(form.kind, form.querySelector('[name=target]').value);
    set_text(form.querySelector('[role=status]'), said ?? '');
  });
  return { show: () => look_at_faults(true), hide: () => look_at_faults(false) };
}

export const faults_view = { name: 'faults', title: 'Faults', needs: '/faults', make };
