/**
 * Server-sent events (WHATWG HTML, section 9.2), read from a response's body:
 * EventSource cannot send the header that carries our token.
 */

/**
 * @typedef {object} ServerEvent
 * @property {string} event its type; `message` unless the server names one
 * @property {string} data
 * @property {string} id the last one the stream has told, '' if none yet
 */

export class EventParser {
  /** The line that is not whole yet. */
  #line = '';
  /** The last character was CR: an LF right after it belongs to it. */
  #wasCr = false;
  #first = true;
  #event = '';
  #data = '';
  #idNow = '';
  #id = '';
  /** @type {ServerEvent[]} */
  #whole = [];

  /**
   * @param {string} text the next piece of the stream, cut anywhere
   * @returns {ServerEvent[]} the events that are whole by it
   */
  push(text) {
    if (this.#first && text) {
      this.#first = false;
      if (text.startsWith('\uFEFF')) text = text.slice(1);
    }
    if (this.#wasCr && text.startsWith('\n')) text = text.slice(1);
    else if (!text) return [];
    this.#wasCr = text.endsWith('\r');
    const lines = (this.#line + text).split(/\r\n|\n|\r/);
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#take(line);
    return this.#whole.splice(0);
  }

  /** @param {string} line */
  #take(line) {
    if (line === '') return this.#end();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this.#data += value + '\n';
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#idNow = value;
    // Comments, `retry` and what nobody knows yet are passed over.
  }

  #end() {
    this.#id = this.#idNow;
    if (this.#data) {
      this.#whole.push({event: this.#event || 'message',
        data: this.#data.slice(0, -1), id: this.#id});
    }
    this.#event = this.#data = '';
  }
}

/**
 * Yields whenever bytes have come: the events that are whole by now, perhaps
 * none. What is not whole at the end is dropped.
 * @param {ReadableStream<Uint8Array>} body cancelled when nobody reads on
 * @returns {AsyncGenerator<ServerEvent[], void, void>}
 */
export async function* events(body) {
  const reader = body.getReader();
  // The parser knows the mark of byte order; of two the second is text.
  const decoder = new TextDecoder('utf-8', {ignoreBOM: true});
  const parser = new EventParser();
  try {
    for (;;) {
      const {value, done} = await reader.read();
      if (done) return;
      yield parser.push(decoder.decode(value, {stream: true}));
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
