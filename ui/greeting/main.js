// The page of greetings: asks, and shows what was answered.

import { call } from './call.js';
import { show_cards } from './cards.js';
import { problem_of, missing_of } from './problems.js';
import { show_times } from './times.js';
import { show_trace } from './trace.js';
import { element } from './element.js';

const paths = ['/api/greeting', '/api/v1/greeting', '/api/ping'];
const at = (id) => document.getElementById(id);

let asking = null;

function begin(url) {
  at('full-url').textContent = url;
  at('answer').hidden = false;
  at('answer').setAttribute('aria-busy', 'true');
  at('state').textContent = 'Waiting for the answer …';
  at('problem').replaceChildren();
}

function show(answer) {
  at('answer').removeAttribute('aria-busy');
  at('state').textContent = answer.ms === null ? '' : `Response time: ~${Math.round(answer.ms)} ms`
    + (answer.greetings ? `, ${answer.greetings.length} ${answer.greetings.length === 1 ? 'greeting' : 'greetings'}` : '');
  at('problem').replaceChildren(...[problem_of(answer), missing_of(answer)].filter((each) => each !== null));
  show_cards(at('cards'), answer.greetings ?? []);
  show_times(at('when'), answer.greetings ?? []);
  at('when-title').hidden = at('when').children.length === 0;
  at('trace-title').hidden = answer.status === null; // there was no answer
  at('trace').replaceChildren();
}

at('url').value = new URL(paths[0], location.origin).href;
at('full-url').textContent = at('url').value;
at('urls').append(...paths.map((each) => element('option', { value: new URL(each, location.origin).href })));
at('call').addEventListener('submit', async (event) => {
  event.preventDefault();
  asking?.abort(); // the last question is the one that is shown
  const own = asking = new AbortController();
  begin(at('url').value);
  const answer = await call(at('url').value, own.signal);
  if (own.signal.aborted)
    return;
  show(answer);
  if (answer.status !== null)
    show_trace(at('trace'), answer.trace, own.signal);
});
