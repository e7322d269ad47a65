/**
 * `/_ah/channel/jsapi`: the Channel API of App Engine, as pages know it.
 *
 *   const socket = new goog.appengine.Channel(token).open();
 *   socket.onmessage = ({data}) => ...;
 *
 * The program serves these modules joined to one classic script
 * (schema/script.py), which runs in `<head>` as well. The pages are old, and
 * some of their browsers too: nothing newer than ES2017 here.
 */

import {Place} from './place.js';
import {Socket} from './socket.js';

/** Only now, while it runs, the page says which script it is. */
const place = Place.here();

class Channel {
  /** @param {string} token that the application has got for its client */
  constructor(token) {
    this._token = String(token);
  }

  /**
   * @param {import('./socket.js').Handlers} [handlers] may come later, too
   * @returns {Socket}
   */
  open(handlers) {
    return new Socket(place, this._token, handlers);
  }
}

const page = /** @type {any} */ (self);
page.goog = page.goog || {};
page.goog.appengine = page.goog.appengine || {};
page.goog.appengine.Channel = Channel;
page.goog.appengine.Socket = Socket;
