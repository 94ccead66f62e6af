// A table of any length, of which only the rows in sight are in the document.

import { element, set_attribute } from './element.js';

const beyond = 8; // rows above and below those in sight

/// `columns`: {title, class, make(cell), fill(cell, item, index)}; `make` is called once for a cell, `fill` whenever its item may
/// have changed. `on_action(action, item, target)` is called for what has `data-action`. `mark(row, item)` sets the look of a row.
export function virtual_table({ label, columns, on_action = () => {}, mark = () => {}, on_end = () => {} }) {
  const head = element('tr', {}, ...columns.map((each) => element('th', { scope: 'col', class: each.class }, each.title)));
  const above = element('tr', { 'aria-hidden': 'true', class: 'spacer' });
  const below = element('tr', { 'aria-hidden': 'true', class: 'spacer' });
  const body = element('tbody', {}, above, below);
  const table = element('table', {}, element('caption', { class: 'unseen' }, label), element('thead', {}, head), body);
  const box = element('div', { class: 'rows', tabindex: '0', role: 'region', 'aria-label': label }, table);
  const shown = new Map(); // rows of the document by index
  let items = [];
  let frame = 0;

  const height = () => parseFloat(getComputedStyle(document.documentElement).fontSize) * 2.25; // as --row says

  function make_row(index) {
    const row = element('tr', { 'aria-rowindex': index + 2 });
    row.index = index;
    for (const column of columns) {
      const cell = element('td', { class: column.class });
      column.make?.(cell);
      row.append(cell);
    }
    return row;
  }

  function fill(row) {
    const item = items[row.index];
    columns.forEach((column, at) => column.fill(row.children[at], item, row.index));
    mark(row, item);
  }

  function draw() {
    frame = 0;
    const each = height();
    // What is shown may have become shorter than the box was scrolled.
    const top = Math.max(0, Math.min(box.scrollTop, (items.length + 1) * each - box.clientHeight));
    const first = Math.max(0, Math.floor(top / each) - beyond);
    const last = Math.min(items.length, Math.ceil((top + box.clientHeight) / each) + beyond);
    for (const [index, row] of shown)
      if (index < first || index >= last) {
        row.remove();
        shown.delete(index);
      }
    let before = above;
    for (let index = first; index < last; ++index) {
      let row = shown.get(index);
      if (row === undefined) {
        row = make_row(index);
        shown.set(index, row);
        before.after(row);
      }
      fill(row);
      before = row;
    }
    above.style.height = `${first * each}px`;
    below.style.height = `${(items.length - last) * each}px`;
    set_attribute(table, 'aria-rowcount', items.length + 1);
    box.classList.toggle('empty', items.length === 0);
    if (items.length > 0 && last >= items.length)
      on_end();
  }

  function draw_soon() {
    frame ||= requestAnimationFrame(draw);
  }

  function step(from, by) {
    const index = Math.max(0, Math.min(items.length - 1, from.index + by));
    const column = [...from.children].findIndex((cell) => cell.contains(document.activeElement));
    const action = document.activeElement?.dataset.action ?? '';
    const each = height();
    const room = box.clientHeight - 2 * each; // without the heading
    if (index * each < box.scrollTop)
      box.scrollTop = index * each;
    else if (index * each > box.scrollTop + room)
      box.scrollTop = index * each - room;
    draw();
    const cell = shown.get(index)?.children[column];
    (cell?.querySelector(`[data-action="${action}"]:enabled`) ?? cell?.querySelector('button:enabled, input:enabled, a'))?.focus();
  }

  box.addEventListener('scroll', draw_soon, { passive: true });
  box.addEventListener('click', (event) => {
    const target = event.target.closest('[data-action]');
    const row = event.target.closest('tbody tr');
    if (target && row && row.index !== undefined)
      on_action(target.dataset.action, items[row.index], target);
  });
  box.addEventListener('keydown', (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest('tbody tr');
    if (by && row && row.index !== undefined) {
      event.preventDefault();
      step(row, by);
    }
  });
  new ResizeObserver(draw_soon).observe(box);

  return {
    box,
    /// Shows these; rows of the same index keep their elements, and with them the focus.
    show(next) {
      items = next;
      draw_soon();
    },
    refresh: draw_soon,
    /// Scrolls the first item that is wanted into sight, where there is one.
    reveal(is_wanted) {
      draw(); // so that there is something to scroll
      const index = items.findIndex(is_wanted);
      const each = height();
      if (index >= 0 && (index * each < box.scrollTop || (index + 2) * each > box.scrollTop + box.clientHeight))
        box.scrollTop = Math.max(0, (index - 3) * each);
      draw_soon();
    },
    to_end() {
      box.scrollTop = box.scrollHeight;
      draw_soon();
    },
    at_end: () => box.scrollTop + box.clientHeight >= box.scrollHeight - 2 * height(),
  };
}
