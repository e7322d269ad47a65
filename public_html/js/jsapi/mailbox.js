/**
 * How far this tab has the mail of a client, and how far the page has heard it.
 * The latter is written down before each message is handed out: a page that
 * reloads gets what follows, and nothing twice. Other tokens of the same client
 * lead to the same mail.
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
    /** Up to where the page has heard it; '' at the beginning. */
    this.told = CURSOR.test(kept) ? kept : '';
    /** Where to go on. */
    this.cursor = this.told;
  }

  /**
   * A message is here.
   * @param {string} cursor of the reply that it came with
   * @param {number} seq its own
   * @returns {string} the place behind it
   */
  has(cursor, seq) {
    // The server takes it for heard from the next poll on.
    if (!this.told) this.tells(placeOf(cursor, seq - 1));
    return this.moves(placeOf(cursor, seq));
  }

  /** @param {string} cursor all before it is here */
  moves(cursor) {
    this.cursor = cursor;
    return cursor;
  }

  /** @param {string} cursor all before it is handed out, or about to be */
  tells(cursor) {
    if (cursor === this.told) return;
    this.told = cursor;
    save(this.name, cursor);
  }

  /** Another page of this tab may have gone on since; and what is here and was
   * not handed out comes again. */
  reload() {
    const kept = load(this.name);
    if (CURSOR.test(kept)) this.cursor = this.told = kept;
  }
}

/** @param {string} cursor @param {number} seq */
function placeOf(cursor, seq) {
  return cursor.replace(CURSOR, `$1.${seq}`);
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
