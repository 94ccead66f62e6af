// Server-sent events read by fetch(), which can send a token, resumed after a break.

import { connection_lost, sign_of_life } from './connection.js';
import { fetch_with_token } from './requests.js';
import { event_parser } from './event_parser.js';

const silence = 35000; // milliseconds without a byte after which the stream is given up: two heartbeats and some
const first_wait = 500, longest_wait = 8000;

const impatience = new EventTarget();

/// Ends the wait for the next attempt of every stream.
export function try_now() {
  impatience.dispatchEvent(new Event('now'));
}

function waited(milliseconds) {
  return new Promise((resolve) => {
    const over = () => { clearTimeout(timer); impatience.removeEventListener('now', over); resolve(); };
    const timer = setTimeout(over, milliseconds);
    impatience.addEventListener('now', over);
  });
}

async function read_once(path, last_id, on_event) {
  const ended = new AbortController();
  const headers = { Accept: 'text/event-stream', ...(last_id() ? { 'Last-Event-ID': last_id() } : {}) };
  let timer = setTimeout(() => ended.abort(), silence);
  try {
    const response = await fetch_with_token(path, { headers, signal: ended.signal });
    if (!response.ok)
      return { refused: response.status };
    const parse = event_parser(on_event);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done)
        return { broken: 'the program ended the stream' };
      clearTimeout(timer);
      timer = setTimeout(() => ended.abort(), silence);
      sign_of_life();
      parse(value);
    }
  } catch (error) {
    return { broken: ended.signal.aborted ? `nothing came for ${silence / 1000} s` : 'the program cannot be reached' };
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

/// Reads the events of a path for ever. `on_event(data, id)` is called for each, `on_refused(status)` where the program
/// answers and has no stream for us.
export async function follow(path, { on_event, on_refused }) {
  let id = '';
  let wait = first_wait;
  const take = (event) => {
    id = event.id || id;
    wait = first_wait;
    on_event(event.data, id);
  };
  for (;;) {
    const end = await read_once(path, () => id, take);
    if (end.refused !== undefined)
      on_refused(end.refused);
    else
      connection_lost(end.broken);
    await waited(wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, longest_wait);
  }
}
