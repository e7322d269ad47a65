// Apache: the three apache-*.conf of httpd-conf, under mpm_event or another.

import { NOBODY } from '../letterbox.mjs';
import { configuration, replace, replaceEach, setEach } from './text.mjs';

/** The line that gives a value its name. */
export const define = (/** @type {string} */ name) =>
  new RegExp(`^(Define ${name} +)\\S+`, 'gm');

/** @param {import('./table.mjs').Stage} stage @param {number} port */
const values = ({ dir, pages, user, bodyMax, mpm }, port) => ({
  pages, run: dir, logs: dir, address: '127.0.0.1', port, body: bodyMax,
  // Who is not root stays who he is, whatever stands there.
  user: `#${user || NOBODY}`, group: `#${user || NOBODY}`,
  mpm: mpm ?? 'event',
});

/** Fewer requests at a time, under mpm_event.
 * @param {string} text @param {number} [workers] */
const bounded = (text, workers) => !workers ? text : replaceEach(text,
  { 'ServerLimit 16': `ServerLimit ${workers / 25}`,
    'MaxRequestWorkers 400': `MaxRequestWorkers ${workers}` });

/** @param {'on' | 'off'} reuse */
export const proxy = (reuse) =>
  (/** @type {import('./table.mjs').Stage} */ stage,
    /** @type {number} */ port) => {
    const [socket] = stage.sockets;
    const text = bounded(setEach(configuration('apache-proxy.conf'), define,
      { ...values(stage, port), socket, reuse }), stage.workers);
    // One mount more for each process; /api is the first one's.
    return replace(text, /^<Location "\/api">[^]*?^<\/Location>\n/gm,
      (found) => [found, ...stage.sockets.map((one, i) => replaceEach(found, {
        '/api': `/p${i}`, '${socket}|fcgi://letterbox':
          `${one}|fcgi://letterbox-${i}` }))].join('\n')) +
      (stage.apprtc ? setEach(configuration('apache-apprtc.conf'), define,
        { apprtc: stage.apprtc }) : '');
  };

/** @param {string} file of httpd-conf */
const started = (file) => (/** @type {import('./table.mjs').Stage} */ stage,
  /** @type {number} */ port) =>
  bounded(setEach(configuration(file), define,
    { ...values(stage, port), program: stage.program, conf: stage.conf,
      ...(file === 'apache-fcgid.conf' && { most: stage.most }) }),
  stage.workers);

export const fcgid = started('apache-fcgid.conf');
export const cgi = started('apache-cgi.conf');
