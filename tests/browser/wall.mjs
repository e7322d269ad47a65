// Two behind a firewall that lets nothing through.

import { Visitor } from './visitor.mjs';

/** In a page: what the other one names leads to a port where nobody is. */
function wall() {
  const self = /** @type {any} */ (globalThis).RTCPeerConnection.prototype;
  const add = self.addIceCandidate;
  self.addIceCandidate = function (/** @type {any} */ it) {
    const words = it?.candidate?.split(' ') ?? [];
    if (words[5]) words.splice(4, 2, '127.0.0.1', '61009');
    return add.call(this, words[5] ?
      { ...it, candidate: words.join(' ') } : it);
  };
}

/**
 * Ada and Bob in a room, with no way from one to the other.
 * @param {import('playwright-core').Browser} browser
 * @param {string} base
 */
export async function apart(browser, base) {
  /** @param {string} address */
  const visitor = async (address) => {
    const page = await browser.newPage({
      viewport: { width: 1180, height: 800 } });
    await page.addInitScript(wall);
    await page.goto(address);
    return new Visitor(page);
  };
  const ada = await visitor(`${base}/`);
  await ada.page.fill('#name', 'Ada');
  await ada.page.click('#start button');
  await ada.status(/Nobody else is here/);
  const bob = await visitor(await ada.invitation);
  await bob.enter('Bob');
  // It takes Chromium 15 s to give up.
  for (const one of [ada, bob]) one.page.setDefaultTimeout(60_000);
  await ada.status(/No way to Bob was found/);
  await bob.status(/No way to Ada was found/);
  return [ada, bob];
}
