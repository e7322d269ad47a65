/**
 * One request: fetch with a limit of time, JSON in and out, and one kind of
 * error for all that may happen to it. Repeats nothing.
 */

import {LetterboxError, errorOf} from './error.js';
import {events} from './stream.js';

/** How long a request may take beyond the time it asks to be held, in ms. */
const PATIENCE = 10_000;

/**
 * @typedef {object} Request
 * @property {'GET' | 'POST'} method
 * @property {string} [token]
 * @property {string} [body] JSON
 * @property {AbortSignal} [signal]
 * @property {number} [hold] ms that it asks to be held
 * @property {boolean} [keepalive] it may outlive the page
 * @property {string} [expect] a member of every answer that is Letterbox's
 */

/**
 * @param {string} address
 * @param {Request} request
 * @returns {Promise<any>} the answer; null where none is expected
 */
export async function send(address, request) {
  const {signal, hold = 0, expect} = request;
  const late = AbortSignal.timeout(hold + PATIENCE);
  try {
    const reply = await ask(address, request, late);
    const answer = parse(await reply.text());
    if (!reply.ok) throw errorOf(reply, answer);
    if (expect && answer?.[expect] === undefined) throw errorOf(reply, null);
    return answer;
  } catch (error) {
    throw translate(error, signal, late);
  }
}

/**
 * Reads a stream of server-sent events. Yields whenever bytes have come: the
 * events that are whole by now, perhaps none. Ends with the stream.
 * @param {string} address
 * @param {Request} request
 */
export async function* listen(address, request) {
  const {signal, hold = 0} = request;
  const late = AbortSignal.timeout(hold + PATIENCE);
  try {
    const reply = await ask(address, request, late, 'text/event-stream');
    if (!reply.ok) throw errorOf(reply, parse(await reply.text()));
    const type = reply.headers.get('Content-Type') ?? '';
    if (!reply.body || !type.startsWith('text/event-stream')) {
      await reply.body?.cancel();
      throw new LetterboxError('no-stream', 'The server did not stream.',
        {retryable: true, status: reply.status});
    }
    yield* events(reply.body);
  } catch (error) {
    throw translate(error, signal, late);
  }
}

/**
 * The same for an answer that is no JSON.
 * @param {string} address
 * @param {Request} request
 * @param {number} [patience] ms until all of it must be there
 * @returns {Promise<string>}
 */
export async function load(address, request, patience = PATIENCE) {
  const late = AbortSignal.timeout(patience);
  try {
    const reply = await ask(address, request, late);
    const text = await reply.text();
    if (!reply.ok) throw errorOf(reply, parse(text));
    return text;
  } catch (error) {
    throw translate(error, request.signal, late);
  }
}

/**
 * What is at an address that may be anything: only JSON is read.
 * @param {string} address
 * @param {AbortSignal} [signal]
 * @returns {Promise<{reply: Response, answer: any}>}
 */
export async function look(address, signal) {
  const late = AbortSignal.timeout(PATIENCE);
  try {
    const reply = await ask(address, {method: 'GET', signal}, late,
      'application/json');
    const type = reply.headers.get('Content-Type') ?? '';
    if (/\bjson\b/.test(type)) {
      return {reply, answer: parse(await reply.text())};
    }
    await reply.body?.cancel();
    return {reply, answer: null};
  } catch (error) {
    throw translate(error, signal, late);
  }
}

/**
 * @param {string} address
 * @param {Request} request
 * @param {AbortSignal} late
 * @param {string} [accept]
 */
function ask(address, {method, token, body, signal, keepalive}, late, accept) {
  /** @type {Record<string, string>} */
  const headers = {};
  // Not `Authorization`: some hosts take it away before a CGI program.
  if (token) headers['X-Letterbox-Token'] = token;
  if (body) headers['Content-Type'] = 'application/json';
  if (accept) headers['Accept'] = accept;
  return fetch(address, {
    method, headers, body, keepalive, cache: 'no-store',
    credentials: 'omit', referrerPolicy: 'no-referrer',
    signal: signal ? AbortSignal.any([signal, late]) : late,
  });
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * No reply, or half of one, is a passing matter as far as anybody can tell.
 * @param {unknown} cause
 * @param {AbortSignal | undefined} signal who gave up has his own reason
 * @param {AbortSignal} late
 */
function translate(cause, signal, late) {
  if (signal?.aborted) return signal.reason;
  if (cause instanceof LetterboxError) return cause;
  return late.aborted
    ? new LetterboxError('timeout', 'The server did not answer in time.',
      {retryable: true, cause})
    : new LetterboxError('network', 'The server cannot be reached.',
      {retryable: true, cause});
}
