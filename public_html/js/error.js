/**
 * What went wrong, in one class: `code` for programs, `message` for people,
 * `retryable` says whether the same request may succeed later.
 * Codes of the server are its own (`not-a-member`, `mailbox-full`, ...);
 * ours are `network`, `timeout`, `http-NNN`, `no-api`, `no-stream`,
 * `bad-stream`, `left`, `ended`, `too-large`, `bad-message` and `superseded`.
 */

/**
 * @typedef {object} Trouble
 * @property {boolean} [retryable]
 * @property {number} [status] the HTTP status, when there was a reply
 * @property {number} [wait] milliseconds the server asks to wait
 * @property {number} [expected] the `n` the server would take next
 * @property {string} [help] address of a page that tells what is wrong
 * @property {unknown} [cause]
 */

export class LetterboxError extends Error {
  /**
   * @param {string} code
   * @param {string} message a sentence, with the cure where there is one
   * @param {Trouble} [trouble]
   */
  constructor(code, message, trouble = {}) {
    super(message, {cause: trouble.cause});
    this.name = 'LetterboxError';
    this.code = code;
    this.retryable = trouble.retryable ?? false;
    this.status = trouble.status ?? 0;
    this.wait = trouble.wait ?? 0;
    this.expected = trouble.expected;
    this.help = trouble.help ?? '';
  }
}

/**
 * A reply that was cut to nothing, or a page of a network that wants to be
 * greeted first: once Letterbox has answered, this passes.
 * @param {any} error
 */
export function isStrange(error) {
  return /^http-2/.test(error?.code);
}

/**
 * The error of a reply that is not 2xx. Proxies and web servers answer with
 * pages of their own; these have no code, so the status decides.
 * @param {Response} reply
 * @param {any} problem the parsed problem document, or null
 */
export function errorOf(reply, problem) {
  const {status} = reply;
  const seconds = Number(reply.headers.get('Retry-After')) || 0;
  const wait = problem?.retry_after ?? seconds * 1000;
  if (typeof problem?.code === 'string') {
    return new LetterboxError(problem.code, problem.detail ?? problem.title, {
      status, wait, retryable: problem.retryable === true,
      expected: problem.expected,
    });
  }
  const retryable = status >= 500 || status === 408 || status === 429;
  const text = status === 404
    ? 'There is no Letterbox at this address. Check where it is mounted.'
    : `The web server answered ${status}.`;
  return new LetterboxError(`http-${status}`, text, {status, wait, retryable});
}
