// The candidates that the chart shows, by rising cost: sorted, so that the ones near a place are found by bisection.

/** @typedef {import('./data.js').Page} Page */

/**
 * What the chart shows; group 0 is all candidates, domain 0 the searched images.
 * @typedef {{ task: number, measure: number, group: number, domain: number }} Selection
 */

export class Points {
  /** @param {Uint32Array} order @param {Float32Array} costs @param {Float32Array} scores */
  constructor(order, costs, scores) {
    this.ids = order;
    this.xs = Float32Array.from(order, i => costs[i]);
    this.ys = Float32Array.from(order, i => scores[i]);
  }

  static none = new Points(new Uint32Array(), new Float32Array(), new Float32Array());

  static of(/** @type {Page} */ page, /** @type {Selection} */ { task, measure, group }) {
    const costs = page.measures[measure].values, scores = page.rankings.scores[task];
    const order = sorted(costs).filter(i => page.groups[group].has(i) && Number.isFinite(scores[i]) && Number.isFinite(costs[i]));
    return new Points(order, costs, scores);
  }

  /** Smallest and largest of one side; 0 to 1 where there is nothing. @type {(values: Float32Array | number[]) => [number, number]} */
  static extent(values) {
    if (values.length === 0) return [0, 1];
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
    return [low, high];
  }

  /** The first place whose cost is at least x. */
  from(/** @type {number} */ x) {
    let low = 0, high = this.xs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.xs[middle] < x) low = middle + 1; else high = middle;
    }
    return low;
  }

  /**
   * The candidate nearest to a place, in units of rx and ry, within one of them; -1 where there is none.
   * @type {(x: number, y: number, rx: number, ry: number) => number}
   */
  nearest(x, y, rx, ry) {
    let found = -1, least = 1;
    for (let i = this.from(x - rx); i < this.xs.length && this.xs[i] <= x + rx; i++) {
      const distance = ((this.xs[i] - x) / rx) ** 2 + ((this.ys[i] - y) / ry) ** 2;
      if (distance < least) { least = distance; found = this.ids[i]; }
    }
    return found;
  }
}

/** @type {WeakMap<Float32Array, Uint32Array>} */
const orders = new WeakMap();

/** The candidates by rising cost, once for each measure. */
function sorted(/** @type {Float32Array} */ costs) {
  let order = orders.get(costs);
  if (!order) {
    order = Uint32Array.from(costs, (_, i) => i).sort((a, b) => costs[a] - costs[b]);
    orders.set(costs, order);
  }
  return order;
}
