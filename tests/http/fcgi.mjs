// A FastCGI client (FastCGI 1.0 specification, sections 3 to 5), small enough
// to send wrong things on purpose.

import { connect } from 'node:net';
import { once } from 'node:events';

export const TYPE = {
  BEGIN: 1, ABORT: 2, END: 3, PARAMS: 4, STDIN: 5, STDOUT: 6, STDERR: 7,
  DATA: 8, GET_VALUES: 9, GET_VALUES_RESULT: 10, UNKNOWN: 11,
};

/**
 * One record.
 * @param {number} type
 * @param {Buffer | string} content
 * @param {{id?: number, version?: number, padding?: number}} [how]
 */
export function record(type, content, { id = 1, version = 1, padding = 0 } = {}) {
  const data = Buffer.from(content);
  const head = Buffer.from([version, type, id >> 8, id & 255,
    data.length >> 8, data.length & 255, padding, 0]);
  return Buffer.concat([head, data, Buffer.alloc(padding)]);
}

/** @param {number} length of a name or value */
const size = (length) => length < 128 ? Buffer.from([length])
  : Buffer.from([length >>> 24 | 128, length >> 16 & 255, length >> 8 & 255,
    length & 255]);

/** @param {Record<string, string>} values name-value pairs, section 3.4 */
export const pairs = (values) => Buffer.concat(Object.entries(values)
  .flatMap(([name, value]) => [size(Buffer.byteLength(name)),
    size(Buffer.byteLength(value)), Buffer.from(name), Buffer.from(value)]));

/** BEGIN_REQUEST, role RESPONDER. @param {{id?: number, keep?: boolean}} how */
export const begin = ({ id = 1, keep = false } = {}) =>
  record(TYPE.BEGIN, Buffer.from([0, 1, keep ? 1 : 0, 0, 0, 0, 0, 0]), { id });

/**
 * The variables of a request as a web server gives them.
 * @param {string} method
 * @param {string} path
 * @param {{query?: string, token?: string, body?: string | Buffer,
 *   extra?: Record<string, string>}} [more]
 */
export function variables(method, path, { query, token, body, extra } = {}) {
  return {
    GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_METHOD: method, SCRIPT_NAME: '/api', PATH_INFO: path,
    QUERY_STRING: query ?? '', REMOTE_ADDR: '127.0.0.1',
    ...(token && { HTTP_AUTHORIZATION: `Bearer ${token}` }),
    ...(body !== undefined && { CONTENT_TYPE: 'application/json',
      CONTENT_LENGTH: String(Buffer.byteLength(body)) }),
    ...extra,
  };
}

/**
 * All records of a request.
 * @param {Record<string, string>} params
 * @param {{body?: string | Buffer, id?: number, keep?: boolean}} [more]
 */
export function request(params, { body = '', id = 1, keep } = {}) {
  const data = Buffer.from(body);
  const stdin = [];
  for (let at = 0; at < data.length; at += 65528)
    stdin.push(record(TYPE.STDIN, data.subarray(at, at + 65528), { id }));
  return Buffer.concat([begin({ id, keep }),
    record(TYPE.PARAMS, pairs(params), { id }), record(TYPE.PARAMS, '', { id }),
    ...stdin, record(TYPE.STDIN, '', { id })]);
}

/** A connection that one can write anything to. */
export class Connection {
  /** @param {string} path of the socket */
  constructor(path) {
    this.socket = connect(path);
    this.got = Buffer.alloc(0);
    this.closed = once(this.socket, 'close').catch(() => undefined);
    this.socket.on('data', (chunk) => {
      this.got = Buffer.concat([this.got, chunk]);
    });
    this.socket.on('error', () => undefined); // 'close' follows and is enough
  }

  /** @param {Buffer | string} data */
  async write(data) {
    if (this.socket.connecting) await once(this.socket, 'connect');
    this.socket.write(data);
  }

  /** The whole records that have come so far. */
  get records() {
    const all = [];
    for (let at = 0; at + 8 <= this.got.length;) {
      const length = this.got.readUInt16BE(at + 4);
      const next = at + 8 + length + this.got[at + 6];
      if (next > this.got.length) break;
      all.push({ type: this.got[at + 1], id: this.got.readUInt16BE(at + 2),
        content: this.got.subarray(at + 8, at + 8 + length) });
      at = next;
    }
    return all;
  }

  /**
   * The reply to a request, when END_REQUEST has come.
   * @param {number} [id]
   */
  async reply(id = 1) {
    const ended = () => this.records.some((r) =>
      r.type === TYPE.END && r.id === id);
    while (!ended()) {
      if (this.socket.destroyed) throw new Error('closed without a reply');
      await Promise.race([once(this.socket, 'data'), this.closed]);
    }
    const text = Buffer.concat(this.records.filter((r) =>
      r.type === TYPE.STDOUT && r.id === id).map((r) => r.content));
    const split = text.indexOf('\r\n\r\n');
    const head = text.subarray(0, split).toString('latin1');
    return {
      status: Number(/^Status: (\d+)/mi.exec(head)?.[1] ?? 200), head,
      body: text.subarray(split + 4),
      /** @returns {any} */
      get json() {
        return JSON.parse(this.body.toString('utf8'));
      },
    };
  }

  close() {
    this.socket.destroy();
  }
}

/**
 * One request on a connection of its own.
 * @param {string} socket
 * @param {string} method
 * @param {string} path
 * @param {{query?: string, token?: string, body?: string}} [more]
 */
export async function ask(socket, method, path, more = {}) {
  const connection = new Connection(socket);
  await connection.write(request(variables(method, path, more), more));
  const reply = await connection.reply();
  connection.close();
  return reply;
}
