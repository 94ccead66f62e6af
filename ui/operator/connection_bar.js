// Shows whether the program answers, and since when it does not.

import { on_connection } from './connection.js';
import { set_text } from './element.js';
import { try_now } from './event_stream.js';
import { time_of_day } from './text.js';

function said({ name, since, detail }) {
  if (name === 'lost')
    return `connection lost since ${time_of_day(since)}: ${detail}`;
  return name === 'slow' ? `slow: no answer since ${time_of_day(since)}` : name;
}

/// From now on the heading and the document show it.
export function show_connection() {
  const bar = document.querySelector('#connection');
  const retry = document.querySelector('#try-now');
  on_connection((state) => {
    bar.dataset.state = state.name;
    document.body.dataset.connection = state.name; // what is shown is of then: the style says so
    set_text(document.querySelector('#connection-text'), said(state));
    set_text(document.querySelector('#connection-said'), said(state));
    retry.hidden = state.name !== 'lost';
  });
  retry.addEventListener('click', try_now);
}
