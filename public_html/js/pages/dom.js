/**
 * The little that the pages need of the document. Text goes in as text.
 */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`The page has no ${kind.name} called ${id}.`);
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/**
 * @param {string} name
 * @param {string} text
 * @param {string} type of media
 */
export function saveFile(name, text, type) {
  const link = make('a');
  link.href = URL.createObjectURL(new Blob([text], {type}));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Where the API may be: beside the page, unless the page says otherwise. */
export function apiAddresses() {
  const named = document.querySelector('meta[name="letterbox-api"]');
  return (named?.getAttribute('content') ?? 'api').split(/\s+/)
    .filter(Boolean).map((place) => new URL(place, document.baseURI).href);
}

/**
 * Settings that stay with the browser; one that refuses them has none.
 * @param {string} key
 */
export function recall(key) {
  try {
    return localStorage.getItem(`letterbox ${key}`) ?? '';
  } catch {
    return '';
  }
}

/**
 * @param {string} key
 * @param {string} value '' to forget
 */
export function remember(key, value) {
  try {
    if (value) localStorage.setItem(`letterbox ${key}`, value);
    else localStorage.removeItem(`letterbox ${key}`);
  } catch {
    // Then it is asked for again the next time.
  }
}
