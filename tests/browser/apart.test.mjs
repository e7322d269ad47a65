// A call that finds no way: the log tells of it, and so the cause is named.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { binary } from '../http/letterbox.mjs';
import { until } from '../http/until.mjs';
import { site } from './site.mjs';
import { apart } from './wall.mjs';

const { browser, server } = await site();

/** @param {string[]} words @returns {any[]} lines of JSON */
const told = (...words) => execFileSync(binary(), [...words, '--json', '-d',
  server.data], { encoding: 'utf8' }).trim().split('\n')
  .map((line) => JSON.parse(line));

test('each says once that there is no way; there is no relay, says explain',
  async () => {
    const [ada, bob] = await apart(browser, server.base);
    const [{ name }] = told('rooms');
    const errors = () => told('log', name)
      .filter(({ type }) => type === 'error');
    await until('both have said so', () => errors().length >= 2);
    const said = errors();
    assert.deepEqual(said.map(({ body }) => body.code),
      ['connection-failed', 'connection-failed']);
    assert.equal(new Set(said.map(({ from }) => from)).size, 2);
    assert.equal(told('explain', name)[0].findings[0].rule, 'no-relay');
    assert.deepEqual([...ada.complaints, ...bob.complaints], []);
  });
