// The front ends, and what each of them can and cannot. Where a test depends
// on such a thing, it asks here.

import * as apache from './apache.mjs';
import * as lighttpd from './lighttpd.mjs';
import * as nginx from './nginx.mjs';

/**
 * What a configuration is made of.
 * @typedef {object} Stage
 * @property {string} dir scratch folder: sockets, pid, logs
 * @property {string} pages
 * @property {string} conf Letterbox's own configuration
 * @property {string} program
 * @property {string[]} sockets of processes that run already
 * @property {number} bodyMax bytes that the web server takes
 * @property {number} most processes that it starts, if it starts any
 * @property {number} user to become; 0: stays who it is
 * @property {string} [mpm] Apache's
 * @property {number} [workers] of it, a multiple of 25
 * @property {number} [apprtc] port of AppRTC's own, where the program is /
 *
 * @typedef {object} Front
 * @property {'lighttpd' | 'nginx' | 'apache2'} server
 * @property {(stage: Stage, port: number) => string} text
 * @property {'ours' | 'pool' | 'each'} processes whose they are: started by
 *   the tests on sockets; by the web server, to be kept; by the web server,
 *   one for each request
 * @property {boolean} hangups the program is told that a browser has gone
 * @property {number | true} together how many tests of a file at a time;
 *   hosts that start a process for each request do not let there be many
 */

/** @type {Record<string, Front>} */
export const FRONTS = {
  'lighttpd': { server: 'lighttpd', text: lighttpd.fastcgi,
    processes: 'ours', hangups: true, together: true },
  // It starts the program itself, and lends the socket to it alone.
  'lighttpd-spawned': { server: 'lighttpd', text: lighttpd.spawned,
    processes: 'pool', hangups: true, together: true },
  'lighttpd-cgi': { server: 'lighttpd', text: lighttpd.cgi,
    processes: 'each', hangups: true, together: 8 },
  'nginx': { server: 'nginx', text: nginx.fastcgi,
    processes: 'ours', hangups: true, together: true },
  // Apache looks at a browser's connection when it has something to write. When
  // all of its workers are busy it closes idle connections, at which a browser
  // asks again and our client fails: no crowds.
  'apache-proxy': { server: 'apache2', text: apache.proxy('off'),
    processes: 'ours', hangups: false, together: 12 },
  'apache-proxy-reuse': { server: 'apache2', text: apache.proxy('on'),
    processes: 'ours', hangups: false, together: 12 },
  // More at once would find no idle process, and Apache sleeps for a second
  // before it starts one.
  'apache-fcgid': { server: 'apache2', text: apache.fcgid,
    processes: 'pool', hangups: false, together: 3 },
  'apache-cgid': { server: 'apache2', text: apache.cgi,
    processes: 'each', hangups: false, together: 8 },
};

/** The one that was chosen: FRONT=... */
export const CHOSEN = process.env.FRONT ?? 'lighttpd';

/** @param {string} name @returns {Front} */
export function frontOf(name) {
  const front = FRONTS[name];
  if (!front)
    throw new Error(`FRONT=${name} is none of ${Object.keys(FRONTS)}`);
  return front;
}

/** How many tests of a file at a time. */
export const together = frontOf(CHOSEN).together;
