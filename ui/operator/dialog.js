// Questions that must be answered before something is done.

import { element } from './element.js';

/// Shows a question; resolves to whether the answer was yes. `more` is an element with further fields.
export function ask_in_dialog({ title, text, more = null, yes, danger = false }) {
  const heading = element('h2', { id: 'dialog-title' }, title);
  const dialog = element('dialog', { 'aria-labelledby': 'dialog-title' },
    element('form', { method: 'dialog' }, heading, element('p', {}, text), more, element('div', { class: 'buttons' },
      element('button', { type: 'button', 'data-action': 'cancel', class: 'quiet' }, 'Cancel'),
      element('button', { type: 'submit', value: 'yes', class: danger ? 'danger' : 'primary' }, yes))));
  document.body.append(dialog);
  dialog.querySelector('[data-action=cancel]').addEventListener('click', () => dialog.close(''));
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove(); // focus returns to where it was
      resolve(dialog.returnValue === 'yes');
    });
  });
}
