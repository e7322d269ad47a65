/**
 * Where the server is: beside this script, of whose address only the end
 * changes. So it may stand anywhere, `letterbox.cgi?path=/_ah/channel/jsapi`
 * included.
 */

const USUAL = '/_ah/channel/jsapi';

export class Place {
  /** @param {string} script its whole address */
  constructor(script) {
    const url = new URL(script);
    const path = url.searchParams.get('path');
    url.hash = '';
    if (path && path.endsWith('/jsapi')) {
      url.search = '';
      this.base = `${url.href}?path=${encodeURI(parent(path))}`;
      this.mark = '&';
    } else {
      url.search = '';
      this.base = parent(url.href);
      this.mark = '?';
    }
  }

  /** Of the script that runs at this moment. */
  static here() {
    const script = document.currentScript || Array.from(document.scripts)
      .find(({src}) => src.includes(USUAL));
    const src = script instanceof HTMLScriptElement && script.src;
    return new Place(new URL(src || USUAL, location.href).href);
  }

  /**
   * @param {string} word the last part of the path
   * @param {Record<string, string>} [query]
   */
  of(word, query) {
    const more = query ? this.mark + new URLSearchParams(query) : '';
    return this.base + word + more;
  }
}

/** @param {string} path */
function parent(path) {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
