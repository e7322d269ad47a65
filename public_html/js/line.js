/**
 * The line to the server: joins, keeps one poll open, and decides after each
 * failure whether to wait, to join again, or to end.
 *
 *   entering -> listening <-> waiting
 *   any -> resting (the page is in the back/forward cache) -> listening
 *   any -> ended
 */

import {Door} from './door.js';
import {LetterboxError, isStrange} from './error.js';
import {renewals} from './ice.js';
import {AGAIN, Life} from './life.js';
import {backoff, sleep} from './pause.js';
import {Polls} from './polls.js';

/** @typedef {import('./forms.js').Mail} Mail */
/** @typedef {import('./forms.js').Entry} Entry */
/** @typedef {import('./forms.js').Pace} Pace */

/**
 * @typedef {object} Ear
 * @property {(entry: Mail & Entry) => void} entered
 * @property {(mail: Mail) => void} mail
 * @property {(state: 'open' | 'waiting') => void} state
 * @property {(error: unknown) => void} ended
 */

/** Between polls of a server that neither holds them nor names a pause. */
const IDLE = 1000;

/** Who takes our place twice in so short a time means it, in ms. */
const RIVAL = 60_000;

export class Line {
  #wire;
  #identity;
  #ear;
  #life;
  #door;
  #polls;
  #cursor = '';
  /** What follows was heard before: the cursor is behind what was. */
  #behind = false;
  /** @type {Pace} */
  #pace = {wait: 0, pause: 0};
  /** Of the post that was answered last. */
  #n = 0;
  /** How many were. */
  #answers = 0;
  /** When somebody last took our place. */
  #rivalled = -Infinity;
  /** @type {Promise<void> | null} */
  #entering = null;

  /**
   * @param {import('./wire.js').Wire} wire
   * @param {import('./identity.js').Identity} identity
   * @param {import('./door.js').Wishes & {streams?: boolean}} wishes
   * @param {Ear} ear
   */
  constructor(wire, identity, {streams = true, ...wishes}, ear) {
    this.#wire = wire;
    this.#identity = identity;
    this.#ear = ear;
    this.#polls = new Polls(wire, streams);
    this.#life = new Life({
      rests: () => this.#rest(),
      rises: () => void this.#rise(),
      isLate: () => Date.now() > this.#polls.due,
    });
    this.#door = new Door(wire, identity, wishes, this.#life);
  }

  get token() {
    return this.#identity.kept.token ?? '';
  }

  get ended() {
    return this.#life.ended;
  }

  /**
   * Joins, then listens until the end.
   * @param {number} patience milliseconds
   */
  async open(patience) {
    await this.#enter(performance.now() + patience);
    void this.#listen();
  }

  /**
   * @param {number} n
   * @param {string[]} texts
   */
  async post(n, texts) {
    await this.#life.awake;
    const answer = await this.#wire.post(this.token, n, texts,
      this.#life.request);
    this.#n = n;
    this.#answers++;
    return answer;
  }

  /** @param {import('./forms.js').Rules} changes */
  async rules(changes) {
    await this.#life.awake;
    return this.#wire.rules(this.token, changes, this.#life.signal);
  }

  /** ICE servers, each time anew while the line lives. */
  ice() {
    const {signal} = this.#life;
    return renewals(() => this.#wire.ice(this.token, signal), signal);
  }

  /**
   * Waits until another attempt makes sense; ends the line and throws when
   * there is none.
   * @param {any} error
   * @param {number} failures so far in a row
   */
  async mend(error, failures) {
    this.#life.signal.throwIfAborted();
    if (error === AGAIN || this.#insists(error)) return;
    const forgotten = error?.code === 'not-a-member';
    if (!error?.retryable && !forgotten && !isStrange(error)) {
      this.end(error);
      throw error;
    }
    this.#ear.state('waiting');
    if (failures || !forgotten) {
      await backoff(failures, error.wait, this.#life.signal);
    }
    if (forgotten) await this.#enterAgain();
  }

  /**
   * A web server that is restarted may let a poll through that we had given
   * up long ago: so once we take our place back. Of two pages both do, and the
   * newer one stays.
   * @param {any} error
   */
  #insists(error) {
    if (error?.code !== 'superseded') return false;
    const before = this.#rivalled;
    this.#rivalled = performance.now();
    return this.#rivalled - before > RIVAL;
  }

  /** @param {unknown} error null when it was our wish */
  end(error) {
    if (this.ended) return;
    this.#life.end(error ??
      new LetterboxError('left', 'This page has left the room.'));
    this.#ear.ended(error);
  }

  async #listen() {
    for (let failures = 0; !this.ended;) {
      try {
        await this.#life.awake;
        // After a failure ask without waiting, to know that all is well.
        const pace = failures ? {wait: 0, pause: 0} : await this.#pause();
        for await (const mail of this.#polls.ask(this.token, this.#cursor,
          pace, this.#life.request)) {
          failures = 0;
          if (!mail.messages.length) this.#behind = false;
          this.#heard(mail);
          if (!mail.gap && !mail.reset) continue;
          // Who came and went may be among what was dropped.
          await this.#enterAgain();
          break;
        }
      } catch (error) {
        await this.mend(error, failures++).catch(() => {});
      }
    }
  }

  /** As long as the server says. Its figure is spread already. */
  async #pause() {
    const {wait, pause} = this.#pace;
    const ms = pause || (wait ? 0 : IDLE);
    if (ms) await sleep(ms, this.#life.signal);
    await this.#life.awake;
    return this.#pace;
  }

  /** Both the poll and a post may find that they are forgotten: join once. */
  #enterAgain() {
    this.#entering ??= this.#enter(Infinity)
      .catch((error) => {
        this.end(error);
        throw error;
      })
      .finally(() => { this.#entering = null; });
    return this.#entering;
  }

  /** @param {number} until on the clock of performance.now() */
  async #enter(until) {
    const {token, cursor, heard} = this.#identity.kept;
    const before = this.#answers;
    const entry = await this.#door.enter(this.#cursor, until);
    // A post that was answered meanwhile may be newer than this reply.
    if (this.#answers !== before) entry.n = this.#n;
    this.#ear.entered(entry);
    const resumed = token && !this.#cursor && !entry.reset;
    if (resumed && heard && heard !== cursor) {
      // The server does not tell again what the page before a reload has heard,
      // although nobody may have listened there. A poll does.
      this.#behind = true;
      this.#heard({...entry, gap: false, messages: [], cursor: cursor ?? ''});
    } else this.#heard(entry);
  }

  /** @param {Mail} mail */
  #heard(mail) {
    // A listener may have ended it.
    if (this.ended) return;
    this.#cursor = mail.cursor;
    if (!this.#behind) this.#identity.kept.heard = mail.cursor;
    this.#pace = mail.poll ?? this.#pace;
    this.#ear.mail(mail);
    this.#ear.state('open');
  }

  /** The page goes. Whether it reloads, closes or comes back is not known. */
  #rest() {
    if (this.token) this.#wire.beacon('away', this.token);
    this.#identity.rest();
  }

  async #rise() {
    if (await this.#identity.wake()) this.#life.wake();
    else {
      this.end(new LetterboxError('superseded',
        'Another page of this browser has taken this place in the room.'));
    }
  }
}
