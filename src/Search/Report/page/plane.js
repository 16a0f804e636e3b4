// A canvas with two axes: pixels for values, a grid and numbers along it at round values. What lies below and above the grid is the caller's to paint. All lengths are CSS pixels.

import { h } from './dom.js';
import { marks } from './format.js';
import { colours, onThemeChange } from './theme.js';
import { View } from './view.js';

/**
 * @typedef {import('./theme.js').Colours} Colours
 * @typedef {(values: number[]) => string[]} Labels
 * @typedef {(colours: Colours) => void} Paint
 */

/**
 * The spaces are what a number takes along each axis.
 * @typedef {{
 *   size(): { width: number, height: number }, margins: { top: number, right: number, bottom: number, left: number }, font: number,
 *   spaces: { x: number, y: number }, labels: { x: Labels, y: Labels }, under?: Paint, over: Paint }} Style
 */

export class Plane {
  /** Where the grid is on the canvas. */
  box = { left: 0, top: 0, width: 0, height: 0 };
  /** An element over the grid, for pointers. */
  over = h('div', { class: 'over' });
  view = View.over([0, 1], [0, 1]);
  #style;
  #canvas = h('canvas');
  #waiting = false;

  /** @param {HTMLElement} host gets the canvas and is watched for its size. @param {Style} style */
  constructor(host, style) {
    this.#style = style;
    this.ctx = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    host.append(h('div', { class: 'plane' }, this.#canvas, this.over));
    this.#fit(style.size());
    new ResizeObserver(() => this.resize()).observe(host);
    // A window moved to another screen may keep its size and change its resolution.
    addEventListener('resize', () => this.resize());
    onThemeChange(() => this.redraw());
  }

  look(/** @type {View} */ view) {
    this.view = view;
    this.redraw();
  }

  /** Places of values on the canvas. */
  x(/** @type {number} */ value) { const { x0, x1 } = this.view; return this.box.left + (value - x0) / (x1 - x0) * this.box.width; }

  y(/** @type {number} */ value) { const { y0, y1 } = this.view; return this.box.top + (y1 - value) / (y1 - y0) * this.box.height; }

  /** The values at a place over the grid. */
  valuesAt(/** @type {number} */ x, /** @type {number} */ y) {
    const { x0, x1, y0, y1 } = this.view;
    return { x: x0 + x / this.box.width * (x1 - x0), y: y1 - y / this.box.height * (y1 - y0) };
  }

  /** Paints at the next frame, however often it is asked for until then. */
  redraw() {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => { this.#waiting = false; this.#draw(); });
  }

  /** Takes the size and paints at once: what prints does not wait for a frame. */
  resize(size = this.#style.size()) {
    this.#fit(size);
    this.#draw();
  }

  #fit(/** @type {{ width: number, height: number }} */ size) {
    const { top, right, bottom, left } = this.#style.margins;
    this.box = { left, top, width: size.width - left - right, height: size.height - top - bottom };
    const [width, height] = [Math.round(size.width * devicePixelRatio), Math.round(size.height * devicePixelRatio)];
    // Even an equal size would clear it.
    if (this.#canvas.width !== width || this.#canvas.height !== height) [this.#canvas.width, this.#canvas.height] = [width, height];
    Object.assign(this.#canvas.style, { width: `${size.width}px`, height: `${size.height}px` });
    Object.assign(this.over.style, { left: `${left}px`, top: `${top}px`, width: `${this.box.width}px`, height: `${this.box.height}px` });
  }

  /** Draws with nothing going over the edges of the grid. */
  clipped(/** @type {() => void} */ draw) {
    const { ctx, box } = this;
    ctx.save();
    ctx.beginPath();
    ctx.rect(box.left, box.top, box.width, box.height);
    ctx.clip();
    draw();
    ctx.restore();
  }

  #draw() {
    const { ctx } = this, now = colours();
    ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    ctx.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#style.under?.(now);
    this.#grid(now);
    this.#style.over(now);
  }

  #grid(/** @type {Colours} */ { soft, rule }) {
    const { ctx, box } = this, { x0, x1, y0, y1 } = this.view, { font, spaces, labels } = this.#style;
    const xs = marks(x0, x1, box.width / spaces.x), ys = marks(y0, y1, box.height / spaces.y), tick = 5;
    const bottom = box.top + box.height;
    ctx.save();
    ctx.beginPath();
    for (const value of xs) {
      const x = Math.round(this.x(value)) + 0.5;
      ctx.moveTo(x, box.top);
      ctx.lineTo(x, bottom + tick);
    }
    for (const value of ys) {
      const y = Math.round(this.y(value)) + 0.5;
      ctx.moveTo(box.left - tick, y);
      ctx.lineTo(box.left + box.width, y);
    }
    ctx.strokeStyle = rule;
    ctx.lineWidth = 1;
    ctx.stroke();
    ctx.font = `${font}px system-ui, sans-serif`;
    ctx.fillStyle = soft;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'top';
    labels.x(xs).forEach((text, i) => ctx.fillText(text, this.x(xs[i]), bottom + 2 * tick));
    ctx.textAlign = 'right';
    ctx.textBaseline = 'middle';
    labels.y(ys).forEach((text, i) => ctx.fillText(text, box.left - 2 * tick, this.y(ys[i])));
    ctx.restore();
  }
}
