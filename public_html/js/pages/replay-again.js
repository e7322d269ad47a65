/**
 * Trying a call again: one side of it against a connection of this browser.
 */

import {printOf, run, verdict} from '../replay/live.js';
import {counted, plain} from '../replay/plain.js';
import {rolesOf, scriptOf} from '../replay/script.js';
import {byId, make} from './dom.js';

/** @typedef {import('./replay-tape.js').Tape} Tape */
/** @typedef {import('../replay/live.js').Run} Run */

const TIMES = 10;
/** Sides that can be chosen; lines of a trace that are shown. */
const ROLES_MAX = 100;
const LINES_MAX = 500;

export class Again {
  #role = byId('role', HTMLSelectElement);
  #word = byId('again-word', HTMLElement);
  #trace = byId('trace', HTMLElement);
  #stop = byId('again-stop', HTMLButtonElement);
  #tape;
  #go;
  #roles;
  #cancel = new AbortController();

  /**
   * @param {Tape} tape
   * @param {(seq: number) => void} go
   * @param {AbortSignal} signal
   */
  constructor(tape, go, signal) {
    this.#tape = tape;
    this.#go = go;
    this.#roles = rolesOf(tape.messages).slice(0, ROLES_MAX);
    this.#role.replaceChildren(...this.#roles.map(([self, other], index) => {
      const option = make('option', '', `${tape.nameOf(self)}, who talks to ${
        tape.nameOf(other)}`);
      option.value = String(index);
      return option;
    }));
    this.#trace.replaceChildren();
    this.#word.textContent = '';
    const ways = {run: () => this.#once(), prefixes: () => this.#prefixes(),
      times: () => this.#times()};
    for (const [id, way] of Object.entries(ways)) {
      const button = byId(id, HTMLButtonElement);
      button.disabled = !this.#roles.length;
      button.addEventListener('click', () => void this.#work(way), {signal});
    }
    if (!this.#roles.length) {
      this.#word.textContent = 'Nobody sent a description here.';
    }
    this.#stop.addEventListener('click', () => this.#cancel.abort(), {signal});
    signal.addEventListener('abort', () => this.#cancel.abort());
  }

  #script() {
    const [self, other] = this.#roles[Number(this.#role.value)];
    return scriptOf(this.#tape.messages, this.#tape.story, self, other);
  }

  /** @param {() => Promise<string>} way gives the last word */
  async #work(way) {
    this.#cancel.abort();
    const cancel = this.#cancel = new AbortController();
    this.#stop.hidden = false;
    this.#stop.textContent = 'Stop';
    this.#word.textContent = 'Running …';
    const words = await way();
    if (this.#cancel !== cancel) return;
    this.#stop.hidden = true;
    this.#word.textContent = words;
  }

  async #once() {
    const done = await run(this.#script());
    this.#show(done);
    const print = await printOf(done.trace);
    return `${plain(verdict(done))}${print ? ` Trace ${print}.` : ''}`;
  }

  async #times() {
    const {signal} = this.#cancel;
    const script = this.#script();
    const traces = new Set();
    let done = await run(script);
    let count = 1;
    for (;;) {
      traces.add(JSON.stringify(done.trace));
      if (count === TIMES || signal.aborted) break;
      done = await run(script);
      count++;
    }
    this.#show(done);
    return `Run ${counted(count, 'time')}: ${traces.size === 1
      ? 'the same trace each time.' : `${traces.size} different traces.`} ${
      plain(verdict(done))} ${await printOf(done.trace)}`;
  }

  /** The call as if it had ended after each of its messages. */
  async #prefixes() {
    const {signal} = this.#cancel;
    const script = this.#script();
    const whole = await run(script);
    this.#show(whole);
    const cells = this.#trace.querySelectorAll('td.prefix');
    let others = 0;
    let count = 0;
    for (; count < whole.trace.length && !signal.aborted; count++) {
      const part = await run(script.slice(0, count + 1));
      const same = JSON.stringify(part.trace) ===
        JSON.stringify(whole.trace.slice(0, count + 1));
      if (!same) others++;
      if (cells[count]) {
        cells[count].textContent = part.stop >= 0 ? 'stops'
          : part.trace.at(-1)?.signaling ?? '';
      }
      // Not where it would be read aloud each time.
      this.#stop.textContent = `Stop (${count + 1} of ${whole.trace.length})`;
    }
    return `${counted(count, 'beginning')} run: ${others
      ? `${others} went another way than the whole call.`
      : 'each went as far as the whole call does.'} ${plain(verdict(whole))}`;
  }

  /** @param {Run} done */
  #show({trace, stop}) {
    const table = make('table');
    const head = make('tr');
    for (const name of ['Message', 'Call', 'Result', 'State after it',
      'If it ended here']) {
      const cell = make('th', '', name);
      cell.scope = 'col';
      head.append(cell);
    }
    table.append(head);
    trace.slice(0, LINES_MAX).forEach(({seq, call, result, words, signaling},
      index) => {
      const row = make('tr', index === stop ? 'stop'
        : result === 'ok' ? '' : result === 'ignored' ? 'soft' : 'refused');
      const button = make('button', 'plain', String(seq));
      button.type = 'button';
      button.setAttribute('aria-label', `Message ${seq}`);
      button.addEventListener('click', () => this.#go(seq));
      const first = make('td');
      first.append(button);
      row.append(first, make('td', '', plain(call)),
        make('td', '', plain(words ? `${result}: ${words}` : result)),
        make('td', '', signaling), make('td', 'prefix'));
      table.append(row);
    });
    this.#trace.replaceChildren(table);
    if (trace.length > LINES_MAX) {
      this.#trace.append(make('p', 'soft',
        `and ${counted(trace.length - LINES_MAX, 'more line')}`));
    }
  }
}
