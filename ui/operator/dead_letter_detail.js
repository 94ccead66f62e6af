// One dead letter: its cause, its headers, its payload.

import { button, element, facts } from './element.js';
import { payload_of } from './payload.js';
import { address } from './router.js';
import { age, exact_time, number, visible } from './text.js';

const secret = /authorization|cookie|token|secret|password|api-?key/i;

function headers_of(headers) {
  return element('table', { class: 'headers' }, element('caption', { class: 'unseen' }, 'Headers'),
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Header'), element('th', { scope: 'col' }, 'Value'))),
    element('tbody', {}, ...headers.map(({ name, value }) => element('tr', {}, element('td', {}, visible(name)),
      element('td', { class: 'broken' }, secret.test(name) ? '***' : visible(value))))));
}

/// Elements that show a letter as `/dead-letters/NUMBER` answers it.
export function detail_of(letter) {
  return [
    element('h2', {}, `Dead letter ${letter.number}`),
    element('p', { class: 'cause' }, element('b', {}, visible(letter.error)), ` ${visible(letter.reason)}`),
    facts([
      ['Source', visible(`${letter.source}, partition ${letter.partition}, offset ${letter.offset}`)],
      ['Set aside by', visible(letter.service)], ['Attempts', number(letter.attempts)],
      ['First failure', exact_time(letter.first_failure)],
      ['Last failure', `${exact_time(letter.last_failure)} (${age(letter.last_failure)} ago)`],
      ['Id', visible(letter.id)], ['Key', letter.key === undefined ? null : visible(letter.key)],
      ['Type', visible(letter.content_type)], ['Size', `${number(letter.payload_bytes)} bytes`],
      ['Trace', letter.trace ? element('a', { href: address('traces', letter.trace) }, visible(letter.trace)) : null],
    ]),
    element('p', {}, button('Redrive this one', 'redrive-one', { class: 'primary' })),
    letter.headers?.length > 0 ? element('h3', {}, 'Headers') : null,
    letter.headers?.length > 0 ? headers_of(letter.headers) : null,
    element('h3', {}, 'Payload'), payload_of(letter),
  ].filter((each) => each !== null);
}
