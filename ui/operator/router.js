// Which view is shown, by the part of the address after #.

import { element } from './element.js';

// A person may have typed it.
function decoded(item) {
  try {
    return decodeURIComponent(item);
  } catch {
    return item;
  }
}

/// What an address asks for: `#/logs/7?level=info` is {name: 'logs', item: '7', query}.
export function parsed(hash) {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [name, ...rest] = path.split('/');
  const item = rest.join('/');
  return { name, item: item === '' ? null : decoded(item), query: new URLSearchParams(query) };
}

/// An address of a view.
export function address(name, item = null, query = {}) {
  const given = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${name}${item === null ? '' : `/${encodeURIComponent(item)}`}${given.size > 0 ? `?${given}` : ''}`;
}

/// Shows the view that the address names, now and whenever it changes. A view is made when it is first shown; `show(where)`
/// is called each time, `hide()` when another one takes its place. Returns a function that takes a view back; the first stays.
export function start_router(views, main, links) {
  const made = new Map();
  const gone = new Set();
  let current = null;

  function make(view) {
    const root = element('section', { id: `view-${view.name}`, 'aria-labelledby': `title-${view.name}` },
      element('h1', { id: `title-${view.name}`, tabindex: '-1' }, view.title));
    main.append(root);
    return { root, ...view.make(root) };
  }

  function go(first) {
    const where = parsed(location.hash);
    const view = views.find((each) => each.name === where.name && !gone.has(each)) ?? views[0];
    if (!made.has(view))
      made.set(view, make(view));
    const next = made.get(view);
    if (current !== next) {
      current?.hide?.();
      for (const each of made.values())
        each.root.hidden = each !== next;
      links.forEach((link, at) => {
        if (views[at] === view)
          link.setAttribute('aria-current', 'page');
        else
          link.removeAttribute('aria-current');
      });
      document.title = `${view.title} · Troupe`;
      if (!first)
        next.root.querySelector('h1').focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    current = next;
    next.show(where);
  }

  addEventListener('hashchange', (event) => {
    if (new URL(event.newURL).hash !== '#main') // the link to the content is no view
      go(false);
  });
  go(true);
  return (view) => {
    gone.add(view);
    links[views.indexOf(view)].parentElement.hidden = true;
    if (current === made.get(view))
      go(true);
  };
}
