// A payload as its type says: JSON indented, other texts as they are, bytes as a dump.

import { element } from './element.js';
import { number, visible } from './text.js';

const most_text = 200000, most_bytes = 4096; // that are shown

function dump(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((each) => each.toString(16).padStart(2, '0')).join(' ').padEnd(47);
    const text = row.map((each) => (each >= 0x20 && each < 0x7f ? String.fromCharCode(each) : '.')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex}  ${text}`);
  }
  return lines.join('\n');
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text; // not what its type says
  }
}

/// The payload of a dead letter, of which `payload` is a text or `payload_base64` are bytes.
export function payload_of(letter) {
  if (letter.payload_bytes === 0)
    return element('p', { class: 'note' }, 'It is empty.');
  let text, left_out;
  if (letter.payload !== undefined) {
    const whole = /json/.test(letter.content_type) ? indented(letter.payload) : letter.payload;
    text = visible(whole.slice(0, most_text));
    left_out = whole.length > most_text ? `The first ${number(most_text)} characters.` : null;
  } else {
    const bytes = Uint8Array.from(atob(letter.payload_base64 ?? ''), (each) => each.charCodeAt(0));
    text = dump(bytes.subarray(0, most_bytes));
    left_out = bytes.length > most_bytes ? `The first ${number(most_bytes)} of ${number(bytes.length)} bytes.` : null;
  }
  return element('div', {}, element('pre', { class: 'payload', tabindex: '0', role: 'region', 'aria-label': 'Payload' }, text),
    left_out ? element('p', { class: 'note' }, left_out) : null);
}
