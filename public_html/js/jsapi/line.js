/**
 * The line to the server: opens, keeps one poll open, and decides after each
 * failure whether to try again or to end. What the page has not heard by the
 * time it reloads comes again.
 */

import {Life} from './life.js';
import {Mailbox} from './mailbox.js';
import {Hold, Nap, backoff} from './pace.js';
import {Rivals} from './rivals.js';
import {Trouble, Wire} from './wire.js';

/**
 * @typedef {object} Ear
 * @property {() => void} opened
 * @property {(data: string, tell: () => void) => void} heard; `tell` is called
 *   before it is handed out
 * @property {(tell: () => void) => void} passed all before is here; the same
 *   once that is handed out
 * @property {() => void} forgets what is not handed out comes again
 * @property {(trouble: Trouble) => void} ended
 */

/** How much later than promised a reply may be before it is missed, in ms. */
const LATE = 10000;

/** Between polls of a server that neither holds them nor names a pause, ms. */
const IDLE = 1000;

/** So long one may be in the way of polls that older clients sent before they
 * knew of it, and after this time it asks again; ms. */
const YOUNG = 30000;
const YIELD = 300;

/** The most that close() waits for the server, in ms. */
const FAREWELL = 5000;

/** Failures before the first success after which a developer would like to
 * know. */
const SUSPECT = 4;

/** Why a request was cut by ourselves. */
const AGAIN = new Trouble(0, 'again');

const RIVAL = new Trouble(409, 'Superseded.', {retryable: false});

export class Line {
  /**
   * @param {import('./place.js').Place} place
   * @param {string} token
   * @param {Ear} ear
   */
  constructor(place, token, ear) {
    this.wire = new Wire(place, token);
    this.mailbox = new Mailbox(place.base, token);
    this.ear = ear;
    this.pace = {wait: 0, pause: 0};
    this.hold = new Hold();
    this.nap = new Nap();
    this.rivals = new Rivals(this.mailbox.name, () => this.end(RIVAL));
    this.life = new Life({again: () => this.again(), look: () => this.look(),
      rests: () => this.rest(), rises: () => this.rise()});
    /** When it was opened first, by the clock on the wall; 0: not yet. */
    this.since = 0;
    /** The number of this opening; 0: it must be opened, perhaps anew. */
    this.number = 0;
    this.yielded = false;
    this.over = false;
    /** What is under way, and when it must have ended. */
    this.control = new AbortController();
    this.due = Infinity;
    /** @type {Promise<unknown> | null} */
    this.opening = null;
    this.asked = false;
  }

  /** Until the end. */
  async run() {
    for (let failures = 0; !this.over;) {
      try {
        await this.life.awake;
        if (this.over) return;
        const mail = await (this.number ? this.poll() : this.open());
        failures = 0;
        if (this.over) return;
        this.take(mail);
        await this.between();
      } catch (error) {
        await this.mend(error, failures++);
      }
    }
  }

  /** Tells the server that we go, and has done so when it returns. */
  async close() {
    this.stop();
    if (!this.asked) return;
    const control = new AbortController();
    const timer = setTimeout(() => {
      this.control.abort();
      control.abort();
    }, FAREWELL);
    // Told before it, we would come in after we have gone.
    if (this.opening) await this.opening;
    else this.control.abort();
    await this.wire.close(this.mailbox.told, control.signal).catch(() => {});
    clearTimeout(timer);
  }

  /** @param {Trouble} why */
  end(why) {
    if (this.over) return;
    this.stop();
    this.control.abort();
    this.ear.ended(why);
  }

  stop() {
    this.over = true;
    this.nap.end();
    this.life.end();
    this.rivals.end();
  }

  open() {
    this.asked = true;
    const opening = this.ask(0, (signal) =>
      this.wire.open(this.mailbox.cursor, signal));
    this.opening = opening.catch(() => {}).then(() => { this.opening = null; });
    return opening.then((mail) => {
      this.number = mail.opening || 1;
      if (!this.over) this.rivals.announce(this.number);
      return mail;
    });
  }

  async poll() {
    const wait = this.hold.of(this.pace.wait);
    const begun = performance.now();
    try {
      return await this.ask(wait, (signal) =>
        this.wire.mail(this.mailbox.cursor, this.number, wait, signal));
    } catch (error) {
      const {code} = /** @type {Trouble} */ (error);
      if (error !== AGAIN && !code) this.hold.cut(performance.now() - begun);
      throw error;
    }
  }

  /**
   * @template T
   * @param {number} hold s that the reply may be held
   * @param {(signal: AbortSignal) => Promise<T>} request
   */
  async ask(hold, request) {
    const control = this.control = new AbortController();
    this.due = Date.now() + 1000 * hold + LATE;
    try {
      return await request(control.signal);
    } catch (error) {
      throw control.signal.aborted ? AGAIN : error;
    } finally {
      this.due = Infinity;
    }
  }

  /** @param {import('./wire.js').Mail} mail */
  take({messages, cursor, poll}) {
    this.pace = poll || this.pace;
    if (!this.since) {
      this.since = Date.now();
      this.ear.opened();
    }
    for (const {seq, data} of messages) {
      // A handler has closed it: the rest waits for whoever comes next.
      if (this.over) return;
      const here = this.mailbox.has(cursor, seq);
      this.ear.heard(data, () => this.mailbox.tells(here));
    }
    if (this.over) return;
    this.mailbox.moves(cursor);
    this.ear.passed(() => this.mailbox.tells(cursor));
  }

  /** As long as the server says. Its figure is spread already. */
  async between() {
    const {wait, pause} = this.pace;
    const ms = pause || (wait ? 0 : IDLE);
    if (ms && !this.over) await this.nap.of(ms);
  }

  /**
   * @param {any} trouble
   * @param {number} failures so far in a row, from 0
   */
  async mend(trouble, failures) {
    if (this.over || trouble === AGAIN) return;
    if (!(trouble instanceof Trouble)) throw trouble;
    if (trouble.word === 'superseded') {
      if (this.yielded || Date.now() - this.since > YOUNG) this.end(RIVAL);
      this.yielded = true;
      if (!this.over) await this.nap.of(YIELD);
    } else if (!trouble.retryable && (trouble.word || !this.since)) {
      this.end(trouble);
    } else {
      if (!this.since && failures === SUSPECT) this.warn(trouble);
      await this.nap.of(trouble.wait + backoff(failures));
    }
  }

  /** A browser does not tell scripts what it refuses. @param {Trouble} why */
  warn({description}) {
    console.warn(`Channel: ${description} Still trying ${
      this.wire.place.base}; a page of another origin must be named in ` +
      'allowed_origins of letterbox.conf, and its own policy must allow it.');
  }

  /** The old connection may hang for long after the network has changed. */
  again() {
    this.nap.end();
    this.control.abort();
  }

  look() {
    if (Date.now() > this.due) this.again();
  }

  rest() {
    if (this.asked) this.wire.away();
    this.rivals.end();
    this.again();
  }

  /** It may have been superseded meanwhile, and is the newest from now on. */
  rise() {
    this.ear.forgets();
    this.mailbox.reload();
    this.number = 0;
  }
}
