/**
 * The program as the doctor's page sees it: where it is, and what it is asked.
 * Requests as plain as they can be: what is measured is what lies between.
 */

/**
 * @typedef {'ok' | 'note' | 'warning' | 'bad'} Outcome
 * @typedef {object} Finding of the program, or of the page (family `browser`)
 * @property {string} check its name
 * @property {string} family
 * @property {string} title what was looked at
 * @property {Outcome} outcome
 * @property {string} words a sentence
 * @property {string} [cure] one line
 * @typedef {object} Report
 * @property {string} letterbox version
 * @property {string} sqlite version
 * @property {number} at ms of Unix time
 * @property {Outcome} outcome the worst of all
 * @property {Finding[]} checks
 * @typedef {object} Answer
 * @property {number} now ms of Unix time, by the program's clock
 * @property {number} hold seconds a poll is held
 * @property {string} pass good for a while in place of a code
 * @property {string[]} addresses where no file of ours may be found
 * @property {Report} report
 * @typedef {object} Key of an application
 * @property {string} name
 * @property {boolean} strict
 * @property {string | null} hook
 * @property {number} created_at ms of Unix time
 * @typedef {object} Keys
 * @property {Key[]} keys
 * @property {string} [key] the new one itself, this once
 */

/** What these headers say is known, so that the program sees what is lost. */
const MARK = 'doctor';
const HEADERS = {
  'Content-Type': 'application/json', 'Authorization': `Bearer ${MARK}`,
  'X-Letterbox-Token': MARK, 'Last-Event-ID': MARK, 'Prefer': 'wait=1',
};

export class Refusal extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** What went wrong, for the end of a sentence. @param {unknown} error */
export const wordsOf = (error) => error instanceof Refusal
  ? error.message : 'the server cannot be reached.';

export class Program {
  #base;
  #byQuery;

  /**
   * @param {URL} page where the page came from: PROGRAM/doctor, or
   *   PROGRAM?path=/doctor
   */
  constructor(page) {
    this.#byQuery = page.searchParams.has('path');
    this.#base = page.origin + page.pathname.replace(/\/doctor$/, '');
  }

  /** @param {string} path @param {Record<string, string | number>} [query] */
  address(path, query = {}) {
    const words = new URLSearchParams();
    if (this.#byQuery) words.set('path', path);
    for (const [name, value] of Object.entries(query)) {
      words.set(name, String(value));
    }
    const search = words.size || [...words].length ? `?${words}` : '';
    return this.#base + (this.#byQuery ? '' : path) + search;
  }

  /**
   * @param {string} path
   * @param {object} body
   * @param {Record<string, string>} [headers]
   */
  post(path, body, headers = {'Content-Type': 'application/json'}) {
    return fetch(this.address(path), {
      method: 'POST', headers, body: JSON.stringify(body), cache: 'no-store',
      credentials: 'omit',
    });
  }

  /**
   * @param {string} code or pass
   * @returns {Promise<Answer & {asked: number, answered: number}>} with the
   *   times by the clock of this browser
   */
  async ask(code) {
    const asked = Date.now();
    const reply = await this.post('/doctor.json', {code}, HEADERS);
    const answered = Date.now();
    return {...await answerOf(reply, 'report'), asked, answered};
  }

  /**
   * @param {string} code, or to see them alone a pass
   * @param {{add: string, strict: boolean, hook: string} |
   *   {remove: string}} [change]
   * @returns {Promise<Keys>}
   */
  async keys(code, change) {
    return answerOf(await this.post('/doctor/keys.json', {code, ...change}),
      'keys');
  }
}

/**
 * @param {Response} reply @param {string} member that a good one has
 * @returns {Promise<any>}
 */
async function answerOf(reply, member) {
  const answer = await jsonOf(reply);
  if (reply.ok && answer?.[member]) return answer;
  throw new Refusal(answer?.code ?? `http-${reply.status}`,
    answer?.detail ?? `The web server answered ${reply.status} instead of ` +
    'the program. Its error log tells more.');
}

/** @param {Response} reply @returns {Promise<any>} null: it is none of ours */
export async function jsonOf(reply) {
  try {
    return await reply.json();
  } catch {
    return null;
  }
}
