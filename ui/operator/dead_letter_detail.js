// One dead letter: its cause, its headers, its payload.

import { button, element, facts } from './element.js';
import { payload_of } from './payload.js';
import { address } from './router.js';
import { age, exact_time, number, visible } from './text.js';

const secret = /authorization|cookie|token|secret|password|api-?key/i;

// The trace of a header of W3C or B3.
function trace_of(headers) {
  for (const { name, value } of headers) {
    const found = { traceparent: /^[0-9a-f]{2}-([0-9a-f]{32})-/, 'x-b3-traceid': /^([0-9a-f]{32})$/, b3: /^([0-9a-f]{32})-/ }[name.toLowerCase()]?.exec(value);
    if (found)
      return found[1];
  }
  return null;
}

function headers_of(headers) {
  return element('table', { class: 'headers' }, element('caption', { class: 'unseen' }, 'Headers'),
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, 'Header'), element('th', { scope: 'col' }, 'Value'))),
    element('tbody', {}, ...headers.map(({ name, value }) => element('tr', {}, element('td', {}, visible(name)),
      element('td', { class: 'broken' }, secret.test(name) ? '***' : visible(value))))));
}

/// Elements that show a letter as `/dead-letters/NUMBER` answers it.
export function detail_of(letter) {
  const trace = trace_of(letter.headers ?? []);
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
      ['Trace', trace === null ? null : element('a', { href: address('traces', trace) }, trace)],
    ]),
    element('p', {}, button('Redrive this one', 'redrive-one', { class: 'primary' })),
    letter.headers?.length > 0 ? element('h3', {}, 'Headers') : null,
    letter.headers?.length > 0 ? headers_of(letter.headers) : null,
    element('h3', {}, 'Payload'), payload_of(letter),
  ].filter((each) => each !== null);
}
