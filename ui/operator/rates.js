// Rates of counters, made of two answers: pure.

const counters = ['published', 'settled', 'failed', 'dead_letters', 'written', 'calls'];

function rated(now, before, seconds) {
  const rates = {};
  for (const name of counters)
    if (typeof now[name] === 'number')
      rates[name] = before === undefined || typeof before[name] !== 'number' || now[name] < before[name] || seconds <= 0
        ? null : (now[name] - before[name]) / seconds;
  return { ...now, rates };
}

/// The flows with `rates`, per second, beside each counter; null where two answers of the same process are not there yet.
/// `at` is when each was answered, in milliseconds.
export function with_rates(now, before) {
  const same = before !== null && now.flows.uptime_seconds >= before.flows.uptime_seconds;
  const seconds = same ? (now.at - before.at) / 1000 : 0;
  const of = (kind) => now.flows[kind].map((each) => rated(each,
    same ? before.flows[kind].find((old) => old.name === each.name) : undefined, seconds));
  return { ...now.flows, channels: of('channels'), stores: of('stores'), peers: of('peers') };
}
