// The page of the API: the operations of the OpenAPI document, which can be tried.

import { element } from './element.js';
import { operations_of } from './openapi.js';
import { operation_form } from './operation.js';

async function start() {
  const state = document.getElementById('state');
  try {
    const response = await fetch('/openapi.json', { cache: 'no-store' });
    if (!response.ok)
      throw new Error(`the server answered ${response.status}`);
    const description = await response.json();
    const operations = operations_of(description);
    document.getElementById('title').textContent = description.info?.title ?? 'API';
    state.textContent = operations.length === 1 ? '1 operation' : `${operations.length} operations`;
    document.getElementById('operations').append(...operations.map((one) => element('details', { class: 'operation', open: operations.length === 1 },
      element('summary', {}, element('span', { class: 'verb' }, one.verb), ' ', element('code', {}, one.path), one.summary ? ` ${one.summary}` : null),
      operation_form(one))));
  } catch (error) {
    state.textContent = `The description could not be read: ${error.message}`;
  }
}

start();
