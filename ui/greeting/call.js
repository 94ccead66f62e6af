// One call of the API.

const patience = 15000; // milliseconds

const nothing = { greetings: null, status: null, problem: null, missing: '', ms: null, trace: null };

// The greetings of an answer: a list, or an object that has one.
function greetings_of(body) {
  const found = Array.isArray(body) ? body : body?.greeting;
  return Array.isArray(found) ? found.filter((each) => typeof each === 'object' && each !== null) : null;
}

// The trace that the answer names (Trace Context level 2). The call brings none: where nothing is exported the program keeps only
// traces that begin with it.
function trace_of(response) {
  return /^00-([0-9a-f]{32})-/.exec(response.headers.get('traceresponse') ?? '')?.[1] ?? null;
}

async function body_of(response) {
  const text = await response.text();
  try {
    return { json: JSON.parse(text) };
  } catch {
    return { text };
  }
}

/// Asks `url`, and returns what came of it: {greetings, status, problem, missing, ms, trace}; never throws.
export async function call(url, signal) {
  if (new URL(url).origin !== location.origin)
    return { ...nothing, problem: { title: 'Another origin', detail: `This page may call ${location.origin} only.` } };
  const began = performance.now();
  try {
    const response = await fetch(url, {
      cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
      headers: { Accept: 'application/json' },
    });
    const { json, text } = await body_of(response);
    const answer = { ...nothing, status: response.status, ms: performance.now() - began, trace: trace_of(response),
      missing: response.headers.get('troupe-missing') ?? '' };
    if (!response.ok)
      return { ...answer, problem: { title: `Answer ${response.status}`, ...(json ?? { detail: text?.slice(0, 500) }), retry: response.headers.get('Retry-After') } };
    const greetings = greetings_of(json);
    return greetings ? { ...answer, greetings } : { ...answer, problem: { title: 'No greetings', detail: 'The answer is not a list of greetings.' } };
  } catch (error) {
    const late = error.name === 'TimeoutError';
    return { ...nothing, problem: { title: late ? 'No answer' : 'No connection',
      detail: late ? `There was no answer within ${patience / 1000} s.` : 'The server cannot be reached.' } };
  }
}
