// The supervision tree as rows, and what differs between two trees: pure.

const sound = new Set(['running', 'waiting', 'stopped']);

/// Calls `visit(node, path, depth)` for every node in order; where it answers false, not for those below it.
export function walk(tree, visit) {
  const go = (node, path, depth) => {
    if (visit(node, path, depth) !== false)
      for (const child of node.children)
        go(child, depth === 0 ? child.name : `${path}/${child.name}`, depth + 1);
  };
  go(tree, tree.name, 0);
}

/// The nodes by their paths, which leave the root's name out.
export function named(tree) {
  const nodes = new Map();
  walk(tree, (node, path) => { nodes.set(path, node); });
  return nodes;
}

/// Whether something is to be looked at.
export function is_troubled(node) {
  return !sound.has(node.state) || Boolean(node.held_up_by);
}

/// Whether a node was made to end abnormally at some time.
export function has_failed(node) {
  return node.restarts > 0 || Boolean(node.last_error);
}

/// The rows to show: all below what is not folded; with a filter those that pass, and their supervisors.
export function rows_of(tree, folded, passes) {
  const rows = [];
  const above = [];
  walk(tree, (node, path, depth) => {
    above.length = depth;
    const row = { path, node, depth, folds: node.children.length > 0, open: passes !== null || !folded.has(path), shown: false };
    above.push(row);
    if (passes === null || passes(node, path))
      for (const each of above)
        if (!each.shown) {
          each.shown = true;
          rows.push(each);
        }
    return row.open;
  });
  return rows;
}

/// What has changed for the worse or the better between two trees: {path, node, text}.
export function changes_between(before, nodes) {
  const changes = [];
  for (const [path, node] of nodes) {
    const old = before.get(path);
    if (old === undefined) {
      if (before.size > 0)
        changes.push({ path, node, text: `started, ${node.state}` });
    } else if (node.restarts > old.restarts || node.incarnation > old.incarnation) {
      changes.push({ path, node, text: `restarted, incarnation ${node.incarnation}${node.last_error ? `: ${node.last_error}` : ''}` });
    } else if (node.state !== old.state && old.state !== 'waiting') { // what starts for the first time is no news
      changes.push({ path, node, text: node.state });
    } else if ((node.held_up_by ?? '') !== (old.held_up_by ?? '')) {
      changes.push({ path, node, text: node.held_up_by ? `held up by ${node.held_up_by}` : 'goes on' });
    }
  }
  for (const [path, node] of before)
    if (!nodes.has(path))
      changes.push({ path, node, text: 'gone' });
  return changes;
}

/// Whether another process answers than before: the root of a process is started once.
export function is_restarted(before, nodes) {
  const [old] = before.values();
  const [root] = nodes.values();
  return old !== undefined && old.since !== root.since && old.state !== 'waiting' && (root.state === 'waiting' || root.state === 'running');
}
