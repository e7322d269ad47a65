// The real thing in a scratch folder: a web server on a free port in front of
// one or more Letterbox processes over one data folder. FRONT=... chooses among
// the web servers of fronts/table.mjs; each runs its file of httpd-conf/.
//
//   /api      spread over all processes, where the web server can
//   /p0 /p1   one process each, where there are such

import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, rmSync,
  writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, logOf } from './fronts/launch.mjs';
import { CHOSEN, frontOf } from './fronts/table.mjs';
import { Letterbox, NOBODY, binary, scratch } from './letterbox.mjs';
import { Started } from './programs.mjs';
import { freePort } from './port.mjs';
import { until } from './until.mjs';

export { together } from './fronts/table.mjs';

const PAGES = fileURLToPath(new URL('../../public_html/', import.meta.url));

/** Rates are for tests of rates; everything else runs as fast as it can. */
const DEFAULTS = {
  seats_threads: 5000, seats_processes: 5000, spare_processes: 0,
  post_rate: 100000, post_burst: 1000000, join_rate: 10000,
  join_burst: 100000, polls_per_address: 5000, metrics_open: 'yes',
  journal: process.env.LETTERBOX_JOURNAL ?? 'auto',
};

/** What the web server takes; the program itself takes less. */
const BODY_MAX = 131072;

/** Processes of a pool at the beginning: a request that finds none idle would
 * sleep for a second. */
const POOL = 12;

/** Processes on an odd disk met in /tmp (run_folder.h). @param {string} data */
function forgetMeeting(data) {
  for (const user of [process.getuid?.(), NOBODY]) {
    const name = createHash('sha256').update(`${user} ${data}`).digest()
      .subarray(0, 16).toString('base64url');
    rmSync(`/tmp/letterbox-${name}`, { recursive: true, force: true });
  }
}

/** @param {string} url of a mount @param {Letterbox | Started} box behind it */
const healthy = (url, box) => until(`${url} is healthy`, async () => {
  const { failure } = box;
  if (failure) throw new Error(`letterbox ended: ${failure}`);
  return fetch(url + '/healthz', { signal: AbortSignal.timeout(2000) })
    .then((r) => r.status === 200, () => false);
}, { within: 15000 });

/** @typedef {{conf?: Record<string, string | number>, processes?: number,
 *   static?: boolean, hostile?: boolean, files?: Record<string, string>,
 *   unprivileged?: boolean, dataMode?: number, front?: string, mpm?: string,
 *   most?: number, workers?: number, cold?: boolean,
 *   copy?: boolean, apprtc?: boolean}} Options conf: keys of the configuration; static: serve
 *   public_html; hostile: the sanitized program, if there is one; files: text
 *   files to put into the scratch folder first (`$DIR` in conf is that
 *   folder); unprivileged: Letterbox never runs as root; dataMode: of the data
 *   folder; front: this one and no other; mpm: of Apache; workers: of it;
 *   most: processes of a pool; cold: it has none at the beginning; copy: of
 *   the program, which may be replaced, whatever the front; apprtc: it is spoken,
 *   on a port of its own as well */

/**
 * The scratch folder, with all that stands in it before anything runs.
 * @param {Options} options
 * @param {import('./fronts/table.mjs').Front} front
 */
function furnish(options, front) {
  const { conf = {}, files = {}, hostile = false } = options;
  const dir = scratch();
  // A disk of another kind, where there is one to be tested.
  const data = join(process.env.LETTERBOX_DISK ?? dir,
    process.env.LETTERBOX_DISK ? basename(dir) : 'data');
  mkdirSync(data);
  chmodSync(data, options.dataMode ?? 0o700);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(dir, name), text, { mode: 0o600 });
  const settings = { data_dir: data, ...DEFAULTS, ...conf };
  const file = join(dir, 'letterbox.conf');
  writeFileSync(file, Object.entries(settings).map(([key, value]) =>
    `${key} = ${String(value).replaceAll('$DIR', dir)}\n`).join(''));

  const ours = front.processes === 'ours';
  const root = process.getuid?.() === 0;
  const drops = root && front.server === 'apache2';
  const user = root && (options.unprivileged || (drops && !ours)) ? NOBODY : 0;
  if (user)
    for (const path of [data, ...Object.keys(files).map((name) =>
      join(dir, name))]) chownSync(path, user, user);
  if (user || drops) chmodSync(dir, 0o711);
  if (user) chownSync(dir, user, user);

  let pages = PAGES;
  if (!options.static) mkdirSync(pages = join(dir, 'www'));
  // Our own folder may be closed to others.
  else if (drops) cpSync(PAGES, pages = join(dir, 'www'), { recursive: true });
  // A start of the sanitized program takes long, and CGI is made of starts.
  let program =
    binary({ hostile: hostile && front.processes !== 'each' });
  // The tree may be closed to others, too.
  if (!ours || user || options.copy)
    copyFileSync(program, program = join(dir, 'letterbox'));

  /** @type {import('./fronts/table.mjs').Stage} */
  const stage = { dir, pages, conf: file, program, sockets: [],
    bodyMax: Math.max(BODY_MAX, Number(conf.body_max ?? 0) + 4096),
    most: options.most ?? 64, user: ours && !drops ? 0 : user,
    mpm: options.mpm, workers: options.workers };
  return { stage, data, settings, user };
}

/** @param {import('./fronts/table.mjs').Stage} stage @param {Options} options
 * @param {number} user */
async function startOurs(stage, { processes = 1 }, user) {
  const boxes = Array.from({ length: processes }, (_, i) => new Letterbox({
    program: stage.program, socket: join(stage.dir, `${i}.sock`),
    conf: stage.conf, log: join(stage.dir, `letterbox-${i}.log`), user,
  }));
  for (const box of boxes) await box.start();
  // In a folder that is closed to strangers, and for an Apache that is one.
  for (const { socket } of boxes) chmodSync(socket, 0o666);
  stage.sockets = boxes.map((box) => box.socket);
  return boxes;
}

/** @param {string} mount @returns {Promise<number>} parked polls there */
const waiters = async (mount) => Number(/^letterbox_waiters (\d+)$/m
  .exec(await (await fetch(mount + '/metrics')).text())?.[1]);

/**
 * @typedef {Awaited<ReturnType<typeof startServer>>} Server
 * @param {Options} [options]
 */
export async function startServer(options = {}) {
  const front = frontOf(options.front ?? CHOSEN);
  if (options.apprtc)
    options = { ...options, conf: { 'dialect.apprtc': 'on', ...options.conf } };
  const { stage, data, settings, user } = furnish(options, front);
  if (options.apprtc) stage.apprtc = await freePort();
  const { dir } = stage;
  const ours = front.processes === 'ours'
    ? await startOurs(stage, options, user) : undefined;
  const started = ours ? undefined : new Started(stage.program,
    () => logOf(dir), front.processes !== 'pool' ? '' :
      front.server === 'apache2' ? `${dir}/fcgid/` : `${dir}/fastcgi.sock`);
  const each = ours ?? [/** @type {Started} */ (started)];
  let web = await launch(front, stage);
  const { base } = web;
  // Where each request may meet another process, so does each mount.
  const count = options.processes ?? 1;
  const boxes = ours ?? Array(count).fill(each[0]);
  const mounts = boxes.map((_, i) => ours ? `${base}/p${i}` : `${base}/api`);
  await Promise.all(mounts.map((mount, i) => healthy(mount, boxes[i])))
    .then(() => front.server === 'apache2' && started?.socket && !options.cold
      ? started.fill(base + '/api/healthz', Math.min(stage.most, POOL))
      : undefined)
    .catch(async (error) => {
      await end();
      throw error;
    });

  /** @param {NodeJS.Signals} signal */
  async function endWeb(signal) {
    const { child } = web;
    if (child.exitCode !== null || child.signalCode) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Ends everything. @returns how the processes ended */
  async function end() {
    const ends = await Promise.all(each.map((b) => b.end('SIGTERM')));
    for (const box of each) box.close();
    await endWeb('SIGTERM');
    await started?.end('SIGKILL'); // what it had started meanwhile
    return ends;
  }

  return {
    base, api: base + '/api', mounts,
    /** Where AppRTC is alone. */
    apprtc: `http://127.0.0.1:${stage.apprtc}`, dir, data, boxes, front,
    pages: stage.pages, conf: settings,
    database: join(data, 'letterbox.db'),
    program: stage.program,
    sockets: stage.sockets, bodyMax: stage.bodyMax,
    get pids() {
      return ours ? ours.map((b) => b.pid) : started?.pids ?? [];
    },
    get stderr() {
      return each.map((b) => b.stderr).join('');
    },
    /**
     * How many polls are parked; metrics_open must be on.
     * @param {number} [i] at this mount; else at all
     */
    async parked(i) {
      if (started) return started.busy();
      const asked = i === undefined ? mounts : [mounts[i]];
      return (await Promise.all(asked.map(waiters))).reduce((x, y) => x + y);
    },
    /** @param {NodeJS.Signals} [signal] @returns exit codes or signals */
    kill(signal = 'SIGKILL') {
      return Promise.all(each.map((b) => b.end(signal)));
    },
    /** The web server. */
    get web() {
      return web.child;
    },
    /** Ends the web server and starts it again, at the same port.
     * @param {NodeJS.Signals} signal */
    async restartWeb(signal) {
      await endWeb(signal);
      web = await launch(front, stage, web.port);
    },
    /** Starts what was ended. Healthy when it returns. */
    async restart() {
      await Promise.all(each.map((b) => b.end('SIGTERM')));
      for (const box of each) await box.start();
      await Promise.all(mounts.map((mount, i) => healthy(mount, boxes[i])));
    },
    /** Ends all; throws when a process did not end well by itself. */
    async stop() {
      const ends = await end();
      const bad = ends.filter((end) => end !== 0 && end !== 'SIGKILL');
      const said = each.map((b) => b.stderr).join('');
      rmSync(dir, { recursive: true, force: true });
      if (process.env.LETTERBOX_DISK) forgetMeeting(data);
      if (bad.length || /Sanitizer|runtime error/.test(said))
        throw new Error(`ended with ${ends}:\n${said}`);
    },
  };
}
