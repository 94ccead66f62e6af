// The spans of a trace as a tree over time: pure. The page of greetings has this file too.

/// The spans as a tree in the order of their beginnings: {span, depth, from, to} with times in milliseconds from the first.
export function ordered(spans) {
  const known = new Set(spans.map((each) => each.id));
  const below = new Map();
  for (const each of spans) {
    const parent = known.has(each.parent) && each.parent !== each.id ? each.parent : '';
    below.set(parent, [...below.get(parent) ?? [], each]);
  }
  const began = (one) => fine_time(one.began);
  const first = Math.min(...spans.map(began));
  const rows = [];
  const seen = new Set();
  const go = (parent, depth) => {
    for (const span of below.get(parent) ?? []) {
      if (seen.has(span.id))
        continue;
      seen.add(span.id);
      rows.push({ span, depth, from: began(span) - first, to: began(span) - first + span.ms });
      go(span.id, depth + 1);
    }
  };
  go('', 0);
  for (const span of spans) // in a circle of parents
    if (!seen.has(span.id))
      rows.push({ span, depth: 0, from: began(span) - first, to: began(span) - first + span.ms });
  return rows;
}

/// A text of RFC 3339 in milliseconds, with what a Date does not keep below one.
export function fine_time(text) {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return Date.parse(text.replace(/\.\d+/, '')) + (fraction === '' ? 0 : Number(`0.${fraction}`) * 1000);
}
