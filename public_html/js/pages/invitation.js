/**
 * What every page of a room does: its invitation is copied, and whoever comes
 * back to the page comes to the room.
 */

/**
 * @param {HTMLInputElement} link the invitation
 * @param {(text: string) => void} say
 */
export function offerCopies(link, say) {
  for (const button of document.querySelectorAll('.copy')) {
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(link.value);
        say('The invitation is copied. ' +
          'Send it to the one you want to talk to.');
      } catch {
        say('The browser does not let this page copy. ' +
          `Send this: ${link.value}`);
      }
    });
  }
}

/** Connections do not survive the back/forward cache; a reload does. */
export function reloadFromCache() {
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}
