// Whether the program answers: what requests and the event stream have met, as one state for everybody.

const slow_after = 2000; // milliseconds that an answer may take before the page says so

const changes = new EventTarget();
const pending = new Map(); // when each open request began, by its own object
let last_sign = new Date();
let lost = null; // why
let current = { name: 'connecting', since: new Date(), detail: '' };

function settle(next) {
  const same = next.name === current.name && next.detail === current.detail;
  current = same ? { ...current, since: next.since } : next;
  if (!same)
    changes.dispatchEvent(new Event('change'));
}

function decide() {
  if (lost !== null) {
    settle({ name: 'lost', since: last_sign, detail: lost });
    return;
  }
  const oldest = Math.min(...pending.values());
  if (Date.now() - oldest > slow_after)
    settle({ name: 'slow', since: new Date(oldest), detail: '' });
  else if (current.name !== 'connecting' || last_sign > current.since)
    settle({ name: 'live', since: last_sign, detail: '' });
}

/// A request has begun; the answer is to be given to `request_ended`.
export function request_began() {
  const mark = {};
  pending.set(mark, Date.now());
  return mark;
}

/// It was answered, or failed for the reason given.
export function request_ended(mark, failure = null) {
  pending.delete(mark);
  if (failure === null)
    sign_of_life();
  else
    connection_lost(failure);
}

/// It was given up by the page itself, which says nothing of the program.
export function request_dropped(mark) {
  pending.delete(mark);
  decide();
}

/// Something arrived.
export function sign_of_life() {
  last_sign = new Date();
  lost = null;
  decide();
}

export function connection_lost(why) {
  lost = why;
  decide();
}

/// `name` is connecting, live, slow or lost; `since` is a date.
export function connection() {
  return current;
}

export function on_connection(then) {
  changes.addEventListener('change', () => then(current));
}

setInterval(decide, 500);
