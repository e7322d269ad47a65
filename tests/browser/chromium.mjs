// A headless Chromium with a camera and a microphone that are not real.

import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage',
  '--disable-background-networking',
  // A picture that moves, but slowly: software encodes it, many times over.
  '--use-fake-device-for-media-stream=fps=10',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // A machine that has nothing but the loopback interface is enough.
  '--allow-loopback-in-peer-connection',
];

/** Of the address bar, which nobody sees here: two pages of the browser's own
 * for each context, half of all the work. */
const ADDRESS_BAR = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];

/** @param {{cache?: boolean, hidden?: boolean}} [options] cache: with the
 *   back/forward cache; hidden: with local addresses behind names */
export function launch({ cache = false, hidden = false } = {}) {
  const without = hidden ? ADDRESS_BAR
    : [...ADDRESS_BAR, 'WebRtcHideLocalIpsWithMdns'];
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // Who may use the camera shows addresses.
    args: [...FLAGS.filter((flag) => !hidden || !flag.includes('fake-ui')),
      `--disable-features=${without}`],
    ignoreDefaultArgs: cache ? ['--disable-back-forward-cache'] : [],
  });
}
