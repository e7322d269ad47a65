// Takes the pictures of public_html/docs/upload.md: what a newcomer sees, in a
// real browser, of a real Apache with suEXEC on which the archive was
// unpacked. Run it as root after a change of the looks:
//
//   node tests/reach/pictures.mjs

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ROOT } from '../setup/make_run.mjs';
import { httpsDoor } from './door.mjs';
import { Host, lacks } from './host.mjs';

const OUT = join(ROOT, 'public_html/docs');
const SIZE = { width: 860, height: 760 };
const NAME = 'ada.example';

if (lacks) throw new Error(lacks);
mkdirSync(OUT, { recursive: true });
const host = new Host({});
host.unpack();
await host.start();
const door = await httpsDoor(host.base, NAME, host.dir);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
    '--disable-background-networking', '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--host-resolver-rules=MAP ${NAME}:443 127.0.0.1:${door.port}`],
});
const context = await browser.newContext(
  { viewport: SIZE, ignoreHTTPSErrors: true });
const page = await context.newPage();
page.setDefaultTimeout(60_000);
const at = `https://${NAME}/letterbox/`;

// A host has its homes at /home, and not in a scratch folder.
await page.route('**/doctor.json', async (route) => {
  const { pathname } = new URL(route.request().url());
  const response = await route.fetch({ url: host.base + pathname,
    headers: { ...route.request().headers(), host: NAME } });
  const body = (await response.text()).replaceAll(host.dir, '');
  await route.fulfill({ response, body });
});

/** @param {string} name @param {number} [height] of the picture */
async function take(name, height = SIZE.height) {
  const path = join(OUT, `upload-${name}.png`);
  await page.screenshot({ path, fullPage: true,
    clip: { x: 0, y: 0, width: SIZE.width, height } });
  console.log(`wrote ${path}`);
}

/** Asks with the code, as its owner finds it. @param {string} folder */
async function examine(folder) {
  await page.goto(at + 'letterbox.cgi/doctor');
  await page.getByLabel('The code').fill(
    host.as(['cat', join(folder, 'doctor.code')]).trim());
  await page.getByRole('button', { name: 'Examine' }).click();
  await page.getByText('Measuring from your browser: holding').waitFor();
}

try {
  await page.goto(at);
  await take('start');
  await page.fill('#name', 'Ada');
  await page.click('#start button');
  await page.locator('#alone .big').waitFor();
  await page.locator('#self video').evaluate((/** @type {any} */ video) =>
    new Promise((seen) => video.requestVideoFrameCallback(seen)));
  await take('room', 610);

  await page.goto(at + 'letterbox.cgi/doctor');
  await page.getByLabel('The code').focus();
  await take('doctor');

  // A mistake that is easily made: the data where everybody can see them.
  const conf = join(host.www, 'letterbox/letterbox.conf');
  const place = join(host.www, 'letterbox/data');
  host.as(['mkdir', '-m', '700', place]);
  host.as(['sh', '-c', 'echo "data_dir = $0" > "$1"', place, conf]);
  await page.goto(at + 'letterbox.cgi/doctor');
  await examine(place);
  await take('measuring', 620);
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(/^Done: /).waitFor();
  await take('bad', 650);
  host.as(['rm', '-r', conf, place]);

  await examine(join(host.home, '.letterbox'));
  await page.getByText(/^Done: /).waitFor();
  await take('well', 1100);
} finally {
  await browser.close();
  door.close();
  await host.stop();
}
