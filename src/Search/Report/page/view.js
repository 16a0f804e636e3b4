// The part of the plane that a chart shows.

/** @typedef {[low: number, high: number]} Range */

export class View {
  /** @type {View | null} */
  #home;

  /** @param {number} x0 @param {number} x1 @param {number} y0 @param {number} y1 @param {View | null} home */
  constructor(x0, x1, y0, y1, home) {
    this.x0 = x0;
    this.x1 = x1;
    this.y0 = y0;
    this.y1 = y1;
    this.#home = home;
  }

  /** A view over ranges with some air round them, to which all zooming and panning refers. */
  static over(/** @type {Range} */ [x0, x1], /** @type {Range} */ [y0, y1]) {
    const [ax, ay] = [air(x0, x1), air(y0, y1)];
    return new View(Math.max(x0 >= 0 ? 0 : -Infinity, x0 - ax), x1 + ax, y0 - ay, y1 + ay, null);
  }

  /** @returns {View} */
  get all() { return this.#home ?? this; }

  /** Factor below 1 comes closer; the point at fractions (fx, fy) of the view stays in its place. */
  zoom(/** @type {number} */ factor, fx = 0.5, fy = 0.5) {
    const all = this.all;
    // From twice the whole down to what 32-bit columns still tell apart.
    const width = clamp((this.x1 - this.x0) * factor, (all.x1 - all.x0) * 1e-4, (all.x1 - all.x0) * 2);
    const height = clamp((this.y1 - this.y0) * factor, (all.y1 - all.y0) * 1e-4, (all.y1 - all.y0) * 2);
    const x = this.x0 + fx * (this.x1 - this.x0 - width), y = this.y0 + fy * (this.y1 - this.y0 - height);
    return new View(x, x + width, y, y + height, all);
  }

  /** Moves by fractions of the view; some of the whole stays in sight. */
  pan(/** @type {number} */ fx, /** @type {number} */ fy) {
    const all = this.all, width = this.x1 - this.x0, height = this.y1 - this.y0;
    const x = clamp(this.x0 + fx * width, all.x0 - 0.9 * width, all.x1 - 0.1 * width);
    const y = clamp(this.y0 + fy * height, all.y0 - 0.9 * height, all.y1 - 0.1 * height);
    return new View(x, x + width, y, y + height, all);
  }
}

/** @type {(low: number, high: number) => number} */
const air = (low, high) => high > low ? 0.05 * (high - low) : Math.max(0.1 * Math.abs(low), 1e-6);

/** @type {(value: number, low: number, high: number) => number} */
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
