/**
 * `onopen` and its like, as HTML wants them ("event handlers"): one keeps the
 * place among the listeners that it got when it was set first, and holds any
 * object, though only a function is called.
 */

/**
 * @typedef {{value: any, listener: (event: Event) => void}} Handler
 * @type {WeakMap<object, Map<string, Handler>>}
 */
const all = new WeakMap();

/** @param {object} target will have handlers */
export function prepare(target) {
  all.set(target, new Map());
}

/** @param {object} target */
function of(target) {
  const handlers = all.get(target);
  if (!handlers) throw new TypeError('Illegal invocation');
  return handlers;
}

/**
 * @param {EventTarget} prototype
 * @param {string} type
 */
export function define(prototype, type) {
  const name = `on${type}`;
  const accessors = Object.getOwnPropertyDescriptor({
    /** @this {EventTarget} */
    get [name]() {
      return /** @type {any} */ (of(this).get(type)?.value ?? null);
    },
    /** @this {EventTarget} @param {any} value */
    set [name](value) {
      set(this, type, value);
    },
  }, name);
  Object.defineProperty(prototype, name, /** @type {any} */ (accessors));
}

/**
 * @param {EventTarget} target
 * @param {string} type
 * @param {any} value
 */
function set(target, type, value) {
  const handlers = of(target);
  const old = handlers.get(type);
  const none = value === null ||
    (typeof value !== 'object' && typeof value !== 'function');
  if (none) {
    if (old) target.removeEventListener(type, old.listener);
    handlers.delete(type);
  } else if (old) {
    old.value = value;
  } else {
    /** @type {Handler} */
    const handler = {value, listener(event) {
      if (typeof handler.value === 'function') {
        handler.value.call(target, event);
      }
    }};
    handlers.set(type, handler);
    target.addEventListener(type, handler.listener);
  }
}
