// What went wrong, and what an answer lacks, in words.

import { element } from './element.js';

/// What a problem document says, or what the page has met; null where all went well.
export function problem_of({ problem }) {
  if (!problem)
    return null;
  const facts = [['code', problem.code], ['request', problem.request_id], ['try again after', problem.retry ? `${problem.retry} s` : null]]
    .filter(([, value]) => value);
  return element('div', { class: 'box bad' }, element('strong', {}, String(problem.title ?? 'Failed')),
    element('p', {}, String(problem.detail ?? '')),
    facts.length > 0 ? element('p', { class: 'note' }, facts.map(([name, value]) => `${name}: ${value}`).join(' · ')) : null);
}

/// The parts of a header `troupe-missing`, such as `service-d;part=publish;error=storage_failed`: {service, part, error}.
export function missing_parts(header) {
  return header.split(',').map((each) => each.trim()).filter((each) => each !== '').map((one) => {
    const [service, ...rest] = one.split(';');
    const named = Object.fromEntries(rest.map((each) => each.split('=', 2)));
    return { service, part: named.part ?? 'greeting', error: named.error ?? 'unknown' };
  });
}

/// What the answer lacks; null where it is whole.
export function missing_of({ missing }) {
  const parts = missing_parts(missing);
  if (parts.length === 0)
    return null;
  return element('div', { class: 'box warn' }, element('strong', {}, 'This answer is not whole'),
    element('ul', {}, ...parts.map(({ service, part, error }) =>
      element('li', {}, element('b', {}, service), ` lacks its ${part}: ${error.replaceAll('_', ' ')}`))));
}
