// The buttons that make faults of one thing; each asks once.

import { announce } from './announcer.js';
import { ask_in_dialog } from './dialog.js';
import { button, element, labelled, set_text } from './element.js';
import { current_faults, make_fault } from './fault_source.js';
import { visible } from './text.js';

const default_seconds = 10, most_seconds = 300;

/// What a kind of fault is called on its button.
export function title_of(kind) {
  const text = visible(kind.replaceAll('_', ' '));
  return text[0].toUpperCase() + text.slice(1);
}

/// Asks, makes the fault, and returns what came of it as a text; null where the answer was no.
export async function ask_and_make(kind, target) {
  const seconds = element('input', { type: 'number', min: 1, max: most_seconds, value: default_seconds, required: true });
  const yes = await ask_in_dialog({
    title: `${title_of(kind.kind)}?`, text: `${visible(target)}: ${visible(kind.about)}`, yes: title_of(kind.kind), danger: true,
    more: kind.needs_seconds ? labelled('Seconds', seconds) : null,
  });
  if (!yes)
    return null;
  try {
    const made = await make_fault(kind.kind, target, kind.needs_seconds ? Number(seconds.value) : null);
    const said = `${title_of(kind.kind)}, ${visible(target)}: ${made.number === 0 ? 'done' : 'active'}`;
    announce(said);
    return said;
  } catch (error) {
    announce(visible(error.message));
    return `${title_of(kind.kind)}, ${visible(target)}: ${visible(error.message)}`;
  }
}

/// The buttons of these kinds for one target: only those whose kind knows the target; an empty element where none does.
export function fault_buttons(kinds, target) {
  const known = current_faults();
  const fitting = (known?.kinds ?? []).filter((each) => kinds.includes(each.kind) && each.targets.includes(target));
  if (fitting.length === 0)
    return element('div');
  const outcome = element('p', { role: 'status' });
  const box = element('div', { class: 'fault-buttons' }, element('h3', {}, 'Faults'),
    known.allowed ? null : element('p', { class: 'note' }, `Refused: ${visible(known.reason)}`),
    element('div', { class: 'buttons' }, ...fitting.map((each) => button(title_of(each.kind), each.kind,
      { class: 'danger', disabled: !known.allowed, title: visible(each.about) }))), outcome);
  box.addEventListener('click', async (event) => {
    const kind = fitting.find((each) => each.kind === event.target.dataset.action);
    if (kind)
      set_text(outcome, await ask_and_make(kind, target) ?? '');
  });
  return box;
}
