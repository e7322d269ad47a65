/**
 * The state of every peer and of every two of them at the moment, as the log
 * has it.
 */

import {counted, plain} from '../replay/plain.js';
import {mediaWords, sdpOf} from '../replay/sdp.js';
import {byId, make} from './dom.js';
import {wordsOfLeft} from './words.js';

/** @typedef {import('./replay-tape.js').Tape} Tape */
/** @typedef {import('../replay/pair.js').Pair} Pair */
/** @typedef {import('../replay/pair.js').Side} Side */
/** @typedef {import('../replay/story.js').Person} Person */
/** @typedef {import('../replay/story.js').State} State */

/** Those that are shown; a mesh of more is nothing to look at. */
const PAIRS_MAX = 10;
const PEOPLE_MAX = 60;

/** What a signaling state means for somebody who waits. */
const STATES = {
  'stable': 'agreed',
  'have-local-offer': 'waits for an answer',
  'have-remote-offer': 'has an offer to answer',
  'have-local-pranswer': 'has answered for now',
  'have-remote-pranswer': 'has an answer for now',
  'closed': 'hung up',
};

const KINDS = {host: 'host', mdns: 'mDNS', srflx: 'STUN', prflx: 'peer',
  relay: 'TURN', other: 'other'};

export class Now {
  #body = byId('now-body', HTMLElement);
  #tape;
  #go;

  /** @param {Tape} tape @param {(seq: number) => void} go */
  constructor(tape, go) {
    this.#tape = tape;
    this.#go = go;
  }

  /** @param {number} count of messages by then */
  show(count) {
    const state = this.#tape.story.at(count);
    const last = this.#tape.messages[count - 1];
    const pairs = [...state.pairs.values()].sort((a, b) =>
      Number(involves(b, last)) - Number(involves(a, last)));
    const whole = Math.max(1, pairs.filter((pair) => involves(pair, last)).length);
    this.#body.replaceChildren(this.#people(state),
      ...pairs.slice(0, PAIRS_MAX).map((pair, index) => index < whole
        ? this.#pair(pair) : this.#brief(pair)));
    if (pairs.length > PAIRS_MAX) {
      this.#body.append(make('p', 'soft',
        `and ${counted(pairs.length - PAIRS_MAX, 'more pair')}`));
    }
  }

  /** @param {State} state */
  #people({people, over, rules}) {
    const list = make('ul', 'people');
    for (const person of [...people.values()].slice(0, PEOPLE_MAX)) {
      const item = make('li', `person ${person.state}`);
      const name = make('strong', '', this.#tape.nameOf(person.id));
      name.title = plain(person.id);
      item.append(name, ' ', make('span', 'soft', wordsOf(person)));
      list.append(item);
    }
    if (!people.size) list.append(make('li', 'soft', 'Nobody is there yet.'));
    if (over) list.append(make('li', 'soft', 'The room was ended.'));
    else if (rules?.lock === true) {
      list.append(make('li', 'soft', 'The room is locked.'));
    }
    return list;
  }

  /** @param {Pair} pair */
  #pair(pair) {
    const box = make('section', 'pair');
    const ids = this.#inOrder(pair);
    const [a, b] = ids.map((id) => this.#tape.nameOf(id));
    box.append(make('h3', '', `${a} and ${b}`));
    const sides = make('div', 'sides');
    for (const id of ids) sides.append(this.#side(id, pair.sides[id]));
    box.append(sides);
    const agreed = pair.ids.map((id) => pair.sides[id])
      .find(({local, signaling}) => local && signaling !== 'closed');
    if (agreed) box.append(this.#agreed(agreed));
    if (pair.glares) {
      box.append(make('p', 'soft', `Offers met ${
        pair.glares === 1 ? 'once' : `${pair.glares} times`}.`));
    }
    return box;
  }

  /** As their lanes stand. @param {Pair} pair */
  #inOrder({ids}) {
    const [a, b] = ids;
    return this.#tape.laneOf(a) <= this.#tape.laneOf(b) ? [a, b] : [b, a];
  }

  /** Those that the newest message does not touch. @param {Pair} pair */
  #brief(pair) {
    const line = make('p', 'brief');
    const ids = this.#inOrder(pair);
    const [a, b] = ids.map((id) => this.#tape.nameOf(id));
    line.append(make('strong', '', `${a} and ${b}`));
    const states = ids.map((id) => pair.sides[id].signaling);
    for (const state of states[0] === states[1] ? [states[0]] : states) {
      line.append(' ', make('span', `state ${state}`, state));
    }
    return line;
  }

  /** @param {string} id @param {Side} side */
  #side(id, side) {
    const box = make('div', 'side');
    const state = make('p', `state ${side.signaling}`, side.signaling);
    box.append(make('p', 'who', this.#tape.nameOf(id)), state,
      make('p', 'soft', STATES[side.signaling]));
    const found = Object.entries(side.candidates).map(([kind, count]) =>
      `${count} ${KINDS[/** @type {keyof typeof KINDS} */ (kind)]}`);
    if (found.length || side.ended) {
      box.append(make('p', 'ways', `${found.length
        ? `Candidates: ${found.join(', ')}` : 'No candidates'}${
        side.ended ? ', no more' : ' …'}`));
    }
    if (side.offered) {
      box.append(this.#link('Its offer: ', side.offered));
    } else if (side.asked) box.append(this.#link('To answer: ', side.asked));
    return box;
  }

  /** What both agreed on last. @param {Side} side */
  #agreed(side) {
    const box = make('div', 'agreed');
    const newest = Math.max(side.local, side.theirs);
    const line = this.#link('Current: ',
      Math.min(side.local, side.theirs) || newest);
    if (side.local && side.theirs) line.append(' and ', this.#button(newest));
    box.append(line);
    const index = this.#tape.indexOf(newest);
    const {media} = sdpOf(this.#tape.messages[index]?.body?.sdp);
    const list = make('ul', 'media');
    for (const one of media.slice(0, 12)) {
      list.append(make('li', one.rejected ? 'soft' : '',
        plain(mediaWords(one))));
    }
    box.append(list);
    return box;
  }

  /** @param {string} words @param {number} seq */
  #link(words, seq) {
    const line = make('p', 'ways', words);
    line.append(this.#button(seq));
    return line;
  }

  /** @param {number} seq */
  #button(seq) {
    const button = make('button', 'plain', `message ${seq}`);
    button.type = 'button';
    button.addEventListener('click', () => this.#go(seq));
    return button;
  }
}

/** @param {Pair} pair
 * @param {import('../replay/recording.js').Entry | undefined} message */
function involves(pair, message) {
  return message !== undefined && pair.ids.includes(message.from) &&
    (message.to === undefined || pair.ids.includes(message.to));
}

/** @param {Person} person */
function wordsOf({state, reason}) {
  switch (state) {
    case 'present': return 'is there';
    case 'knocking': return 'asks to come in';
    case 'left': return wordsOfLeft(reason);
    case 'unknown': return 'is not there yet';
  }
}
