// Says to who cannot see the page what has changed; not more often than can be listened to.

const pause = 1500; // milliseconds between announcements
const most = 3; // of one announcement

let place = null;
let waiting = [];
let timer = 0;

export function announce_in(element) {
  place = element;
}

export function announce(text) {
  waiting.push(text);
  if (timer === 0)
    timer = setTimeout(say, 50);
}

function say() {
  if (waiting.length === 0) {
    timer = 0;
    return;
  }
  const left_out = waiting.length - most;
  place.textContent = waiting.slice(0, most).join('. ') + (left_out > 0 ? `, and ${left_out} more changes` : '');
  waiting = [];
  timer = setTimeout(say, pause);
}
