/**
 * The views of the page as tabs: arrows go from one to the next.
 */

import {byId} from './dom.js';

const NAMES = ['story', 'compare', 'again'];

/** @param {string} name of the view to show */
export function showTab(name) {
  for (const each of NAMES) {
    const tab = byId(`tab-${each}`, HTMLButtonElement);
    tab.setAttribute('aria-selected', String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
    byId(each, HTMLElement).hidden = each !== name;
  }
}

export function bindTabs() {
  NAMES.forEach((name, index) => {
    const tab = byId(`tab-${name}`, HTMLButtonElement);
    tab.addEventListener('click', () => showTab(name));
    tab.addEventListener('keydown', (event) => {
      const by = {ArrowRight: 1, ArrowLeft: -1}[event.key];
      if (!by) return;
      event.preventDefault();
      const next = NAMES[(index + by + NAMES.length) % NAMES.length];
      showTab(next);
      byId(`tab-${next}`, HTMLButtonElement).focus();
    });
  });
}
