// One file that says what happened in a room: it opens without a server, and
// holds nothing that is not to be shown.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { binary, scratch } from '../http/letterbox.mjs';
import { made, pathOf } from '../replay/samples.mjs';
import { launch } from './chromium.mjs';
import { checkForEverybody as check } from './everybody.mjs';
import { offline } from './offline.mjs';

const dir = scratch();
const program = binary({});
/** @type {import('playwright-core').Browser} */
let browser;

before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** @param {string} file @param {string} room @param {string[]} [more] */
function reported(file, room, more = []) {
  const folder = join(dir, `${room}${more.length}`);
  mkdirSync(folder);
  const run = (/** @type {string[]} */ ...words) => execFileSync(program, words,
    { encoding: 'utf8', maxBuffer: 1 << 26, timeout: 60_000 });
  run('import', file, join(folder, 'data'));
  const page = join(folder, 'call.html');
  writeFileSync(page, run('report', room, '-d', join(folder, 'data'), ...more));
  return { page, run, folder };
}

describe('a report', () => {
  test('opens offline, says what went wrong, and asks for nothing',
    async () => {
      const { page: file } = reported(pathOf('silence'), 'silence');
      const { page, complaints } = await offline(browser, file);
      await page.locator('#why').getByText('The answer never came').waitFor();
      await page.locator('#now .have-local-offer').waitFor();
      await page.getByText('About this report').click();
      await page.getByText(/^Letterbox \d/).waitFor();
      await check(page);
      assert.deepEqual(complaints, []);
      await page.context().close();
    });

  test('gives its recording back, to be imported again', async () => {
    const { page: file, run, folder } = reported(pathOf('reload'), 'reload',
      ['--whole']);
    const { page } = await offline(browser, file);
    await page.locator('#title').getByText('Ada and Bob').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save recording' }).click()]);
    const again = join(folder, 'again.jsonl');
    await download.saveAs(again);
    run('import', again, join(folder, 'again'));
    const whole = run('export', 'reload', '--whole', '-d',
      join(folder, 'again'));
    const lines = (/** @type {string} */ text) =>
      text.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(lines(whole).slice(1),
      lines(readFileSync(pathOf('reload'), 'utf8')).slice(1));
    await page.context().close();
  });

  test('does not end where somebody wrote that it should', async () => {
    const evil = '</script><script>document.title="harm"</script><!--<script>';
    const input = join(dir, 'evil.jsonl');
    writeFileSync(input, made([
      { from: 'a', type: 'joined', body: { name: evil.slice(0, 60) } },
      { from: 'a', type: 'chat', body: evil }]));
    const { page: file } = reported(input, 'r', ['--whole']);
    const { page, complaints } = await offline(browser, file);
    await page.locator('#count').getByText('2').waitFor();
    assert.equal(await page.title(), 'What happened · Letterbox');
    await page.locator('.raw .line').getByText('document.title').waitFor();
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  test('holds none of the secrets of a call', () => {
    const text = readFileSync(reported(pathOf('good'), 'AtHTCuVvibQCJd5XggxS3A')
      .page, 'utf8');
    const whole = readFileSync(pathOf('good'), 'utf8');
    const secrets = [...whole.matchAll(/ice-pwd:([^\\]+)/g),
      ...whole.matchAll(/(192\.0\.2\.2|fd00::2)/g)].map(([, word]) => word);
    assert.ok(secrets.length > 4);
    for (const secret of secrets) assert.ok(!text.includes(secret), secret);
    assert.ok(!text.includes('"name":"Ada"'));
  });
});
