/**
 * One message as it was: who, when, what is odd about it, and its body laid
 * out. A description is compared with the one before it.
 */

import {lineDifference} from '../replay/difference.js';
import {labelOf} from '../replay/marks.js';
import {counted, duration, lined, plain} from '../replay/plain.js';
import {candidateOf, codecNames, sdpOf} from '../replay/sdp.js';
import {byId, make} from './dom.js';

/** @typedef {import('./replay-tape.js').Tape} Tape */

/** Lines of a body that are shown; the rest is in the file. */
const LINES_MAX = 1500;
const LETTERS_MAX = 100_000;

export class Letter {
  #title = byId('message-title', HTMLElement);
  #body = byId('message-body', HTMLElement);
  #tape;
  #go;
  /** Somebody wants to see bodies as they were posted. */
  #open = false;

  /** @param {Tape} tape @param {(seq: number) => void} go */
  constructor(tape, go) {
    this.#tape = tape;
    this.#go = go;
  }

  /** @param {number} index -1: before the first */
  show(index) {
    const tape = this.#tape;
    if (index < 0) {
      this.#title.textContent = 'No message yet';
      this.#body.replaceChildren(make('p', 'soft',
        'Play, or choose a message in the list or in the picture.'));
      return;
    }
    const message = tape.messages[index];
    this.#title.textContent = `Message ${message.seq}: ${labelOf(message)}`;
    const remark = tape.remark(index);
    this.#body.replaceChildren(this.#facts(index),
      ...remark ? [make('p', 'remark', remark)] : [], ...this.#what(index));
  }

  /** @param {number} index */
  #facts(index) {
    const tape = this.#tape;
    const {type, at, body} = tape.messages[index];
    const list = make('dl', 'terms');
    const put = (/** @type {string} */ name, /** @type {string} */ words) => {
      const row = make('div');
      const value = make('dd', '', words);
      row.append(make('dt', '', name), value);
      list.append(row);
      return value;
    };
    put('Who', tape.way(tape.messages[index]));
    const gap = index ? at - tape.messages[index - 1].at : 0;
    put('When', `${duration(tape.since(index))}${!index ? ', the first'
      : gap < 0 ? ` (the clock went back by ${duration(-gap)})`
        : `, ${duration(gap)} after the one before`}`);
    const bytes = new TextEncoder().encode(tape.recording.bodyText(index));
    put('What', `${plain(type)}, ${counted(bytes.length, 'byte')}`);
    const [own, other] = ['session', 'for'].map((name) =>
      typeof body?.[name] === 'string' ? plain(body[name]) : '');
    if (own || other) put('Session', own + (other ? ` for ${other}` : ''));
    if (Number.isSafeInteger(body?.re)) {
      const button = make('button', 'plain', `message ${body.re}`);
      button.type = 'button';
      button.addEventListener('click', () => this.#go(body.re));
      put('Answers', '').append(button);
    }
    return list;
  }

  /** @param {number} index @returns {HTMLElement[]} */
  #what(index) {
    const {type, body} = this.#tape.messages[index];
    const raw = bodyOf(this.#tape.recording.bodyText(index));
    raw.open = this.#open;
    raw.firstElementChild?.addEventListener('click', () => {
      this.#open = !raw.open;
    });
    if (type === 'description' && typeof body?.sdp === 'string') {
      return [mediaTable(body.sdp), this.#sdp(index), raw];
    }
    if (type === 'candidate') return [candidateTable(body), raw];
    raw.open = true;
    return [raw];
  }

  /** @param {number} index */
  #sdp(index) {
    const tape = this.#tape;
    const {sdp} = tape.messages[index].body;
    const before = tape.before(index);
    const box = make('section', 'sdp');
    box.append(make('h3', '', 'Session description'));
    const old = tape.messages[before]?.body?.sdp;
    const lines = typeof old === 'string' ? lineDifference(old, sdp)
      : sdp.replace(/\r?\n$/, '').split(/\r?\n/).map(
        (/** @type {string} */ text) => ({sign: '=', text}));
    const changed = lines.filter((/** @type {any} */ {sign}) => sign !== '=');
    box.append(make('p', 'soft', before < 0
      ? 'The first of this peer to this one.'
      : !changed.length ? `The same as message ${tape.messages[before].seq}.`
        : `${counted(changed.length, 'line')} differ from message ${
          tape.messages[before].seq}, marked + and −.`));
    const code = make('div', 'code');
    code.tabIndex = 0;
    code.setAttribute('role', 'group');
    code.setAttribute('aria-label', 'Session description, line by line');
    for (const {sign, text} of lines.slice(0, LINES_MAX)) {
      const tag = sign === '+' ? 'ins' : sign === '-' ? 'del' : 'span';
      const line = make(tag, /^m=/.test(text) ? 'line section' : 'line',
        plain(text.slice(0, 2000)));
      code.append(line);
    }
    if (lines.length > LINES_MAX) {
      code.append(make('span', 'soft',
        `… and ${counted(lines.length - LINES_MAX, 'more line')}`));
    }
    box.append(code);
    return box;
  }
}

/** @param {string} text @returns the body byte for byte, but for what hides */
function bodyOf(text) {
  const details = make('details', 'raw');
  details.append(make('summary', '', 'The body as it was posted'));
  const code = make('div', 'code');
  code.tabIndex = 0;
  code.setAttribute('role', 'group');
  code.setAttribute('aria-label', 'Body');
  for (const line of lined(text.slice(0, LETTERS_MAX))) {
    code.append(make('span', 'line', line));
  }
  if (text.length > LETTERS_MAX) {
    code.append(make('span', 'soft',
      `… and ${counted(text.length - LETTERS_MAX, 'more character')}`));
  }
  details.append(code);
  return details;
}

/** @param {string[]} head @param {string[][]} rows */
function table(head, rows) {
  const box = make('div', 'wide');
  box.tabIndex = 0;
  box.setAttribute('role', 'group');
  box.setAttribute('aria-label', 'Table');
  const element = make('table');
  const top = make('tr');
  for (const name of head) {
    const cell = make('th', '', name);
    cell.scope = 'col';
    top.append(cell);
  }
  element.append(top);
  for (const row of rows) {
    const line = make('tr');
    for (const cell of row) line.append(make('td', '', plain(cell) || '–'));
    element.append(line);
  }
  box.append(element);
  return box;
}

/** @param {string} sdp */
function mediaTable(sdp) {
  return table(['mid', 'kind', 'direction', 'codecs', 'DTLS'],
    sdpOf(sdp).media.slice(0, 32).map((media) => [media.mid, media.rejected
      ? `${media.kind}, refused` : media.kind, media.direction,
    codecNames(media).join(', '), media.setup]));
}

/** @param {any} body */
function candidateTable(body) {
  const found = candidateOf(body?.candidate);
  if (!found) {
    return make('p', '', body?.candidate ? 'This is no candidate line.'
      : 'There are no more candidates of this generation.');
  }
  const {kind, protocol, address, port, priority, tcp, related} = found;
  /** @type {[string, string][]} */
  const rows = [['Kind', {mdns: 'host, its address hidden (mDNS)',
    host: 'host, an address of the machine itself',
    srflx: 'server reflexive, as seen by a STUN server',
    prflx: 'peer reflexive, as seen by the other side',
    relay: 'relay, by a TURN server', other: 'unknown'}[kind]],
  ['Address', `${address} port ${port}`],
  ['Protocol', `${protocol}${tcp ? ` ${tcp}` : ''}`],
  ['Stands for', related], ['Priority', String(priority)],
  ['For m-line', String(body?.sdpMid ?? body?.sdpMLineIndex ?? '')],
  ['Generation', String(body?.usernameFragment ?? found.ufrag)]];
  const list = make('dl', 'terms');
  for (const [name, words] of rows) {
    if (!words) continue;
    const row = make('div');
    row.append(make('dt', '', name), make('dd', '', plain(words)));
    list.append(row);
  }
  return list;
}
