/**
 * A recording: an exported room as schema/export.json describes it, one JSON
 * object a line. Reads it strictly, for what a picture is made of must not be
 * half of something; an error says which line is wrong, and how. Keeps each
 * line as it came, so that what is written again is the same bytes.
 */

/**
 * @typedef {object} Header
 * @property {1} letterbox version of the format
 * @property {string} epoch
 * @property {string} namespace
 * @property {string} room
 * @property {boolean} redacted
 */

/**
 * @typedef {object} Entry a message of a recording
 * @property {number} seq rises
 * @property {number} at ms of Unix time; a clock that was set goes back
 * @property {string} from
 * @property {string} [to] absent: everybody
 * @property {string} type
 * @property {any} body
 */

/** Characters of a line; the server takes bodies of 1 MiB at the most. */
export const LINE_MAX = 2 * 1024 * 1024;
/** Messages; a room keeps 4,096, a kept one more. */
const MESSAGES_MAX = 1_000_000;

const NEWLINE = 10;

export class RecordingError extends Error {
  /**
   * @param {number} line the first is 1; 0: the file as a whole
   * @param {string} words
   */
  constructor(line, words) {
    super(line ? `Line ${line}: ${words}` : words);
    this.name = 'RecordingError';
    this.line = line;
  }
}

export class Recording {
  /**
   * @param {Header} header
   * @param {string} first its line, without the newline
   */
  constructor(header, first) {
    this.header = header;
    /** Lines as they came, the header's first. */
    this.lines = [first];
    /** @type {Entry[]} */
    this.messages = [];
  }

  /** The same bytes again, as text. */
  write() {
    return this.lines.map((line) => `${line}\n`).join('');
  }

  /**
   * A body byte for byte. It is the last member of its line; who wrote the
   * line in another way gets it as JSON says it.
   * @param {number} index of the message
   */
  bodyText(index) {
    const line = this.lines[index + 1];
    const begin = line.indexOf(',"body":') + 8;
    const text = line.slice(begin, line.lastIndexOf('}'));
    try {
      JSON.parse(text);
      if (begin > 8) return text;
    } catch {
      // Below.
    }
    return JSON.stringify(this.messages[index].body);
  }
}

/** Takes bytes as they come; `end` gives the recording. */
export class Reader {
  /** @type {Recording | null} */
  #recording = null;
  /** @type {Uint8Array[]} of the line that is not whole yet */
  #parts = [];
  #pending = 0;
  #line = 1;
  #decoder = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

  /** @param {Uint8Array} bytes */
  push(bytes) {
    let begin = 0;
    for (let end; (end = bytes.indexOf(NEWLINE, begin)) >= 0; begin = end + 1) {
      this.#keep(bytes.subarray(begin, end));
      this.#take();
    }
    this.#keep(bytes.subarray(begin));
  }

  /** @returns {Recording} */
  end() {
    if (this.#pending) {
      throw this.#error('it is cut off: a line ends with a newline, and ' +
        'this one does not.');
    }
    if (!this.#recording) throw new RecordingError(0, 'The file is empty.');
    return this.#recording;
  }

  /** @param {Uint8Array} part */
  #keep(part) {
    this.#pending += part.length;
    // Bytes, of which a character may take three.
    if (this.#pending > LINE_MAX) {
      throw this.#error(`it is longer than ${LINE_MAX} bytes.`);
    }
    if (part.length) this.#parts.push(part);
  }

  #take() {
    const text = this.#decode();
    if (!this.#recording) {
      this.#recording = new Recording(headerOf(parse(text, 1)), text);
    } else {
      const {messages, lines} = this.#recording;
      const value = parse(text, this.#line);
      const wrong = faultOf(value, messages.at(-1)?.seq ?? 0);
      if (wrong) throw this.#error(wrong);
      if (messages.length === MESSAGES_MAX) {
        throw this.#error(`it holds more than ${MESSAGES_MAX} messages.`);
      }
      messages.push(value);
      lines.push(text);
    }
    this.#line++;
  }

  #decode() {
    const all = new Uint8Array(this.#pending);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#pending = 0;
    try {
      return this.#decoder.decode(all);
    } catch {
      throw this.#error('it is not UTF-8.');
    }
  }

  /** @param {string} words */
  #error(words) {
    return new RecordingError(this.#line, words);
  }
}

/**
 * @param {Blob} blob of any size: what is wrong ends the reading
 * @returns {Promise<Recording>}
 */
export async function readBlob(blob) {
  const reader = new Reader();
  const stream = blob.stream().getReader();
  try {
    for (;;) {
      const {done, value} = await stream.read();
      if (done) return reader.end();
      reader.push(value);
    }
  } finally {
    await stream.cancel();
  }
}

/** @param {string} text @returns {Recording} */
export function readText(text) {
  const reader = new Reader();
  reader.push(new TextEncoder().encode(text));
  return reader.end();
}

/**
 * @param {string} text
 * @param {number} line
 * @returns {any}
 */
function parse(text, line) {
  if (!text.trim()) throw new RecordingError(line, 'it is empty.');
  try {
    return JSON.parse(text);
  } catch {
    throw new RecordingError(line, line === 1
      ? 'this is no export of a room: it does not begin with a line of JSON.'
      : 'it is not JSON.');
  }
}

/** @param {any} value */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param {any} value @param {number} most characters, not code units */
function isText(value, most) {
  return typeof value === 'string' && value !== '' &&
    (value.length <= most || [...value].length <= most);
}

/** @type {Record<string, (value: any) => boolean>} */
const HEADER = {
  epoch: (value) => isText(value, 64),
  namespace: (value) => isText(value, 256),
  room: (value) => isText(value, 256),
  redacted: (value) => typeof value === 'boolean',
};

/** @type {Record<string, (value: any) => boolean>} */
const MESSAGE = {
  seq: (value) => Number.isSafeInteger(value) && value > 0,
  at: Number.isSafeInteger,
  from: (value) => isText(value, 256),
  to: (value) => value === undefined || isText(value, 256),
  type: (value) => isText(value, 64),
};

/**
 * @param {any} value
 * @returns {Header}
 */
function headerOf(value) {
  if (!isObject(value) || !('letterbox' in value)) {
    throw new RecordingError(1, 'this is no export of a room: its first ' +
      'line would say so, by a member `letterbox`.');
  }
  if (value.letterbox !== 1) {
    throw new RecordingError(1, `it is of version ${
      JSON.stringify(value.letterbox)} of the format, and this page knows 1.`);
  }
  const wrong = memberOf(value, HEADER, ['letterbox']);
  if (wrong) throw new RecordingError(1, wrong);
  return value;
}

/**
 * @param {any} value
 * @param {Record<string, (value: any) => boolean>} table
 * @param {string[]} also members that are looked at elsewhere
 * @returns {string} '' when all is well
 */
function memberOf(value, table, also) {
  for (const [name, fits] of Object.entries(table)) {
    if (!fits(value[name])) {
      return value[name] === undefined ? `it lacks \`${name}\`.`
        : `\`${name}\` is not what it should be.`;
    }
  }
  const odd = Object.keys(value)
    .find((name) => !(name in table) && !also.includes(name));
  return odd === undefined ? '' : `nothing is called \`${odd}\` in a line.`;
}

/**
 * @param {any} value
 * @param {number} before seq of the line before
 * @returns {string} '' when it is a message that may follow
 */
function faultOf(value, before) {
  if (!isObject(value)) return 'it is not a message.';
  if ('letterbox' in value) return 'a second recording begins here.';
  const wrong = memberOf(value, MESSAGE, ['body']);
  if (wrong) return wrong;
  if (!('body' in value)) return 'it lacks `body`.';
  if (value.seq === before) return `message ${before} stands there twice.`;
  if (value.seq < before) {
    return `message ${value.seq} stands behind message ${before}: lines are ` +
      'doubled or not in their order.';
  }
  return '';
}
