// One operation: what it takes and answers, and a form that tries it.

import { element } from './element.js';
import { address_of } from './openapi.js';

const most_shown = 100000; // characters of an answer

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function tried(operation, values, body) {
  const began = performance.now();
  const response = await fetch(address_of(operation, values), {
    method: operation.verb, cache: 'no-store', signal: AbortSignal.timeout(15000),
    headers: { Accept: 'application/json', ...(body === null ? {} : { 'Content-Type': 'application/json' }) },
    ...(body === null ? {} : { body }),
  });
  const text = await response.text();
  return { response, text, ms: performance.now() - began };
}

function answer_of({ response, text, ms }) {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
  return [element('h4', {}, `Answer ${response.status}, ~${Math.round(ms)} ms`), element('pre', { tabindex: '0', role: 'region', 'aria-label': 'Headers' }, headers),
    element('pre', { tabindex: '0', role: 'region', 'aria-label': 'Body' }, indented(text).slice(0, most_shown))];
}

function field_of(each, id) {
  const label = `${each.name} (${each.in}, ${each.type}${each.required ? ', needed' : ''})`;
  return [element('label', { for: id }, label, each.about ? `: ${each.about}` : null),
    element('input', { id, name: each.name, required: each.required, autocomplete: 'off' })];
}

let forms = 0;

/// The form of an operation. An answer is shown below it.
export function operation_form(operation) {
  const own = `operation-${++forms}`;
  const body = operation.body === null ? null : element('textarea', { id: `${own}-body`, spellcheck: 'false' });
  if (body)
    body.value = operation.body;
  const said = element('p', { role: 'status' });
  const answer = element('div');
  const form = element('form', {}, ...operation.parameters.flatMap((each, at) => field_of(each, `${own}-${at}`)),
    ...(body ? [element('label', { for: body.id }, 'Body (application/json)'), body] : []),
    element('div', {}, element('button', { type: 'submit', class: 'primary', 'aria-label': `Try ${operation.verb} ${operation.path}` }, 'Try it')));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    said.textContent = 'Waiting for the answer …';
    answer.replaceChildren();
    try {
      const values = Object.fromEntries(operation.parameters.map((each) => [each.name, form.elements.namedItem(each.name).value]));
      const got = await tried(operation, values, body?.value ?? null);
      said.textContent = `${operation.verb} ${address_of(operation, values)}`;
      answer.replaceChildren(...answer_of(got));
    } catch (error) {
      said.textContent = error.name === 'TimeoutError' ? 'There was no answer within 15 s.' : 'The server cannot be reached.';
    }
  });
  return element('div', {}, operation.about ? element('p', {}, operation.about) : null, element('h4', {}, 'Answers'),
    element('ul', { class: 'responses' }, ...operation.responses.map(({ status, about }) => element('li', {}, `${status} ${about}`))), form, said, answer);
}
