/**
 * Text of strangers as something to look at: what would turn, hide or break it
 * is written out. Where a line may stand, use `lined`.
 */

/* Controls; marks that turn the direction of writing (UAX #9); what fills a
 * place unseen; separators; what is no character at all. Joiners and variation
 * selectors stay: people write with them. */
const ODD = new RegExp('[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f' +
  '\\u061c\\u115f\\u1160\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e' +
  '\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff' +
  '\\ud800-\\udfff]|[\\u{e0000}-\\u{e0fff}]', 'gu');

/** @param {string} text @returns {string} in one line, safe to show */
export function plain(text) {
  return text.replace(ODD, (odd) =>
    `\\u{${odd.codePointAt(0)?.toString(16)}}`);
}

/** @param {string} text @returns {string[]} its lines, each plain */
export function lined(text) {
  return text.split(/\r\n|\n/).map(plain);
}

/**
 * @param {string} text
 * @param {number} most characters
 */
export function short(text, most) {
  const shown = [...plain(text)];
  return shown.length <= most ? shown.join('')
    : `${shown.slice(0, most - 1).join('')}…`;
}

/** How long, in words: 0.42 s, 3.1 s, 2 min 5 s. @param {number} ms */
export function duration(ms) {
  const sign = ms < 0 ? '−' : '';
  const much = Math.abs(ms);
  if (much < 1000) return `${sign}${Math.round(much)} ms`;
  if (much < 59_995) {
    return `${sign}${(much / 1000).toFixed(much < 10_000 ? 2 : 1)} s`;
  }
  const seconds = Math.round(much / 1000);
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  if (minutes < 60) return `${sign}${minutes} min ${rest} s`;
  return `${sign}${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** The same where there is little room: 1:02.3, 1:02:03. @param {number} ms */
export function clock(ms) {
  if (ms < 59_995) return duration(ms);
  const two = (/** @type {number} */ value) => String(value).padStart(2, '0');
  const tenths = Math.round(ms / 100);
  const [seconds, rest] = [Math.floor(tenths / 10) % 60, tenths % 10];
  const [minutes, hours] = [Math.floor(tenths / 600) % 60,
    Math.floor(tenths / 36_000)];
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}`
    : `${minutes}:${two(seconds)}.${rest}`;
}

/** @param {number} count @param {string} noun */
export function counted(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
