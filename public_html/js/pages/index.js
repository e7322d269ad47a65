/**
 * The start page: names a room nobody can guess, or understands an invitation.
 */

import {addressOf, entered, newPlace, understand} from './address.js';
import {byId, recall, remember} from './dom.js';

const name = byId('name', HTMLInputElement);
const where = byId('where', HTMLInputElement);
const error = byId('where-error', HTMLElement);

/**
 * @param {import('./address.js').Place} place
 * @param {boolean} ask for the name first, there
 */
function go(place, ask) {
  remember('name', name.value.trim());
  entered(ask ? '' : place.room);
  location.assign(addressOf(place));
}

name.value = recall('name');

byId('start', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  go(newPlace(), false);
});

byId('join', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  const place = understand(where.value);
  where.setAttribute('aria-invalid', String(!place));
  if (place) return go(place, !name.value.trim());
  error.textContent = 'This is neither an invitation nor the name of a room. ' +
    'A name has 1 to 64 letters, digits, or any of . _ ~ -';
  where.focus();
});
