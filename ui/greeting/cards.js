// The cards of the greetings, in the order of the answer.

import { element } from './element.js';
import { parse_time, written } from './moments.js';

function card({ service, message, created, hostname, id }) {
  return element('li', { class: 'card' },
    element('h3', {}, String(service ?? '')), element('p', { class: 'message' }, element('em', {}, String(message ?? ''))),
    element('dl', {},
      ...(created ? [element('dt', {}, 'created'), element('dd', {}, written(parse_time(String(created)), String(created)))] : []),
      ...(hostname ? [element('dt', {}, 'hostname'), element('dd', {}, String(hostname))] : []),
      ...(id ? [element('dt', {}, 'id'), element('dd', {}, String(id))] : [])));
}

/// Shows the greetings in place of those before.
export function show_cards(list, greetings) {
  list.replaceChildren(...greetings.map(card));
}
