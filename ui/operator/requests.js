// Asks the administration, with the token where it wants one.

import { request_began, request_dropped, request_ended } from './connection.js';
import { ask_for_token } from './token.js';

const patience = 10000; // milliseconds for an answer that needs no other server

/// The program answered, and not with what was asked for.
export class refusal extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `the program answered ${status}`);
    this.status = status;
    this.code = problem.code || '';
  }
}

async function problem_of(response) {
  try {
    const problem = await response.json();
    return typeof problem === 'object' && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

/// fetch() with the token, which is asked for once where the program wants it.
export async function fetch_with_token(path, options = {}) {
  for (let first = true; ; first = false) {
    const token = sessionStorage.getItem('token');
    const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const response = await fetch(path, { cache: 'no-store', credentials: 'omit', ...options, headers });
    if (response.status !== 401 || !await ask_for_token(token, !first))
      return response;
  }
}

async function read(response) {
  if (!response.ok)
    throw new refusal(response.status, await problem_of(response));
  return response.status === 204 ? null : response.json();
}

/// What the program answers, read from JSON; fails with a `refusal`, or with another error where there was no answer.
export async function ask(path, { method = 'GET', body, signal, within = patience } = {}) {
  const mark = request_began();
  const limit = AbortSignal.timeout(within);
  const options = { method, signal: signal ? AbortSignal.any([signal, limit]) : limit };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { 'Content-Type': 'application/json' };
  }
  try {
    const answer = await read(await fetch_with_token(path, options));
    request_ended(mark);
    return answer;
  } catch (error) {
    if (error instanceof refusal)
      request_ended(mark);
    else if (signal?.aborted)
      request_dropped(mark);
    else
      request_ended(mark, error.name === 'TimeoutError' ? `no answer within ${within / 1000} s` : 'the program cannot be reached');
    throw error;
  }
}
