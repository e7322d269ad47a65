// The call page that the program itself serves, under its own address.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { Api, ok, refused } from './api.mjs';
import { startServer, together } from './harness.mjs';

const server = await startServer();
const api = new Api(server.api);
after(async () => {
  api.close();
  await server.stop();
});

/** What browsers send when somebody opens an address. */
const VISIT = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** @param {string} path @param {RequestInit} [options] */
const visit = (path, options) =>
  fetch(server.api + path, { headers: VISIT, ...options });

/** @param {string} page @param {string} tag @returns {string[]} */
const texts = (page, tag) =>
  [...page.matchAll(new RegExp(`<${tag}[^>]*>([^]*?)</${tag}>`, 'g'))]
    .map(([, text]) => text);

/** @param {string} text */
const hash = (text) =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('the page of the program', { concurrency: together }, () => {
  for (const [path, title] of /** @type {const} */ ([
    ['', 'Letterbox'], ['/', 'Letterbox'], ['?x=1', 'Letterbox'],
    ['?room=kitchen', 'Room · Letterbox'], ['/?room=a', 'Room · Letterbox'],
    ['?room=', 'Room · Letterbox'], ['?room=a&room=b', 'Room · Letterbox']]))
    test(`a browser at '${path}' gets ${title}`, async () => {
      const reply = await visit(path);
      assert.equal(reply.status, 200);
      assert.equal(reply.headers.get('content-type'),
        'text/html; charset=utf-8');
      assert.deepEqual(texts(await reply.text(), 'title'), [title]);
    });

  for (const path of ['', '?room=kitchen'])
    test(`'${path}' is one file, and its policy lets in no other`, async () => {
      const reply = await visit(path);
      const page = await reply.text();
      const policy = reply.headers.get('content-security-policy') ?? '';
      const rules = new Map(policy.split('; ').map((rule) =>
        [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]));
      assert.equal(rules.get('script-src'), texts(page, 'script').map(hash)
        .join(' '));
      assert.equal(rules.get('style-src'), texts(page, 'style').map(hash)
        .join(' '));
      assert.equal(rules.get('frame-ancestors'), "'none'");
      assert.doesNotMatch(page, /<(script|link|img)[^>]*(src|href)="(?!data:)/);
      for (const [name, words] of Object.entries({
        'x-frame-options': /^DENY$/, 'referrer-policy': /^no-referrer$/,
        'permissions-policy': /camera=\(self\)/,
        'cross-origin-opener-policy': /^same-origin$/ }))
        assert.match(reply.headers.get(name) ?? '', words);
    });

  test('who does not ask for a page gets none', async () => {
    for (const accept of ['', '*/*', 'application/json', 'text/html;q=0'])
      for (const path of ['', '/', '?room=kitchen']) {
        const reply = await visit(path, { headers: { accept } });
        assert.equal(reply.status, 404, `${path} for ${accept}`);
        assert.match(reply.headers.get('content-type') ?? '', /problem\+json/);
      }
    await refused(api.request('POST', '/', { bad: true }), 404, 'not-found');
  });

  test('a browser that opens a part of the API gets the API', async () => {
    for (const path of ['/healthz', '?path=/healthz', '/?path=/healthz'])
      assert.deepEqual(await (await visit(path)).json(), { status: 'ok' });
  });

  test('what is no page may do nothing in a browser', async () => {
    await ok(api.request('GET', '/healthz'), 200);
    const reply = await visit('/healthz');
    assert.equal(reply.headers.get('content-security-policy'),
      "default-src 'none'; frame-ancestors 'none'");
  });

  test('HEAD of it has its head alone', async () => {
    const reply = await visit('', { method: 'HEAD' });
    assert.equal(reply.status, 200);
    assert.match(reply.headers.get('content-type') ?? '', /^text\/html/);
    assert.equal(await reply.text(), '');
  });
});
