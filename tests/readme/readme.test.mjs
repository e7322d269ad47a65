// Every command block of README.md, run as it stands in a fresh copy of the
// tree, and every path of its map.

import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { until } from '../http/until.mjs';
import { MakeRun, ROOT, processesOf } from '../setup/make_run.mjs';

const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
  .map(([, language, text]) => ({ language, text, used: false }));

/** The one block that holds these words; it counts as run.
 * @param {string} language @param {RegExp} words */
function block(language, words) {
  const found = blocks.filter((b) => b.language === language &&
    words.test(b.text));
  assert.equal(found.length, 1, `one ${language} block with ${words}`);
  found[0].used = true;
  return found[0].text;
}

/** `make run A=b` of a block as the variables of a MakeRun.
 * @param {string} text */
function variables(text) {
  const words = text.trim().split(/\s+/);
  assert.deepEqual(words.slice(0, 2), ['make', 'run']);
  return Object.fromEntries(words.slice(2).map((word) => word.split('=')));
}

const tree = mkdtempSync(join(tmpdir(), 'letterbox-'));
/** @type {MakeRun} */
let run;

/** @param {string} text */
function shell(text) {
  const { status, stdout, stderr } = spawnSync('sh', ['-eu'], {
    cwd: tree, input: text.replaceAll('http://127.0.0.1:8080/', run.url),
    encoding: 'utf8', timeout: 120_000,
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

before(async () => {
  execFileSync('sh', ['-c', 'git ls-files -z -co --exclude-standard | ' +
    'xargs -0 sh -c \'for f; do [ ! -e "$f" ] || printf "%s\\0" "$f"; done\'' +
    ' sh | tar --null -T - -cf - | tar -xf - -C "$1"', 'sh', tree],
  { cwd: ROOT });
  run = await new MakeRun(variables(block('sh', /^make run$/m)), tree).ready();
});

after(async () => {
  await run?.interrupt();
  rmSync(tree, { recursive: true, force: true });
});

test('make run builds and serves a fresh copy', async () => {
  const page = await fetch(run.url);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /Letterbox/);
});

test('the curl proof brings a post into a poll that waits', () => {
  const said = shell(block('sh', /curl/));
  assert.match(said, /"seqs":/, 'the reply to the post');
  assert.match(said, /"body":"Hello, Bob"/, 'the reply to the poll');
});

test('the timeline shows what the proof has done', () => {
  const rows = shell(block('sh', /timeline/));
  for (const word of ['kitchen', 'joined', 'chat', 'Hello, Bob'])
    assert.match(rows, new RegExp(word));
});

test('what is said to have happened is what happens', () => {
  /** What differs from run to run, by as many letters. @param {string} text */
  const shape = (text) => text.replace(/[+-]\d{4}(?=\))/, '+0000')
    .replace(/ +\+\S+(?=  )/g, (delay) => '+'.padStart(delay.length))
    .replace(/[\w-]{12}(?= -> )/g, 'x').replace(/\d/g, '0');
  const told = shell(block('sh', /letterbox log/));
  assert.equal(shape(told), shape(block('text', /Hello, Bob/)));
});

test('the lines of JavaScript work in a page', async () => {
  const lines = block('js', /letterbox\.join/);
  assert.ok(lines.trim().split('\n').filter(Boolean).length <= 8, 'eight lines');
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
      '--disable-background-networking'],
  });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const said = [];
    page.on('console', (line) => said.push(line.text()));
    page.on('pageerror', (error) => said.push(`error: ${error}`));
    await page.route('**/readme.*', (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript',
          body: lines + '\nconsole.log("done", room.state);' })
        : route.fulfill({ contentType: 'text/html',
          body: '<script type="module" src="readme.js"></script>' }));
    await page.goto(run.url + 'readme.html');
    await until('the last line is reached', () =>
      said.some((line) => /^(done|error)/.test(line)), { within: 15_000 })
      .catch((error) => assert.fail(`${error} ${said.join('\n')}`));
    assert.match(said.join('\n'), /^here already:/m);
    assert.match(said.join('\n'), /^done open$/m);
  } finally {
    await browser.close();
  }
});

test('make run TLS=1 invites the network, or says that there is none',
  async () => {
    const tls = new MakeRun(
      variables(block('sh', /^make run TLS=1$/m)), tree);
    await tls.ready().catch(() => {});
    if (tls.ended) assert.match(tls.out, /no network found; say HOST=/);
    else assert.match(tls.line('Invite'), /^https:\/\//);
    if (!tls.ended) await tls.interrupt();
    assert.deepEqual(processesOf(tls.group), []);
  });

test('the install commands put the program below build/stage', () => {
  shell(block('sh', /make install/));
  assert.ok(existsSync(join(tree, 'build/stage/usr/bin/letterbox')));
});

test('the map names what is there', () => {
  for (const line of block('text', /^Makefile/m).trim().split('\n'))
    assert.ok(existsSync(join(tree, line.split(' ')[0])), line);
});

test('the pictures and files it names are there', () => {
  for (const [, path] of readme.matchAll(/\]\(([^)#]+)\)/g))
    assert.ok(existsSync(join(tree, path)), path);
  for (const [, path] of readme.matchAll(/`([\w./-]+\.(?:md|yaml))`/g))
    assert.ok(existsSync(join(tree, path)) ||
      existsSync(join(tree, 'public_html/js', path)), path);
});

test('no block is left over', () => {
  assert.deepEqual(blocks.filter((b) => !b.used).map((b) => b.text), []);
});
