// Where the nodes of the graph of flows stand: pure.

/// Nodes and edges of what the program says of its flows. A node is {id, kind, name}, an edge {from, to}.
export function graph_of(flows) {
  const nodes = new Map();
  const edges = [];
  const add = (kind, name) => {
    const id = `${kind} ${name}`;
    if (!nodes.has(id))
      nodes.set(id, { id, kind, name });
    return id;
  };
  const link = (from, to) => {
    if (from !== to && !edges.some((each) => each.from === from && each.to === to))
      edges.push({ from, to });
  };
  for (const each of flows.services)
    add('service', each.name);
  for (const [kind, of] of [['channel', flows.channels], ['store', flows.stores], ['peer', flows.peers]])
    for (const each of of)
      if (kind !== 'peer' || !nodes.has(`service ${each.name}`))
        add(kind, each.name);
  for (const service of flows.services) {
    const own = `service ${service.name}`;
    for (const peer of service.calls)
      link(own, nodes.has(`service ${peer}`) ? `service ${peer}` : add('peer', peer));
    for (const channel of service.publishes)
      link(own, add('channel', channel));
    for (const channel of service.consumes)
      link(add('channel', channel), own);
    for (const store of service.stores)
      link(own, add('store', store));
  }
  return { nodes: [...nodes.values()], edges };
}

// The longest way to each node, counted without going round in circles.
function columns_of(nodes, edges) {
  const into = new Map(nodes.map((each) => [each.id, []]));
  for (const each of edges)
    into.get(each.to).push(each.from);
  const column = new Map();
  const visit = (id, open) => {
    if (column.has(id))
      return column.get(id);
    open.add(id);
    let most = 0;
    for (const from of into.get(id))
      if (!open.has(from))
        most = Math.max(most, visit(from, open) + 1);
    open.delete(id);
    column.set(id, most);
    return most;
  };
  for (const each of nodes)
    visit(each.id, new Set());
  return column;
}

const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;

// The nodes by columns, and the ways of the edges: where an edge passes columns, it has a place of its own in each, so that it
// crosses no node.
function with_ways(nodes, edges, column) {
  const columns = [];
  const put = (node, x) => { (columns[x] ??= []).push(node); };
  for (const node of nodes)
    put(node, column.get(node.id));
  const steps = [];
  const ways = edges.map((edge, number) => {
    const way = [edge.from];
    for (let x = column.get(edge.from) + 1; x < column.get(edge.to); ++x) {
      const id = `way ${number} ${x}`;
      put({ id, kind: 'way' }, x);
      way.push(id);
    }
    way.push(edge.to);
    way.slice(1).forEach((to, at) => steps.push({ from: way[at], to }));
    return way;
  });
  return { columns, ways, steps };
}

/// The same with `x` and `y` in columns and rows, the ways of the edges as places that they pass, and the size of the whole.
export function laid_out({ nodes, edges }) {
  const { columns, ways, steps } = with_ways(nodes, edges, columns_of(nodes, edges));
  const row = new Map();
  const tallest = Math.max(1, ...columns.map((each) => each.length));
  const placed = new Map();
  columns.forEach((one, x) => { // each beside the mean of those that lead to it
    const wish = new Map(one.map((node, at) => {
      const from = steps.filter((each) => each.to === node.id && row.has(each.from)).map((each) => row.get(each.from));
      return [node, from.length > 0 ? mean(from) : at];
    }));
    one.sort((left, right) => wish.get(left) - wish.get(right));
    one.forEach((node, at) => {
      row.set(node.id, at + (tallest - one.length) / 2);
      placed.set(node.id, { ...node, x, y: row.get(node.id) });
    });
  });
  const own = [...placed].filter(([, each]) => each.kind !== 'way');
  return { nodes: new Map(own), ways: ways.map((way) => way.map((id) => placed.get(id))), columns: columns.length, rows: tallest };
}
