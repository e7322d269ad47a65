/**
 * The requests of one channel. Repeats nothing; every failure is a Trouble.
 */

/** The words of the original, where a proxy took the header away. */
const WORDS = /** @type {Record<string, string>} */ ({
  'channel-token': 'Invalid+token.',
  'channel-expired': 'Token+timed+out.',
});

/**
 * @typedef {object} Mail
 * @property {{seq: number, data: string}[]} messages
 * @property {string} cursor
 * @property {{wait: number, pause: number}} [poll] s and ms
 * @property {number} [opening] of the reply to open(): its number
 */

/** Why a request got no good answer; code and description as onerror says. */
export class Trouble extends Error {
  /**
   * @param {number} code the HTTP status; 0: there was no reply
   * @param {string} description
   * @param {{retryable?: boolean, word?: string, wait?: number}} [more] word:
   *   Letterbox's own for it; '': somebody else answered; wait: ms
   */
  constructor(code, description, {retryable = true, word = '', wait = 0} = {}) {
    super(description);
    this.code = code;
    this.description = description;
    this.retryable = retryable;
    this.word = word;
    this.wait = wait;
  }
}

export class Wire {
  /**
   * @param {import('./place.js').Place} place
   * @param {string} token
   */
  constructor(place, token) {
    this.place = place;
    this.token = token;
  }

  /** @param {string} after cursor or '' @param {AbortSignal} signal */
  async open(after, signal) {
    // No header can carry another one, and not every body.
    if (!/^[ -~]*$/.test(this.token)) {
      throw new Trouble(401, WORDS['channel-token'],
        {retryable: false, word: 'channel-token'});
    }
    return mail(this.place.of('open'), this.post(after, signal));
  }

  /**
   * @param {string} after
   * @param {number} opening its number: where there is a newer one, this is
   *   refused
   * @param {number} wait seconds to be held
   * @param {AbortSignal} signal
   */
  mail(after, opening, wait, signal) {
    const headers = {'X-Letterbox-Token': this.token, 'Prefer': `wait=${wait}`};
    const query = {after, opening: String(opening)};
    return mail(this.place.of('mail', query), {headers, signal});
  }

  /** @param {string} after @param {AbortSignal} signal */
  close(after, signal) {
    return ask(this.place.of('close'),
      Object.assign(this.post(after, signal), {keepalive: true}));
  }

  /** The page goes: nobody waits for an answer. */
  away() {
    if (navigator.sendBeacon) {
      navigator.sendBeacon(this.place.of('away'),
        JSON.stringify({token: this.token}));
    }
  }

  /** @param {string} data */
  receive(data) {
    const body = new URLSearchParams({key: this.token, msg: data});
    ask(this.place.of('receive'), {method: 'POST', body}).catch(() => {});
  }

  /**
   * As text, like a beacon: no browser asks beforehand whether it may.
   * @param {string} after @param {AbortSignal} signal
   */
  post(after, signal) {
    const {token} = this;
    return {method: 'POST', headers: {'Content-Type': 'text/plain'}, signal,
      body: JSON.stringify(after ? {token, after} : {token})};
  }
}

/**
 * @param {string} address @param {RequestInit} options
 * @returns {Promise<Mail>}
 */
async function mail(address, options) {
  const answer = await ask(address, options);
  if (answer && answer.cursor && Array.isArray(answer.messages)) return answer;
  throw new Trouble(0, 'Something else answers for the server.');
}

/**
 * @param {string} address @param {RequestInit} options
 * @returns {Promise<any>} the answer; null where it is no JSON
 */
async function ask(address, options) {
  let reply, text;
  try {
    reply = await fetch(address, Object.assign({cache: 'no-store',
      referrerPolicy: 'no-referrer'}, options));
    text = await reply.text();
  } catch (error) {
    throw new Trouble(0, 'The server cannot be reached.');
  }
  const answer = parse(text);
  if (reply.ok) return answer;
  throw troubleOf(reply, answer || {});
}

/** @param {Response} reply @param {any} problem */
function troubleOf({status, statusText, headers}, problem) {
  const word = typeof problem.code === 'string' ? problem.code : '';
  const description = headers.get('X-Letterbox-Error') || WORDS[word] ||
    problem.title || statusText || `HTTP ${status}`;
  const seconds = Number(headers.get('Retry-After')) || 0;
  const passing = status >= 500 || status === 408 || status === 429;
  return new Trouble(status, description, {word,
    retryable: word ? problem.retryable === true : passing,
    wait: problem.retry_after || 1000 * seconds});
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}
