// Every setting with where its value comes from.

import { chip, element, labelled, set_attribute, set_text } from './element.js';
import { ask } from './requests.js';
import { number, visible } from './text.js';
import { virtual_table } from './virtual_table.js';

const shown = (value) => (value === null || value === undefined ? '' : visible(typeof value === 'string' ? value : JSON.stringify(value)));

const with_title = (value) => (cell, one) => {
  set_text(cell, value(one));
  set_attribute(cell, 'title', value(one));
};

const columns = [
  { title: 'Name', class: 'c-name', fill: with_title((one) => shown(one.name)) },
  { title: 'Value', class: 'c-middle', fill: with_title((one) => shown(one.value)) },
  { title: 'Source', class: 'c-state', make: (cell) => cell.append(chip('')), fill(cell, one) {
    set_attribute(cell.firstChild, 'data-state', one.source === 'default' ? 'default' : 'given');
    set_text(cell.firstChild, visible(one.source));
  } },
  { title: 'Place', class: 'c-middle wide', fill(cell, one) {
    set_text(cell, shown(one.place).replace(/^.*\//, '')); // of a file its name and line
    set_attribute(cell, 'title', shown(one.place));
  } },
  { title: 'Default', class: 'c-middle wide', fill: with_title((one) => shown(one.default)) },
  { title: 'Range', class: 'c-middle wide', fill: with_title((one) => shown(one.range)) },
  { title: 'Reason', class: 'c-rest wide', fill: with_title((one) => shown(one.reason)) },
];

function make(root) {
  const filter = element('input', { type: 'search', placeholder: 'name, value or reason', autocomplete: 'off' });
  const only = element('select', {}, element('option', { value: '' }, 'all'), element('option', { value: 'given' }, 'that are not defaults'));
  const summary = element('p', { class: 'summary', role: 'status' });
  const table = virtual_table({ label: 'Settings', columns });
  root.append(element('div', { class: 'tools' }, labelled('Filter', filter), labelled('Show', only), summary), table.box);
  let all = [];

  function draw() {
    const text = filter.value.trim().toLowerCase();
    const found = all.filter((one) => (only.value === '' || one.source !== 'default')
      && `${one.name} ${shown(one.value)} ${one.source} ${one.reason ?? ''}`.toLowerCase().includes(text));
    table.show(found);
    set_text(summary, `${number(found.length)} of ${number(all.length)}`);
  }

  root.querySelector('.tools').addEventListener('input', draw);
  return {
    async show() {
      try {
        all = (await ask('/settings')).settings;
        draw();
      } catch (error) {
        set_text(summary, `The settings could not be read: ${visible(error.message)}`);
      }
    },
  };
}

export const settings_view = { name: 'settings', title: 'Settings', needs: '/settings', make };
