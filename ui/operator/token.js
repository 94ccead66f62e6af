// The token of an administration that wants one: asked for once, kept until the tab is closed.

import { element, labelled } from './element.js';
import { ask_in_dialog } from './dialog.js';

let asking = null;

/// Asks for the token, however many requests wait for it. Resolves to false where none is given. `used` is the token that
/// was refused: where another one is known by now, nobody is asked.
export function ask_for_token(used, wrong) {
  if (sessionStorage.getItem('token') !== used)
    return Promise.resolve(true);
  asking ??= ask(wrong).finally(() => { asking = null; });
  return asking;
}

async function ask(wrong) {
  const field = element('input', { type: 'password', autocomplete: 'off', required: true });
  const given = await ask_in_dialog({
    title: 'Token', text: wrong ? 'That token was refused.' : 'This administration wants a bearer token.',
    more: labelled('Token', field), yes: 'Continue',
  });
  if (!given || field.value === '')
    return false;
  sessionStorage.setItem('token', field.value);
  return true;
}
