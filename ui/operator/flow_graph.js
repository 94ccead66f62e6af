// Draws the flows. The tables below the drawing say the same in words.

import { drawn, element, set_attribute, set_text } from './element.js';
import { graph_of, laid_out } from './flow_layout.js';
import { number, rate, visible } from './text.js';

const wide = 162, high = 54, node_wide = 130, node_high = 42, margin = 12;

// The colour of a node, and the line below its name.
function look_of(node, flows) {
  if (node.kind === 'channel') {
    const one = flows.channels.find((each) => each.name === node.name);
    if (!one)
      return ['unknown', ''];
    const state = one.paused ? 'paused' : one.stalled_seconds !== null ? 'stalled' : 'fine';
    const lag = one.lag ? ` · lag ${number(one.lag)}` : '';
    return [state, `${state === 'fine' ? rate(one.rates.settled) : state}${lag}`];
  }
  if (node.kind === 'store') {
    const one = flows.stores.find((each) => each.name === node.name);
    return one ? [one.rates.failed > 0 ? 'failing' : 'fine', rate(one.rates.written)] : ['unknown', ''];
  }
  const one = flows.peers.find((each) => each.name === node.name);
  if (!one)
    return ['fine', ''];
  const open = one.breaker === 'open' || one.breaker === 'half_open';
  return [open ? 'open' : one.rates.failed > 0 ? 'failing' : 'fine', open ? `breaker ${one.breaker.replace('_', ' ')}` : one.calls === null ? '' : rate(one.rates.calls)];
}

function cut(text) {
  return text.length > 18 ? `${text.slice(0, 17)}…` : text;
}

function place(node) {
  return { left: margin + node.x * wide, top: margin + node.y * high };
}

// From the right of the first node, across the places that it passes, to the left of the last one.
function edge_of(way) {
  const middle = (node) => place(node).top + node_high / 2;
  const parts = [`M${place(way[0]).left + node_wide},${middle(way[0])}`];
  const bend = Math.max(20, (wide - node_wide) / 2);
  let x = place(way[0]).left + node_wide, y = middle(way[0]);
  for (const node of way.slice(1)) {
    const left = place(node).left, next = middle(node);
    const back = left < x; // an edge of a circle
    parts.push(`C${x + (back ? 3 : 1) * bend},${y} ${left - (back ? 3 : 1) * bend},${next} ${left},${next}`);
    x = left;
    y = next;
    if (node.kind === 'way')
      parts.push(`H${x += node_wide}`);
  }
  return drawn('path', { class: 'edge', d: parts.join(' '), 'marker-end': 'url(#arrow)' });
}

function node_of(node) {
  const { left, top } = place(node);
  return drawn('g', { class: `node ${node.kind}`, transform: `translate(${left},${top})` },
    drawn('title', {}, `${node.kind} ${visible(node.name)}`),
    drawn('rect', { width: node_wide, height: node_high, rx: node.kind === 'service' ? 8 : node.kind === 'channel' ? 21 : 2 }),
    drawn('text', { x: node_wide / 2, y: 18, class: 'node-name' }, cut(visible(node.name))),
    drawn('text', { x: node_wide / 2, y: 33, class: 'node-fact' }));
}

/// A drawing that `update(flows)` keeps up: laid out again only where the nodes or edges are others.
export function flow_graph() {
  const svg = drawn('svg', { role: 'img', 'aria-label': 'Graph of the flows; the tables below say the same' });
  const box = element('div', { class: 'graph scroll', tabindex: '0', role: 'region', 'aria-label': 'Graph of the flows' }, svg);
  let shape = '';
  let shown = [];

  function lay_out(graph) {
    const { nodes, ways, columns, rows } = laid_out(graph);
    const width = 2 * margin + (columns - 1) * wide + node_wide, height = 2 * margin + (rows - 1) * high + node_high;
    set_attribute(svg, 'viewBox', `0 0 ${width} ${height}`);
    set_attribute(svg, 'width', width);
    set_attribute(svg, 'height', height);
    shown = [...nodes.values()].map((node) => ({ node, group: node_of(node) }));
    svg.replaceChildren(
      drawn('defs', {}, drawn('marker', { id: 'arrow', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
        drawn('path', { d: 'M0,0 L8,4 L0,8 z', class: 'arrow' }))),
      ...ways.map(edge_of), ...shown.map((each) => each.group));
  }

  return {
    box,
    update(flows) {
      const graph = graph_of(flows);
      box.hidden = graph.nodes.length === 0;
      if (box.hidden)
        return;
      const next = JSON.stringify(graph);
      if (next !== shape) {
        shape = next;
        lay_out(graph);
      }
      for (const { node, group } of shown) {
        const [state, fact] = look_of(node, flows);
        set_attribute(group, 'data-state', state);
        set_text(group.lastChild, fact);
        set_attribute(group.querySelector('.node-name'), 'y', fact === '' ? 26 : 18);
      }
    },
  };
}
