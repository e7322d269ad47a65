/**
 * A guest in a room of its own, whose polls are held as those of a call are.
 */

import {Refusal, jsonOf} from './program.js';

/** Beyond the hold, before a request counts as lost, in ms. */
const PATIENCE = 15_000;

/** 128 random bits, as the names of rooms and keys are spelled. */
function random() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export class Guest {
  #program;
  #room = random();
  #token = '';
  #cursor = '';
  /** What the program allows: seconds held, and ms before the next poll. */
  pace = {wait: 0, pause: 0};

  /** @param {import('./program.js').Program} program */
  constructor(program) {
    this.#program = program;
  }

  async join() {
    const reply = await this.#program.post(`/rooms/${this.#room}/peers`,
      {key: random()});
    const answer = await jsonOf(reply);
    if (reply.status !== 201) {
      throw new Refusal(answer?.code ?? `http-${reply.status}`,
        answer?.detail ?? `The web server answered ${reply.status}.`);
    }
    this.#token = answer.token;
    this.#cursor = answer.cursor;
    this.pace = answer.poll;
  }

  /**
   * @param {number} wait seconds
   * @param {AbortSignal} signal
   * @param {string} [accept]
   */
  poll(wait, signal, accept = 'application/json') {
    const late = AbortSignal.timeout(wait * 1000 + PATIENCE);
    const query = {after: this.#cursor, wait};
    return fetch(
      this.#program.address(`/rooms/${this.#room}/messages`, query), {
        headers: {'X-Letterbox-Token': this.#token, 'Accept': accept},
        cache: 'no-store', credentials: 'omit',
        signal: AbortSignal.any([signal, late]),
      });
  }

  /** Leaves nothing behind. */
  async leave() {
    if (!this.#token) return;
    await this.#program.post(`/rooms/${this.#room}/leave`,
      {token: this.#token}).catch(() => undefined);
  }
}
