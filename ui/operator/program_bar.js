// Which program this is, and for how long it has been running.

import { set_text } from './element.js';
import { ask } from './requests.js';
import { span, visible } from './text.js';
import { on_tree } from './tree_source.js';

let began = null; // when the program started, by the clock of this page

/// What an answer to `/flows` says of the program.
export function show_program({ program, version, uptime_seconds }) {
  began = performance.now() - uptime_seconds * 1000;
  set_text(document.querySelector('#program'), visible(program));
  set_text(document.querySelector('#version'), visible(version));
  tick();
}

function tick() {
  if (began !== null && document.body.dataset.connection !== 'lost')
    set_text(document.querySelector('#uptime'), `up ${span((performance.now() - began) / 1000)}`);
}

/// Keeps the time up, and asks again where another process answers.
export function keep_program() {
  setInterval(tick, 1000);
  on_tree(({ restarted }) => {
    if (restarted)
      ask('/flows').then(show_program, () => {});
  });
}
