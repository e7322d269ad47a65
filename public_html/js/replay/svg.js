/**
 * Writes shapes as an SVG document that stands alone: no script, no style
 * sheet, nothing from elsewhere.
 */

import {plain} from './plain.js';

/** @typedef {import('./ladder.js').Shape} Shape */
/** @typedef {import('./marks.js').Palette} Palette */

const FONT = 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif';

/** @type {Record<string, string>} */
const ENTITIES = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};

/** @param {string} text that is plain already (plain.js) */
function escape(text) {
  return text.replace(/[&<>"]/g, (each) => ENTITIES[each]);
}

/** @param {number} value px, to a tenth */
function px(value) {
  return String(Math.round(value * 10) / 10);
}

/**
 * @param {Shape[]} shapes
 * @param {{width: number, height: number, title: string, palette: Palette}} how
 * @returns {string}
 */
export function svg(shapes, {width, height, title, palette}) {
  const size = `width="${px(width)}" height="${px(height)}"`;
  return '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" ` +
    `viewBox="0 0 ${px(width)} ${px(height)}" font-size="12" ` +
    `font-family="${FONT}">\n<title>${escape(plain(title))}</title>\n` +
    `<rect ${size} fill="${palette.paper}"/>\n` +
    `${shapes.map((shape) => element(shape, palette)).join('\n')}\n</svg>\n`;
}

/**
 * Moves shapes down.
 * @param {Shape[]} shapes
 * @param {number} by px
 * @returns {Shape[]}
 */
export function lowered(shapes, by) {
  return shapes.map((shape) => {
    const pairs = shape.shape === 'rect' ? 2 : Infinity;
    return {...shape, at: shape.at.map((value, i) =>
      i % 2 && i < pairs ? value + by : value)};
  });
}

/** @param {Shape} it @param {Palette} palette */
function element(it, palette) {
  const colour = palette[it.colour];
  const fade = it.fade !== undefined && it.fade < 1
    ? ` opacity="${it.fade}"` : '';
  const [x, y, w, h] = it.at.map(px);
  switch (it.shape) {
    case 'line': {
      const dash = it.dash?.length
        ? ` stroke-dasharray="${it.dash.join(' ')}"` : '';
      return `<path d="M${x} ${y}L${w} ${h}" stroke="${colour}" ` +
        `stroke-width="${it.width}" stroke-linecap="round"${dash}${fade}/>`;
    }
    case 'polygon':
      return `<polygon points="${it.at.map(px).join(' ')}" ` +
        `fill="${colour}"${fade}/>`;
    case 'circle':
      return `<circle cx="${x}" cy="${y}" r="${it.width}" ` +
        `fill="${colour}"${fade}/>`;
    case 'rect':
      return `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="4" ` +
        `fill="${colour}"${fade}/>`;
    case 'text': {
      const bold = it.bold ? ' font-weight="600"' : '';
      return `<text x="${x}" y="${y}" text-anchor="${it.align ?? 'start'}" ` +
        `fill="${colour}"${bold}${fade}>${escape(it.text ?? '')}</text>`;
    }
  }
}
