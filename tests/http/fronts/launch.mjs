// Starts a web server in the foreground, on a port of its own.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../letterbox.mjs';
import { freePort } from '../port.mjs';
import { until } from '../until.mjs';

/** @type {Record<string, (file: string) => string[]>} */
const WORDS = {
  lighttpd: (file) => ['-D', '-f', file],
  nginx: (file) => ['-c', file, '-g',
    (process.getuid?.() === 0 ? 'user root; ' : '') + 'daemon off;'],
  apache2: (file) => ['-D', 'FOREGROUND', '-f', file],
};

/** What it says, and what programs that it starts say. */
const LOGS = ['web.out', 'lighttpd.log', 'letterbox.log', 'nginx.log',
  'apache.log'];

/** @param {string} dir */
export const logOf = (dir) => LOGS.map((name) => join(dir, name))
  .filter(existsSync).map((file) => readFileSync(file, 'utf8')).join('');

/**
 * @param {import('./table.mjs').Front} front
 * @param {import('./table.mjs').Stage} stage
 * @param {number} [again] the port where one was before
 */
export async function launch(front, stage, again) {
  for (let tries = 1; ; tries++) {
    const port = again ?? await freePort();
    const file = join(stage.dir, 'web.conf');
    writeFileSync(file, front.text(stage, port));
    const child = start(front.server, WORDS[front.server](file), {
      log: join(stage.dir, 'web.out'), cwd: stage.dir, group: true,
      env: { PATH: `${process.env.PATH}:/usr/sbin` },
    });
    const base = `http://127.0.0.1:${port}`;
    const up = await until(`${front.server} answers`, async () => {
      if (child.exitCode !== null) return 'no';
      return fetch(base + '/').then(() => 'yes', () => '');
    }, { within: 10000 });
    if (up === 'yes') return { child, base, port };
    // Somebody took the port in between, if it is not our own fault.
    if (tries === 3 || again) throw new Error(logOf(stage.dir));
  }
}
