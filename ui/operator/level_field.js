// The level from which on the program logs, shown and set.

import { announce } from './announcer.js';
import { element, labelled } from './element.js';
import { ask } from './requests.js';
import { visible } from './text.js';

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'off'];

/// The field; hidden where the program has no such setting.
export function level_field() {
  const field = element('select', { name: 'log-level' }, ...levels.map((each) => element('option', { value: each }, each)));
  const label = labelled('Log from level', field);
  const take = ({ level }) => {
    if (![...field.options].some((each) => each.value === level))
      field.append(element('option', { value: level }, visible(level)));
    field.value = level;
  };
  label.hidden = true;
  ask('/log-level').then((answer) => {
    take(answer);
    label.hidden = false;
  }, () => {});
  field.addEventListener('change', async () => {
    try {
      take(await ask('/log-level', { method: 'PUT', body: { level: field.value } }));
      announce(`The program logs from level ${field.value}`);
    } catch (error) {
      announce(visible(error.message));
      ask('/log-level').then(take, () => {});
    }
  });
  return label;
}
