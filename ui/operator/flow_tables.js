// The tables of the flows: their columns.

import { chip, set_attribute, set_text } from './element.js';
import { number, rate, span, visible } from './text.js';

const text = (title, value, more = '') => ({ title, class: more, fill: (cell, item) => set_text(cell, visible(value(item))) });
const count = (title, name, more = '') => ({ title, class: `c-number ${more}`, fill(cell, item) {
  set_text(cell, item.rates[name] === null || item.rates[name] === undefined ? number(item[name]) : `${number(item[name])} · ${rate(item.rates[name])}`);
  cell.classList.toggle('bad', (name === 'failed' || name === 'dead_letters') && item.rates[name] > 0);
} });
const state = (title, value) => ({ title, class: 'c-state', make: (cell) => cell.append(chip('')), fill(cell, item) {
  set_attribute(cell.firstChild, 'data-state', value(item));
  set_text(cell.firstChild, visible(value(item).replaceAll('_', ' ')));
} });
const list = (title, name) => text(title, (item) => item[name].join(', '), 'broken');

const channel_state = (one) => (one.paused ? 'paused' : one.stalled_seconds !== null ? 'stalled' : 'flowing');

/// Title, the member of the answer, the columns, and the faults that can be made of one.
export const tables = [
  { title: 'Services', of: 'services', faults: [], columns: [
    text('Service', (one) => one.name), list('Serves', 'serves'), list('Calls', 'calls'), list('Consumes', 'consumes'),
    list('Publishes', 'publishes'), list('Stores', 'stores')] },
  { title: 'Channels', of: 'channels', faults: ['pause_channel'], columns: [
    text('Channel', (one) => one.name), text('Transport', (one) => `${one.transport} ${one.kind}`), state('State', channel_state),
    count('Published', 'published'), count('Settled', 'settled'), count('Failed', 'failed'), count('Dead letters', 'dead_letters'),
    { title: 'Lag', class: 'c-number', fill: (cell, one) => set_text(cell, number(one.lag)) },
    text('Stalled', (one) => (one.stalled_seconds === null ? '' : `${span(one.stalled_seconds)}: ${one.stalled_reason ?? ''}`), 'broken')] },
  { title: 'Stores', of: 'stores', faults: ['delay_store', 'fail_store'], columns: [
    text('Store', (one) => one.name), text('Transport', (one) => one.transport), count('Written', 'written'), count('Failed', 'failed')] },
  { title: 'Peers', of: 'peers', faults: ['open_breaker', 'cut_peer'], columns: [
    text('Peer', (one) => one.name), text('Address', (one) => one.address ?? '', 'broken'), text('Transport', (one) => one.transport),
    count('Calls', 'calls'), count('Failed', 'failed'), state('Breaker', (one) => one.breaker)] },
];
