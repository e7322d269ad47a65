/**
 * A recording that is open, with what is known of it: the story, the names of
 * its peers, and words for its messages.
 */

import {kindOf, labelOf} from '../replay/marks.js';
import {counted, duration, plain, short} from '../replay/plain.js';
import {REMARKS, Story} from '../replay/story.js';

/** @typedef {import('../replay/recording.js').Recording} Recording */
/** @typedef {import('../replay/recording.js').Entry} Entry */

export class Tape {
  #names = new Map();
  #indices = new Map();
  /** @type {Map<string, number>} */
  #lanes;

  /** @param {Recording} recording */
  constructor(recording) {
    this.recording = recording;
    this.messages = recording.messages;
    this.story = new Story(this.messages);
    this.#lanes = new Map(this.story.ids.map((id, lane) => [id, lane]));
    this.messages.forEach((message, index) => {
      const {type, from, body, seq} = message;
      this.#indices.set(seq, index);
      if (type === 'joined' && typeof body?.name === 'string' && body.name) {
        this.#names.set(from, body.name);
      }
    });
    // Two of one name are told apart by what stands in the log.
    const seen = new Map();
    for (const id of this.story.ids) {
      const name = this.#names.get(id) ?? id;
      this.#names.set(id, seen.has(name) ? `${name} (${id})` : name);
      seen.set(name, id);
    }
    this.nameOf = (/** @type {string} */ id) =>
      short(this.#names.get(id) ?? id, 40);
  }

  /** Who was there. */
  get title() {
    const names = this.story.ids.map(this.nameOf);
    const shown = names.length > 4
      ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
    return shown.length ? new Intl.ListFormat('en').format(shown) : 'Nobody';
  }

  /** In a line: how many, how long, when. */
  get facts() {
    const {messages, recording} = this;
    const [first] = messages;
    const times = messages.map(({at}) => at);
    const span = times.reduce((most, at) => Math.max(most, at), 0) - times[0];
    return [`room ${plain(recording.header.room)}`,
      counted(messages.length, 'message'),
      ...first ? [duration(span), when(first.at)] : [],
      ...recording.header.redacted ? ['redacted'] : []].join(' · ');
  }

  /** @param {number} seq @returns {number} -1 when it is not there */
  indexOf(seq) {
    return this.#indices.get(seq) ?? -1;
  }

  /** @param {string} id */
  laneOf(id) {
    return this.#lanes.get(id) ?? -1;
  }

  /** ms since the first. @param {number} index */
  since(index) {
    return this.messages[index].at - this.messages[0].at;
  }

  /** Who, to whom. @param {Entry} message */
  way({from, to, type}) {
    const alone = type === 'joined' || type === 'left';
    return this.nameOf(from) + (to !== undefined ? ` → ${this.nameOf(to)}`
      : alone ? '' : ' → everybody');
  }

  /** A message in a sentence. @param {number} index */
  sentence(index) {
    const message = this.messages[index];
    const remark = this.remark(index);
    return `${this.way(message).replace('→', 'to')}: ${labelOf(message)}, ` +
      `at ${duration(this.since(index))}.${remark ? ` ${remark}` : ''}`;
  }

  /** What is odd about it, or ''. @param {number} index */
  remark(index) {
    const key = /** @type {keyof typeof REMARKS} */ (
      this.story.remarks.get(index) ?? '');
    return REMARKS[key] ?? '';
  }

  /** @param {number} index */
  kind(index) {
    return kindOf(this.messages[index]);
  }

  /**
   * The description of the same peer to the same one before this.
   * @param {number} index of a description
   * @returns {number} -1: it is the first
   */
  before(index) {
    const {from, to} = this.messages[index];
    for (let i = index - 1; i >= 0; i--) {
      const other = this.messages[i];
      if (other.type === 'description' && other.from === from &&
        other.to === to) return i;
    }
    return -1;
  }
}

/** @param {number} at ms of Unix time */
function when(at) {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? '' : date.toLocaleString(undefined,
    {dateStyle: 'medium', timeStyle: 'medium'});
}
