// The supervision tree as it is now, for what shows a part of it.

import { follow } from './event_stream.js';
import { ask } from './requests.js';
import { is_restarted, named } from './tree_rows.js';

const changes = new EventTarget();
let tree = null;
let nodes = new Map();

function take(next) {
  const before = nodes;
  nodes = named(next);
  tree = next;
  changes.dispatchEvent(new CustomEvent('change', { detail: { tree, before, nodes, restarted: is_restarted(before, nodes) } }));
}

/// Reads it from the stream, and by asking while there is none.
export function follow_tree() {
  follow('/tree/events', {
    on_event: (data) => take(JSON.parse(data)),
    on_refused: () => ask('/tree').then(take).catch(() => {}), // which the connection shows
  });
}

/// Calls `then({tree, before, nodes, restarted})` at every change, and now where there is a tree: nodes by their paths, those of
/// the tree before, and whether another process answers than before.
export function on_tree(then) {
  changes.addEventListener('change', (event) => then(event.detail));
  if (tree !== null)
    then({ tree, before: nodes, nodes, restarted: false });
}

export function current_nodes() {
  return nodes;
}
