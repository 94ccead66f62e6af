// How values are written.

const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/// A text of a stranger: what is invisible, or turns the direction of reading, is shown by its code.
export function visible(text) {
  return String(text ?? '').replace(hidden, (one) => `\\u${one.codePointAt(0).toString(16).padStart(4, '0')}`);
}

const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export function number(value) {
  return value === null || value === undefined ? '–' : grouped.format(value);
}

/// A number of things, which are `word` in the singular.
export function counted(value, word) {
  return `${number(value)} ${word}${value === 1 ? '' : 's'}`;
}

/// A number per second.
export function rate(value) {
  if (value === null || value === undefined)
    return '–';
  if (value === 0)
    return '0/s';
  return value < 10 ? `${value.toFixed(1)}/s` : `${grouped.format(value)}/s`;
}

export function milliseconds(value) {
  if (value < 1)
    return `${Math.round(value * 1000)} µs`;
  if (value < 1000)
    return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
  return `${(value / 1000).toFixed(2)} s`;
}

/// Seconds in the two largest units.
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60)
    return `${whole} s`;
  if (whole < 3600)
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86400)
    return `${Math.floor(whole / 3600)} h ${Math.floor(whole / 60) % 60} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor(whole / 3600) % 24} h`;
}

const of_day = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/// The time of day of a date, or of a text of RFC 3339, here.
export function time_of_day(when) {
  const date = when instanceof Date ? when : new Date(when);
  return Number.isNaN(date.getTime()) ? '–' : of_day.format(date);
}

/// The same with milliseconds.
export function short_time(when) {
  const date = new Date(when);
  return Number.isNaN(date.getTime()) ? '–' : `${of_day.format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

const day = new Intl.DateTimeFormat('sv-SE'); // year-month-day

/// The same, with the day where that is not today.
export function exact_time(when) {
  const date = new Date(when);
  const time = short_time(date);
  return time === '–' || day.format(date) === day.format(new Date()) ? time : `${day.format(date)} ${time}`;
}

/// How long ago a text of RFC 3339 was.
export function age(when) {
  const date = new Date(when);
  return Number.isNaN(date.getTime()) ? '–' : span((Date.now() - date.getTime()) / 1000);
}
