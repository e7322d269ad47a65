// Through each front end two people see each other: the real pages from the
// web server itself, the configuration that people copy.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launch } from '../browser/chromium.mjs';
import { Visitor } from '../browser/visitor.mjs';
import { FRONTS } from '../http/fronts/table.mjs';
import { startServer } from '../http/harness.mjs';

/** With a process of Apache for each connection; mod_cgi is there only. */
const PREFORK = process.env.SOAK
  ? ['apache-cgid', 'apache-fcgid', 'apache-proxy'] : ['apache-cgid'];

/** @type {{front: string, mpm?: string}[]} */
const ALL = [...Object.keys(FRONTS).map((front) => ({ front })),
  ...PREFORK.map((front) => ({ front, mpm: 'prefork' }))];

/** What the configuration of a new installation says of seats. */
const SEATS = { seats_processes: 8, seats_threads: 64, spare_processes: 5 };

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

describe('two people see each other', { concurrency: 2 }, () => {
  for (const { front, mpm } of ALL)
    test([`through ${front}`, mpm].filter(Boolean).join(' under '),
      async (t) => {
        const server = await startServer({ front, mpm, static: true,
          cold: true, conf: SEATS });
        t.after(() => server.stop());
        const ada = await Visitor.start(browser, server.base, 'Ada');
        t.after(() => ada.close());
        const bob = await Visitor.come(browser, await ada.invitation, 'Bob');
        t.after(() => bob.close());
        await Promise.all([ada.status(/Connected with Bob/),
          bob.status(/Connected with Ada/)]);
        await Promise.all([ada.sees(), bob.sees()]);
        await bob.says('Hello Ada');
        await ada.hears('Hello Ada');
        assert.deepEqual([...ada.complaints, ...bob.complaints], []);
      });
});
