// The progress of a redrive and its outcome.

import { button, element, set_text } from './element.js';
import { address } from './router.js';
import { number, visible } from './text.js';

const most_shown = 20; // of those that were set aside again

/// A panel: `begin(count)` shows the progress and returns a signal that Stop aborts; `progress(sent)`; `end(text)`; and
/// `came_back(letters, waiting)` what was set aside again.
export function redrive_panel() {
  const bar = element('progress', { value: 0, max: 1, 'aria-label': 'Redriven' });
  const said = element('p', { role: 'status' });
  const stop = button('Stop', 'stop', { class: 'quiet' });
  const again = element('ul', { class: 'returned' });
  const box = element('div', { class: 'redrive', hidden: true }, element('div', { class: 'buttons' }, bar, stop), said, again);
  let running = null;
  let outcome = '';
  stop.addEventListener('click', () => running?.abort());

  return {
    box,
    busy: () => running !== null,
    begin(count) {
      running = new AbortController();
      box.hidden = stop.hidden = bar.hidden = false;
      bar.max = count;
      bar.value = 0;
      again.replaceChildren();
      set_text(said, `Redriving ${number(count)} …`);
      return running.signal;
    },
    progress(sent) {
      bar.value = sent;
      set_text(said, `${number(sent)} of ${number(bar.max)} redriven`);
    },
    end(text) {
      running = null;
      stop.hidden = bar.hidden = true;
      outcome = text;
      set_text(said, text);
    },
    came_back(letters, waiting) {
      const none = waiting ? 'none set aside again so far' : 'none set aside again';
      set_text(said, `${outcome}; ${letters.length === 0 ? none : `${number(letters.length)} set aside again`}`);
      again.replaceChildren(...letters.slice(0, most_shown).map((each) => element('li', {},
        element('a', { href: address('dead-letters', each.number) }, `number ${each.number}`), ` ${visible(`${each.error}: ${each.reason}`)}`)));
    },
  };
}
