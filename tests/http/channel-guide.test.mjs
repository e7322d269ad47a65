// The commands of public_html/docs/channel.md, as they stand there.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Api, ok } from './api.mjs';
import { Application, keys, newClient } from './channel.mjs';
import { startServer } from './harness.mjs';

const guide = readFileSync(
  new URL('../../public_html/docs/channel.md', import.meta.url), 'utf8');

const server = await startServer();
const api = new Api(server.api);
const app = new Application(api, 'my-app', await keys(server, 'add', 'my-app'));
after(async () => {
  api.close();
  await server.stop();
});

/** The one indented block with these words, run by a shell.
 * @param {RegExp} words @param {string} client
 * @returns {Promise<string>} what it printed */
async function shell(words, client) {
  const found = [...guide.matchAll(/(?:^ {4}.*\n(?:\n(?= {4}))?)+/gm)]
    .map(([text]) => text).filter((text) => words.test(text));
  assert.equal(found.length, 1, `${words}`);
  const text = found[0].replaceAll('https://letterbox.example.org/api',
    server.api).replaceAll('alice', client);
  const { stdout } = await promisify(execFile)('sh', ['-euc', text],
    { env: { PATH: process.env.PATH, KEY: app.key } });
  return stdout;
}

describe('what the guide tells', () => {
  test('creates and sends', async () => {
    const client = newClient();
    const { token } = JSON.parse(await shell(/channel\/create$/m, client));
    assert.equal(await shell(/-d message=/, client), '');
    const { messages } = await ok(api.exchange('POST', '/_ah/channel/open',
      { json: { token } }), 200);
    assert.deepEqual(messages.map((/** @type {any} */ m) => m.data),
      ['Good morning']);
  });

  test('signs', async () => {
    const client = await app.client();
    assert.equal(await shell(/hexkey/, client.id), '');
    assert.deepEqual(await client.open(), ['Good morning']);
  });
});
