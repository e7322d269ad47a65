/**
 * Where the API is. On a host of which nothing is known it may be one program
 * or another, by FastCGI or by CGI, with PATH_INFO or without: the first that
 * answers is used, for the session. When none does, words say why.
 */

import {LetterboxError} from './error.js';
import {Host} from './host.js';
import {keep, kept} from './memory.js';
import {backoff} from './pause.js';
import {look} from './request.js';

/** @typedef {{status: number, problem: any, base: string}} Failure */

/** @type {[number, string][]} statuses of web servers, the telling ones first */
const WORDS = [
  [200, 'the web server sends the program as a file instead of running it. ' +
    'Let it run programs there: the file .htaccess of Letterbox does so, ' +
    'where the host allows it'],
  [500, 'the web server could not run the program. It must belong to the ' +
    'account, with mode 0755, and so must its folder; the error log of the ' +
    'web server says more'],
  [403, 'the web server may not run the program. Give the file and its ' +
    'folder mode 0755, and let it run programs there'],
  [404, 'nothing is there'],
  [0, 'nothing answers'],
];

/**
 * @param {string[]} candidates addresses, in the order of preference
 * @param {{signal?: AbortSignal, patience?: number}} [options] patience: how
 *   long to try to reach any, in ms
 * @returns {Promise<string>} for join(); a single one is not asked
 */
export async function find(candidates, {signal, patience = 0} = {}) {
  const places = resolve(candidates);
  const left = places.length > 1 ? kept(keyOf(places)) : places[0];
  if (typeof left === 'string') return left;
  const end = performance.now() + patience;
  for (let failures = 0; ; failures++) {
    /** @type {Failure[]} */
    const failed = [];
    for (const base of places.flatMap(forms)) {
      const failure = await ask(base, signal);
      if (!failure) {
        keep(keyOf(places), base);
        return base;
      }
      failed.push(failure);
    }
    const error = errorOf(failed);
    if (!error.retryable || performance.now() > end) throw error;
    await backoff(failures, error.wait, signal);
  }
}

/** Find out anew the next time. @param {string[]} candidates */
export function forget(candidates) {
  keep(keyOf(resolve(candidates)), null);
}

/** Address of the page that examines a server. @param {string} base */
export function doctorOf(base) {
  return `${base}/doctor`;
}

/** @param {string[]} candidates */
function resolve(candidates) {
  return candidates.map((place) =>
    new URL(place, globalThis.location?.href).href.replace(/\/$/, ''));
}

/** @param {string[]} places */
function keyOf(places) {
  return `letterbox api ${places.join(' ')}`;
}

/** With PATH_INFO, and for a host that has none. @param {string} place */
function forms(place) {
  return place.includes('?') ? [place] : [place, `${place}?path=`];
}

/**
 * @param {string} base
 * @param {AbortSignal} [signal]
 * @returns {Promise<Failure | null>} null when it is Letterbox, and well
 */
async function ask(base, signal) {
  try {
    const {reply, answer} = await look(`${base}/healthz`, signal);
    if (reply.ok && answer?.status === 'ok') {
      if (answer.posts) Host.at(base).direct(String(answer.posts));
      return null;
    }
    const problem = typeof answer?.code === 'string' ? answer : null;
    // A page for whatever is asked is no program.
    const html = /html/.test(reply.headers.get('Content-Type') ?? '');
    return {base, status: reply.ok && html ? 404 : reply.status, problem};
  } catch {
    signal?.throwIfAborted();
    return {base, status: 0, problem: null};
  }
}

/** @param {Failure[]} failed */
function errorOf(failed) {
  // It runs, and knows what is wrong with it.
  const ill = failed.find(({problem}) => problem);
  if (ill) {
    const {code, detail, title, retryable, retry_after: wait} = ill.problem;
    return new LetterboxError(code, detail ?? title, {status: ill.status,
      retryable: retryable === true, wait, help: doctorOf(ill.base)});
  }
  if (failed.every(({status}) => !status)) {
    return new LetterboxError('network', 'The server cannot be reached.',
      {retryable: true});
  }
  const rank = ({status = 0}) => WORDS.findIndex(([each]) => each === status);
  const [best] = failed.filter((one) => rank(one) >= 0)
    .sort((a, b) => rank(a) - rank(b));
  const {base, status} = best ?? failed[0];
  const words = WORDS.find(([each]) => each === status)?.[1] ??
    `the web server answers ${status}`;
  return new LetterboxError('no-api', `No Letterbox answers. At ` +
    `${base.replace(/\?path=$/, '')} ${words}.`,
  {status, help: doctorOf(base)});
}
