// The candidates that the chart shows, by rising cost: sorted, so that the ones near a place are found by bisection.

import type { Page } from './data';

/** What the chart shows; group 0 is all candidates, domain 0 the searched images. */
export interface Selection { task: number; measure: number; group: number; domain: number }

export class Points {
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  readonly ids: Uint32Array;

  private constructor(order: Uint32Array, costs: Float32Array, scores: Float32Array) {
    this.ids = order;
    this.xs = Float32Array.from(order, i => costs[i]);
    this.ys = Float32Array.from(order, i => scores[i]);
  }

  static of(page: Page, { task, measure, group }: Selection): Points {
    const costs = page.measures[measure].values, scores = page.rankings.scores[task];
    const order = sorted(costs).filter(i => page.groups[group].has(i) && Number.isFinite(scores[i]) && Number.isFinite(costs[i]));
    return new Points(order, costs, scores);
  }

  /** Smallest and largest of one side; 0 to 1 where there is nothing. */
  static extent(values: Float32Array): [number, number] {
    if (values.length === 0) return [0, 1];
    let low = Infinity, high = -Infinity;
    for (const value of values) { low = Math.min(low, value); high = Math.max(high, value); }
    return [low, high];
  }

  /** The first place whose cost is at least x. */
  from(x: number): number {
    let low = 0, high = this.xs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.xs[middle] < x) low = middle + 1; else high = middle;
    }
    return low;
  }

  /** The candidate nearest to a place, in units of rx and ry, within one of them; -1 where there is none. */
  nearest(x: number, y: number, rx: number, ry: number): number {
    let found = -1, least = 1;
    for (let i = this.from(x - rx); i < this.xs.length && this.xs[i] <= x + rx; i++) {
      const distance = ((this.xs[i] - x) / rx) ** 2 + ((this.ys[i] - y) / ry) ** 2;
      if (distance < least) { least = distance; found = this.ids[i]; }
    }
    return found;
  }
}

const orders = new WeakMap<Float32Array, Uint32Array>();

/** The candidates by rising cost, once for each measure. */
function sorted(costs: Float32Array): Uint32Array {
  let order = orders.get(costs);
  if (!order) {
    order = Uint32Array.from(costs, (_, i) => i).sort((a, b) => costs[a] - costs[b]);
    orders.set(costs, order);
  }
  return order;
}
