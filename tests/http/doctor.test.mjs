// The doctor: the command, and over the web for whoever has the code.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync,
  statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer } from './harness.mjs';
import { binary, scratch } from './letterbox.mjs';
import { faultOf } from './spec.mjs';

const server = await startServer({ conf: { hold: 5, lease: 10,
  trusted_proxy: '127.0.0.1, ::1' } });
const api = new Api(server.api);
const file = join(server.data, 'doctor.code');
after(async () => {
  api.close();
  await server.stop();
});

/** Tries are counted by address: each comes from one of its own. */
let guest = 0;
const codeNow = () => readFileSync(file, 'utf8').trim();
const page = () => api.request('GET', '/doctor');
/** @param {string} code @param {Record<string, string>} [headers] */
const ask = (code, headers = {}) =>
  api.request('POST', '/doctor.json', { json: { code },
    headers: { 'x-forwarded-for': `192.0.2.${++guest}`, ...headers } });
/** @param {any} report @param {string} name */
const checkOf = (report, name) => report.checks.find(
  (/** @type {{check: string}} */ { check }) => check === name);

/**
 * @param {string[]} args
 * @param {Record<string, string>} [env]
 */
function doctor(args, env = {}) {
  return spawnSync(binary(), ['doctor', ...args], { encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env } });
}

describe('over the web', () => {
  test('the page is there for everybody and runs only what it brings',
    async () => {
      const reply = await page();
      assert.equal(reply.status, 200);
      assert.match(String(reply.headers['content-type']), /^text\/html/);
      const policy = String(reply.headers['content-security-policy']);
      assert.match(policy, /script-src 'sha256-[\w+/]{43}='/);
      assert.match(policy, /style-src 'sha256-[\w+/]{43}='/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe/);
      assert.doesNotMatch(reply.text, /(src|href)="(?!data:)/);
      assert.ok(!reply.text.includes(server.dir));
    });

  test('the code is for the owner of the folder alone', async () => {
    await page();
    assert.match(codeNow(), /^[a-z]{8}$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  test('with the code there is a report', async () => {
    await page();
    const reply = await ok(ask(codeNow(), {
      'authorization': 'Bearer doctor', 'x-letterbox-token': 'doctor',
      'prefer': 'wait=1', 'last-event-id': 'doctor', 'origin': server.base,
    }), 200);
    assert.equal(reply.hold, 5);
    assert.ok(Math.abs(reply.now - Date.now()) < 5000);
    for (const name of ['data-mode', 'data-owner', 'database', 'integrity',
      'locks', 'data-place', 'authorization', 'token-header', 'prefer',
      'last-event-id', 'origin'])
      assert.equal(checkOf(reply.report, name)?.outcome, 'ok', name);
    assert.match(checkOf(reply.report, 'web-server').words,
      /lighttpd|nginx|Apache/);
    assert.ok(reply.addresses.some(
      (/** @type {string} */ path) => path.endsWith('/letterbox.db')));
  });

  test('headers that do not come are named', async () => {
    await page();
    const { report } = await ok(ask(codeNow()), 200);
    for (const name of ['authorization', 'prefer', 'last-event-id', 'origin'])
      assert.equal(checkOf(report, name).outcome, 'note', name);
    assert.equal(checkOf(report, 'token-header').outcome, 'bad');
  });

  test('a code is good once, its pass for a while', async () => {
    await page();
    const code = codeNow();
    const { pass } = await ok(ask(code), 200);
    assert.notEqual(codeNow(), code);
    await refused(ask(code), 403, 'doctor');
    await ok(ask(pass), 200);
    await ok(ask(pass), 200);
    const [until, mac] = pass.split('.');
    await refused(ask(`${Number(until) + 1}.${mac}`), 403, 'doctor');
    await refused(ask(`${until}.`), 403, 'doctor');
  });

  test('of two visitors with one code one gets in', async () => {
    await page();
    const code = codeNow();
    const replies = await Promise.all([ask(code), ask(code), ask(code)]);
    assert.deepEqual(replies.map(({ status }) => status).sort(),
      [200, 403, 403]);
  });

  test('a code of an hour ago is none', async () => {
    await page();
    const code = codeNow();
    const old = Date.now() / 1000 - 3700;
    utimesSync(file, old, old);
    await refused(ask(code), 403, 'doctor');
    await page();
    assert.notEqual(codeNow(), code);
  });

  test('a file that others can read or that is a link is no code',
    async () => {
      await page();
      const code = codeNow();
      chmodSync(file, 0o644);
      await refused(ask(code), 403, 'doctor');
      await page();
      assert.equal(statSync(file).mode & 0o777, 0o600);
    });
});

describe('a stranger', () => {
  test('learns nothing, not even whether there is a code', async () => {
    await page();
    const [there, gone] = [await ask('aaaaaaaa'), await (async () => {
      rmSync(file);
      return ask('aaaaaaaa');
    })()];
    for (const reply of [there, gone]) await refused(reply, 403, 'doctor');
    assert.equal(there.text, gone.text);
    assert.deepEqual(Object.keys(there.headers), Object.keys(gone.headers));
    assert.ok(!there.text.includes(server.dir));
  });

  test('has few tries', async () => {
    let tries = 0;
    for (; tries < 30; tries++) {
      const reply = await ask('aaaaaaaa', { 'x-forwarded-for': '::7' });
      if (reply.status === 403) continue;
      const problem = await refused(reply, 429, 'too-fast');
      assert.ok(problem.retry_after <= 1000);
      assert.ok(Number(reply.headers['retry-after']) >= 1);
      break;
    }
    assert.ok(tries < 30, 'it was stopped');
  });

  test('what the doctor says holds no secret', () => {
    const said = doctor(['--json', '-c', join(server.dir, 'letterbox.conf')],
      { NO_COLOR: '1' }).stdout;
    for (const name of ['server.key', 'admin.key'])
      assert.ok(!said.includes(readFileSync(join(server.data, name), 'utf8')
        .trim()));
    assert.ok(!said.includes('127.0.0.1'));
    assert.ok(existsSync(file) ? !said.includes(codeNow()) : true);
  });
});

describe('the command', () => {
  /** @param {string} text */
  const confOf = (text) => {
    const dir = scratch();
    const conf = join(dir, 'letterbox.conf');
    writeFileSync(conf, text.replaceAll('$DIR', dir));
    return { dir, conf };
  };

  test('a house in order: 0', () => {
    const { dir, conf } = confOf('data_dir = $DIR/data\n');
    mkdirSync(join(dir, 'data'), { mode: 0o700 });
    const { status, stdout, stderr } = doctor(['-c', conf]);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^The data folder$/m);
    assert.match(stdout, /^Bad: 0\./m);
    assert.equal(stderr, '');
    assert.ok(!stdout.includes('\x1b'), 'no colour into a pipe');
    assert.deepEqual(readdirSync(join(dir, 'data')), [], 'nothing is left');
  });

  test('something bad: 1, with its cure', () => {
    const { dir, conf } = confOf('data_dir = $DIR/data\nhold = never\n');
    mkdirSync(join(dir, 'data'));
    chmodSync(join(dir, 'data'), 0o755);
    const { status, stdout } = doctor(['-c', conf]);
    assert.equal(status, 1);
    assert.match(stdout, /letterbox\.conf:2:/);
    assert.match(stdout, new RegExp(`chmod 700 ${dir}/data`));
  });

  test('a folder that is not there is not made', () => {
    const { dir, conf } = confOf('data_dir = $DIR/data\n');
    const { status, stdout } = doctor(['-c', conf]);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /not there yet/);
    assert.ok(!existsSync(join(dir, 'data')));
  });

  test('a configuration that cannot be read', () => {
    const { status, stdout } = doctor(['-c', '/nonexistent/letterbox.conf']);
    assert.equal(status, 1);
    assert.match(stdout, /\/nonexistent\/letterbox\.conf: No\s+such file/);
  });

  test('JSON is of its schema, in health and in sickness', () => {
    for (const args of [['-c', join(server.dir, 'letterbox.conf')],
      ['-c', '/nonexistent']]) {
      const { stdout } = doctor(['--json', ...args]);
      const fault = faultOf('spec#/components/schemas/DoctorReport',
        JSON.parse(stdout));
      assert.equal(fault, undefined);
    }
  });

  test('it looks at a database that is in use', () => {
    const { status, stdout } = doctor(['--json', '-c',
      join(server.dir, 'letterbox.conf')]);
    const report = JSON.parse(stdout);
    assert.equal(status, report.outcome === 'bad' ? 1 : 0);
    assert.equal(checkOf(report, 'integrity').outcome, 'ok');
    if (server.pids.length)
      assert.match(checkOf(report, 'processes').words, /: [1-9]/);
  });

  test('colour only on a terminal, and not with NO_COLOR', () => {
    const { dir, conf } = confOf('data_dir = $DIR/data\n');
    // script(1) gives it a terminal.
    /** @param {Record<string, string>} env */
    const seen = (env) => execFileSync('script', ['-qec',
      `${binary()} doctor -c ${conf} || true`, join(dir, 'typescript')], {
      encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: process.env.PATH, TERM: 'xterm', ...env } });
    assert.match(seen({}), /\x1b\[32mok/);
    assert.doesNotMatch(seen({ NO_COLOR: '1' }), /\x1b\[/);
    assert.doesNotMatch(seen({ TERM: 'dumb' }), /\x1b\[/);
  });

  test('names with control characters do not reach the terminal', () => {
    const { stdout } = doctor(['-c', '/nonexistent/\x1b[31mred\x07']);
    assert.ok(!/[\x00-\x09\x0b-\x1f\x7f]/.test(stdout), stdout);
    assert.match(stdout, /\\x1b\[31mred\\x07/);
  });

  test('options that it does not have: 2', () => {
    assert.equal(doctor(['--frobnicate']).status, 2);
    assert.equal(doctor(['patient']).status, 2);
    assert.match(doctor(['--help']).stdout, /letterbox doctor --json/);
  });
});
