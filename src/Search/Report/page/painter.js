// What is drawn into the chart: bands, dots, front, references, winners.

/**
 * @typedef {import('./data.js').Group} Group
 * @typedef {import('./data.js').Reference} Reference
 * @typedef {import('./plane.js').Plane} Plane
 * @typedef {import('./points.js').Points} Points
 * @typedef {import('./theme.js').Colours} Colours
 * @typedef {{
 *   points: Points, front: { x: number, y: number }[], bands: { name: string, low: number, high: number }[], references: { name: string, x: number }[],
 *   winners: { label: string, x: number, y: number }[] }} Scene
 */

/** Dots in view up to which each is a disc of its own; more become cells, which stay quick in any number. */
const mostDiscs = 4000;

/** @type {(groups: Group[], measure: string) => Scene['bands']} */
export const bandsOf = (groups, measure) =>
  groups.filter(g => g.bounds[measure]).map(g => ({ name: g.name, low: g.bounds[measure][0], high: g.bounds[measure][1] }));

/** @type {(references: Reference[], measure: string) => Scene['references']} */
export const referencesOf = (references, measure) =>
  references.filter(r => measure in r.values).map(r => ({ name: r.name, x: r.values[measure] })).sort((a, b) => a.x - b.x);

/**
 * One mark for each architecture, even where it wins several budgets.
 * @type {(winners: { at: number, label: string }[], costs: Float32Array, scores: Float32Array) => Scene['winners']}
 */
export function marksOf(winners, costs, scores) {
  /** @type {Map<number, string[]>} */
  const byPlace = new Map();
  for (const { at, label } of winners.filter(w => Number.isFinite(scores[w.at]))) byPlace.set(at, [...byPlace.get(at) ?? [], label]);
  return [...byPlace].map(([at, labels]) => ({ label: labels.join('·'), x: costs[at], y: scores[at] }));
}

/** A colour at three opacities, as the pixels of a little-endian image: one dot, two, more. */
function shades(/** @type {string} */ colour) {
  const [red, green, blue] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
  return [150, 200, 245].map(alpha => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0);
}

export class Painter {
  #plane;
  #scene;
  /** @type {CanvasRenderingContext2D | null} */
  #brush = null;

  constructor(/** @type {Plane} */ plane, /** @type {Scene} */ scene) {
    this.#plane = plane;
    this.#scene = scene;
  }

  under(/** @type {Colours} */ colours) {
    const { ctx, box } = this.#plane, bottom = box.top + box.height;
    this.#plane.clipped(() => this.#scene.bands.forEach((band, i) => {
      const low = Math.max(box.left, this.#plane.x(band.low)), high = Math.min(box.left + box.width, this.#plane.x(band.high));
      if (high <= low) return;
      ctx.fillStyle = i % 2 ? colours.odd : colours.band;
      ctx.fillRect(low, box.top, high - low, box.height);
      this.#font(11);
      if (high - low < ctx.measureText(band.name).width + 8) return;
      ctx.fillStyle = colours.soft;
      ctx.textAlign = 'center';
      ctx.fillText(band.name, (low + high) / 2, bottom - 7);
    }));
  }

  over(/** @type {Colours} */ colours) {
    this.#plane.clipped(() => { this.#dots(colours); this.#front(colours); });
    this.#references(colours);
    this.#plane.clipped(() => this.#winners(colours));
  }

  #dots(/** @type {Colours} */ colours) {
    const { ctx, box, view } = this.#plane, { xs, ys } = this.#scene.points;
    const start = this.#scene.points.from(view.x0), end = this.#scene.points.from(view.x1);
    // Straight lines by hand: a call for each of a hundred thousand values is too slow.
    const kx = box.width / (view.x1 - view.x0), ky = box.height / (view.y1 - view.y0);
    const ox = box.left - view.x0 * kx, oy = box.top + box.height + view.y0 * ky;
    if (end - start > mostDiscs) {
      this.#heap(colours.dot, start, end, ox, kx, oy, ky);
      return;
    }
    const radius = end - start < 400 ? 3 : 2;
    ctx.globalAlpha = 0.6;
    ctx.fillStyle = colours.dot;
    ctx.beginPath();
    for (let i = start; i < end; i++) {
      const x = ox + xs[i] * kx, y = oy - ys[i] * ky;
      ctx.moveTo(x + radius, y);
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
    }
    ctx.fill();
    ctx.globalAlpha = 1;
  }

  /**
   * Many dots: squares of the plane, the darker the more dots lie in them; one picture, however many.
   * @type {(colour: string, start: number, end: number, ox: number, kx: number, oy: number, ky: number) => void}
   */
  #heap(colour, start, end, ox, kx, oy, ky) {
    const { ctx, box } = this.#plane, { xs, ys } = this.#scene.points;
    const cell = 2, columns = Math.ceil(box.width / cell), rows = Math.ceil(box.height / cell);
    const brush = this.#brushFor(columns, rows), image = brush.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer), [light, middle, full] = shades(colour);
    for (let i = start; i < end; i++) {
      const column = Math.floor((ox + xs[i] * kx - box.left) / cell), row = Math.floor((oy - ys[i] * ky - box.top) / cell);
      if (column < 0 || column >= columns || row < 0 || row >= rows) continue;
      const at = row * columns + column, before = pixels[at];
      pixels[at] = before === 0 ? light : before === light ? middle : full;
    }
    brush.putImageData(image, 0, 0);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(brush.canvas, box.left, box.top, columns * cell, rows * cell);
  }

  #brushFor(/** @type {number} */ columns, /** @type {number} */ rows) {
    const brush = this.#brush ??= /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d'));
    if (brush.canvas.width !== columns || brush.canvas.height !== rows) [brush.canvas.width, brush.canvas.height] = [columns, rows];
    return brush;
  }

  /** Between two members of the front nothing better is known than the cheaper one: a stair, not a slope. */
  #front(/** @type {Colours} */ colours) {
    const { ctx, box } = this.#plane, steps = this.#scene.front.map(step => ({ x: this.#plane.x(step.x), y: this.#plane.y(step.y) }));
    if (steps.length === 0) return;
    ctx.strokeStyle = colours.front;
    ctx.lineWidth = 2;
    ctx.beginPath();
    ctx.moveTo(steps[0].x, steps[0].y);
    for (let i = 1; i < steps.length; i++) {
      ctx.lineTo(steps[i].x, steps[i - 1].y);
      ctx.lineTo(steps[i].x, steps[i].y);
    }
    const last = steps[steps.length - 1];
    ctx.lineTo(Math.max(last.x, box.left + box.width), last.y);
    ctx.stroke();
  }

  /** Names that would touch the one before go a line up. */
  #references(/** @type {Colours} */ colours) {
    const { ctx, box } = this.#plane, line = 13, right = box.left + box.width;
    const ends = [-Infinity, -Infinity, -Infinity];
    ctx.save();
    this.#font(11);
    for (const reference of this.#scene.references) {
      const x = this.#plane.x(reference.x);
      if (x < box.left || x > right) continue;
      const half = ctx.measureText(reference.name).width / 2;
      const centre = Math.min(x, right - half);
      const row = ends.findIndex(end => centre - half > end);
      ctx.strokeStyle = colours.soft;
      ctx.lineWidth = 1;
      ctx.setLineDash([4, 4]);
      ctx.beginPath();
      ctx.moveTo(x, box.top);
      ctx.lineTo(x, box.top + box.height);
      ctx.stroke();
      ctx.setLineDash([]);
      if (row < 0) continue;
      ends[row] = centre + half + 6;
      ctx.fillStyle = colours.ink;
      ctx.textAlign = 'center';
      ctx.fillText(reference.name, centre, box.top - 5 - row * line);
    }
    ctx.restore();
  }

  #winners(/** @type {Colours} */ colours) {
    const { ctx } = this.#plane;
    // Neighbours come close together on a phone.
    const size = this.#plane.box.width < 424 ? 9 : 11, radius = 0.8 * size;
    this.#font(size, 700);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const winner of this.#scene.winners) {
      const x = this.#plane.x(winner.x), y = this.#plane.y(winner.y);
      const half = Math.max(0, ctx.measureText(winner.label).width / 2 - radius / 2);
      ctx.beginPath();
      ctx.roundRect(x - half - radius, y - radius, 2 * (half + radius), 2 * radius, radius);
      ctx.fillStyle = colours.win;
      ctx.strokeStyle = colours.page;
      ctx.lineWidth = 2;
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = colours.on;
      ctx.fillText(winner.label, x, y + 0.5);
    }
  }

  #font(/** @type {number} */ size, weight = 400) {
    this.#plane.ctx.font = `${weight} ${size}px system-ui, sans-serif`;
  }
}
