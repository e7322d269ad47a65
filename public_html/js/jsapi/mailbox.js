/**
 * How far this tab has heard the mail of a client. It is written down before
 * each message is handed out: a page that reloads gets what follows, and
 * nothing twice. Other tokens of the same client lead to the same mail.
 */

const CURSOR = /^([a-z0-9]+)\.(\d+)$/;

/** For pages that may not keep anything. @type {Map<string, string>} */
const memory = new Map();

export class Mailbox {
  /**
   * @param {string} base address of the server
   * @param {string} token
   */
  constructor(base, token) {
    this.name = `letterbox channel ${base} ${clientOf(token)}`;
    const kept = load(this.name);
    /** Where to go on; '' at the beginning. */
    this.cursor = CURSOR.test(kept) ? kept : '';
  }

  /**
   * A message is about to be handed out.
   * @param {string} cursor of the reply that it came with
   * @param {number} seq its own
   */
  hears(cursor, seq) {
    this.moves(cursor.replace(CURSOR, `$1.${seq}`));
  }

  /** @param {string} cursor all before it was handed out */
  moves(cursor) {
    if (cursor === this.cursor) return;
    this.cursor = cursor;
    save(this.name, cursor);
  }

  /** Another page of this tab may have gone on since. */
  reload() {
    const kept = load(this.name);
    if (CURSOR.test(kept)) this.cursor = kept;
  }
}

/**
 * Whom a token is for. What cannot be read is a client of its own: the server
 * will say what is wrong with it.
 * @param {string} token
 */
function clientOf(token) {
  try {
    const [payload] = token.split('.');
    const claims = JSON.parse(atob(payload.replace(/-/g, '+')
      .replace(/_/g, '/')));
    if (claims.ns && claims.room) {
      return JSON.stringify([claims.ns, claims.room, claims.peer]);
    }
  } catch (error) {
    // It is not ours.
  }
  return token;
}

/** @param {string} name */
function load(name) {
  try {
    return sessionStorage.getItem(name) || memory.get(name) || '';
  } catch (error) {
    return memory.get(name) || '';
  }
}

/** @param {string} name @param {string} cursor */
function save(name, cursor) {
  try {
    sessionStorage.setItem(name, cursor);
  } catch (error) {
    memory.set(name, cursor);
  }
}
