/**
 * Paints shapes on a canvas.
 */

/** @typedef {import('../replay/ladder.js').Shape} Shape */
/** @typedef {import('../replay/marks.js').Palette} Palette */

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/**
 * Gives a canvas the size that it has on the screen, in points of the screen.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width px of CSS
 * @param {number} height
 * @returns {CanvasRenderingContext2D} which measures in px of CSS
 */
export function prepare(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext('2d', {alpha: true}));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Shape[]} shapes
 * @param {Palette} palette
 */
export function paint(context, shapes, palette) {
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const shape of shapes) {
    const colour = palette[shape.colour];
    context.globalAlpha = shape.fade ?? 1;
    context.fillStyle = colour;
    context.strokeStyle = colour;
    ways[shape.shape](context, shape);
  }
  context.globalAlpha = 1;
}

/** @type {Record<Shape['shape'], (context: CanvasRenderingContext2D,
 *   shape: Shape) => void>} */
const ways = {
  line(context, {at: [x, y, w, h], width = 1, dash = []}) {
    context.lineWidth = width;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(w, h);
    context.stroke();
  },
  polygon(context, {at}) {
    context.beginPath();
    for (let i = 0; i < at.length; i += 2) context.lineTo(at[i], at[i + 1]);
    context.fill();
  },
  circle(context, {at: [x, y], width = 1}) {
    context.beginPath();
    context.arc(x, y, width, 0, 2 * Math.PI);
    context.fill();
  },
  rect(context, {at: [x, y, w, h]}) {
    context.beginPath();
    context.roundRect(x, y, w, h, 4);
    context.fill();
  },
  text(context, {at: [x, y], text = '', align = 'start', bold}) {
    context.font = bold ? `600 ${FONT}` : FONT;
    context.textAlign = align === 'middle' ? 'center' : align;
    context.fillText(text, x, y);
  },
};

/**
 * A message's mark as a small picture in the text.
 * @param {Shape[]} shapes
 * @param {number} width
 * @param {number} height
 * @returns {SVGSVGElement} coloured by the variables of the page
 */
export function glyph(shapes, width, height) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('width', String(width));
  svg.setAttribute('height', String(height));
  svg.setAttribute('aria-hidden', 'true');
  for (const {shape, at, colour, width: size = 1, dash} of shapes) {
    const path = document.createElementNS(space, 'path');
    const [x, y, w, h] = at;
    path.setAttribute('d', shape === 'line' ? `M${x} ${y}L${w} ${h}`
      : shape === 'rect' ? `M${x} ${y}h${w}v${h}h${-w}z`
        : shape === 'circle'
          ? `M${x - size} ${y}a${size} ${size} 0 1 0 ${2 * size} 0` +
            `a${size} ${size} 0 1 0 ${-2 * size} 0z`
          : `M${at.join(' ')}z`);
    path.style.setProperty(shape === 'line' ? 'stroke' : 'fill',
      `var(--r-${colour})`);
    path.style.fill ||= 'none';
    if (shape === 'line') {
      path.style.strokeWidth = String(size);
      path.style.strokeDasharray = (dash ?? []).join(' ');
    }
    svg.append(path);
  }
  return svg;
}
