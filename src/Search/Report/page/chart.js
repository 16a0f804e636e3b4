// Score against cost, all candidates.

import { winnersOf } from './data.js';
import { prefixOf, ticks } from './format.js';
import { followPointers } from './gestures.js';
import { Painter, bandsOf, marksOf, referencesOf } from './painter.js';
import { Plane } from './plane.js';
import { Points } from './points.js';
import { View } from './view.js';

/**
 * @typedef {import('./data.js').Page} Page
 * @typedef {import('./points.js').Selection} Selection
 * @typedef {{ candidate: number, left: number, top: number }} Place
 */

export class Chart {
  #page;
  #host;
  #plane;
  /** @type {Painter | null} */
  #painter = null;
  /** @type {Selection} */
  #selection = { task: 0, measure: 0, group: 0, domain: 0 };
  #points = Points.none;
  /** @type {[number, string]} */
  #scale = [1, ''];

  /**
   * @param {Page} page
   * @param {HTMLElement} host
   * @param {(place: Place | null) => void} hovered told what the pointer is at, or null.
   * @param {(candidate: number) => void} picked told what was clicked.
   */
  constructor(page, host, hovered, picked) {
    this.#page = page;
    this.#host = host;
    const plane = this.#plane = new Plane(host, {
      size: () => this.#size(),
      margins: { top: 46, right: 14, bottom: 32, left: 62 },
      font: 12,
      spaces: { x: 60, y: 28 },
      labels: { x: values => ticks(values, this.#scale[0]), y: values => ticks(values, 1) },
      under: colours => this.#painter?.under(colours),
      over: colours => this.#painter?.over(colours),
    });
    followPointers(plane.over, {
      hover: at => hovered(at && this.#at(at.x, at.y)),
      pick: at => { const place = this.#at(at.x, at.y); if (place) picked(place.candidate); },
      pan: (dx, dy) => plane.look(plane.view.pan(-dx / plane.box.width, dy / plane.box.height)),
      zoom: (factor, at) => plane.look(plane.view.zoom(factor, at.x / plane.box.width, 1 - at.y / plane.box.height)),
      reset: () => this.reset(),
    });
    // Paper is narrower than a screen, and nothing tells its width beforehand: this fits A4 and Letter.
    addEventListener('beforeprint', () => plane.resize({ width: 680, height: 380 }));
    addEventListener('afterprint', () => plane.resize());
  }

  /** Axis title of the costs: "MACs (G)". */
  get costTitle() {
    const { name, unit } = this.#page.measures[this.#selection.measure], [, prefix] = this.#scale;
    const symbol = prefix + (unit.length <= 2 ? unit : '');
    return symbol ? `${name} (${symbol})` : name;
  }

  get shown() { return this.#points.ids.length; }

  /** Positions of the exact front, by rising cost. */
  get front() { return this.#page.rankings.fronts[this.#selection.task][this.#selection.measure][this.#selection.group]; }

  show(/** @type {Selection} */ selection) {
    this.#selection = selection;
    this.#points = Points.of(this.#page, selection);
    const measure = this.#page.measures[selection.measure], scores = this.#page.rankings.scores[selection.task];
    const scene = {
      points: this.#points,
      front: this.front.map(i => ({ x: measure.values[i], y: scores[i] })),
      bands: bandsOf(this.#page.groups, measure.name),
      references: referencesOf(this.#page.references, measure.name),
      winners: marksOf(winnersOf(this.#page, selection), measure.values, scores),
    };
    const costs = Points.extent(this.#points.xs);
    // References near the candidates come into the picture; far ones, such as a space's Max, would squeeze them into a corner.
    const room = 0.4 * (costs[1] - costs[0]);
    const near = scene.references.map(r => r.x).filter(x => x > costs[0] - room && x < costs[1] + room);
    const view = View.over([Math.min(costs[0], ...near), Math.max(costs[1], ...near)], Points.extent(this.#points.ys));
    this.#scale = prefixOf(view.x1);
    this.#painter = new Painter(this.#plane, scene);
    this.#plane.look(view);
  }

  zoom(/** @type {number} */ factor) { this.#plane.look(this.#plane.view.zoom(factor)); }

  pan(/** @type {number} */ fx, /** @type {number} */ fy) { this.#plane.look(this.#plane.view.pan(fx, fy)); }

  reset() { this.#plane.look(this.#plane.view.all); }

  /** Where a candidate lies in the host, in page pixels; brought into view if it is not. @type {(candidate: number) => Place} */
  placeOf(candidate) {
    const x = this.#page.measures[this.#selection.measure].values[candidate], y = this.#page.rankings.scores[this.#selection.task][candidate];
    const { x0, x1, y0, y1 } = this.#plane.view;
    if (x < x0 || x > x1 || y < y0 || y > y1) this.reset();
    return { candidate, left: this.#plane.x(x), top: this.#plane.y(y) };
  }

  /** The candidate within reach of a place over the grid. @type {(x: number, y: number) => Place | null} */
  #at(x, y) {
    const reach = 14, { width, height } = this.#plane.box, { x0, x1, y0, y1 } = this.#plane.view;
    const here = this.#plane.valuesAt(x, y);
    const candidate = this.#points.nearest(here.x, here.y, reach / width * (x1 - x0), reach / height * (y1 - y0));
    return candidate < 0 ? null : this.placeOf(candidate);
  }

  #size() {
    const width = Math.max(260, this.#host.clientWidth);
    return { width, height: Math.round(Math.min(560, Math.max(330, 0.52 * width))) };
  }
}
