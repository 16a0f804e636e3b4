// What is drawn into the chart: bands, dots, front, references, winners.

import type uPlot from 'uplot';
import type { Group, Reference } from './data';
import type { Points } from './points';
import type { Colours } from './theme';

/** Dots in view up to which each is a disc of its own; more become cells, which stay quick in any number. */
const mostDiscs = 4000;

export interface Scene {
  points: Points;
  front: { x: number; y: number }[];
  bands: { name: string; low: number; high: number }[];
  references: { name: string; x: number }[];
  winners: { label: string; x: number; y: number }[];
}

export const bandsOf = (groups: Group[], measure: string): Scene['bands'] =>
  groups.filter(g => g.bounds[measure]).map(g => ({ name: g.name, low: g.bounds[measure][0], high: g.bounds[measure][1] }));

export const referencesOf = (references: Reference[], measure: string): Scene['references'] =>
  references.filter(r => measure in r.values).map(r => ({ name: r.name, x: r.values[measure] })).sort((a, b) => a.x - b.x);

/** One mark for each architecture, even where it wins several budgets. */
export function marksOf(winners: { at: number; label: string }[], costs: Float32Array, scores: Float32Array): Scene['winners'] {
  const byPlace = new Map<number, string[]>();
  for (const { at, label } of winners.filter(w => Number.isFinite(scores[w.at]))) byPlace.set(at, [...byPlace.get(at) ?? [], label]);
  return [...byPlace].map(([at, labels]) => ({ label: labels.join('·'), x: costs[at], y: scores[at] }));
}

/** A colour at three opacities, as the pixels of a little-endian image: one dot, two, more. */
function shades(colour: string): number[] {
  const [red, green, blue] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
  return [150, 200, 245].map(alpha => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0);
}

export class Painter {
  private brush: CanvasRenderingContext2D | null = null;

  constructor(private readonly u: uPlot, private readonly scene: Scene, private readonly colours: Colours) {}

  under(): void {
    const { ctx, bbox } = this.u;
    this.clipped(() => this.scene.bands.forEach((band, i) => {
      const low = Math.max(bbox.left, this.x(band.low)), high = Math.min(bbox.left + bbox.width, this.x(band.high));
      if (high <= low) return;
      ctx.fillStyle = i % 2 ? this.colours.odd : this.colours.band;
      ctx.fillRect(low, bbox.top, high - low, bbox.height);
      this.font(11);
      if (high - low < ctx.measureText(band.name).width + 8 * devicePixelRatio) return;
      ctx.fillStyle = this.colours.soft;
      ctx.textAlign = 'center';
      ctx.fillText(band.name, (low + high) / 2, bbox.top + bbox.height - 7 * devicePixelRatio);
    }));
  }

  over(): void {
    this.clipped(() => { this.dots(); this.front(); });
    this.references();
    this.clipped(() => this.winners());
  }

  private dots(): void {
    const { ctx, bbox, scales } = this.u, { xs, ys } = this.scene.points;
    const start = this.scene.points.from(scales.x.min!), end = this.scene.points.from(scales.x.max!);
    // Straight lines by hand: the library's conversion of single values is too slow for a hundred thousand of them.
    const kx = bbox.width / (scales.x.max! - scales.x.min!), ky = bbox.height / (scales.y.max! - scales.y.min!);
    const ox = bbox.left - scales.x.min! * kx, oy = bbox.top + bbox.height + scales.y.min! * ky;
    ctx.fillStyle = this.colours.dot;
    if (end - start <= mostDiscs) {
      const radius = (end - start < 400 ? 3 : 2) * devicePixelRatio;
      ctx.globalAlpha = 0.6;
      ctx.beginPath();
      for (let i = start; i < end; i++) {
        const x = ox + xs[i] * kx, y = oy - ys[i] * ky;
        ctx.moveTo(x + radius, y);
        ctx.arc(x, y, radius, 0, 2 * Math.PI);
      }
      ctx.fill();
    } else {
      this.heap(start, end, ox, kx, oy, ky);
    }
    ctx.globalAlpha = 1;
  }

  /** Many dots: squares of the plane, the darker the more dots lie in them; one picture, however many. */
  private heap(start: number, end: number, ox: number, kx: number, oy: number, ky: number): void {
    const { ctx, bbox } = this.u, { xs, ys } = this.scene.points;
    const cell = 2 * devicePixelRatio, columns = Math.ceil(bbox.width / cell), rows = Math.ceil(bbox.height / cell);
    const brush = this.brushFor(columns, rows), image = brush.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer), [light, middle, full] = shades(this.colours.dot);
    for (let i = start; i < end; i++) {
      const column = Math.floor((ox + xs[i] * kx - bbox.left) / cell), row = Math.floor((oy - ys[i] * ky - bbox.top) / cell);
      if (column < 0 || column >= columns || row < 0 || row >= rows) continue;
      const at = row * columns + column, before = pixels[at];
      pixels[at] = before === 0 ? light : before === light ? middle : full;
    }
    brush.putImageData(image, 0, 0);
    ctx.imageSmoothingEnabled = false;
    ctx.drawImage(brush.canvas, bbox.left, bbox.top, columns * cell, rows * cell);
  }

  private brushFor(columns: number, rows: number): CanvasRenderingContext2D {
    const canvas = this.brush?.canvas ?? document.createElement('canvas');
    if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
    return this.brush ??= canvas.getContext('2d')!;
  }

  /** Between two members of the front nothing better is known than the cheaper one: a stair, not a slope. */
  private front(): void {
    const { ctx, bbox } = this.u, steps = this.scene.front;
    if (steps.length === 0) return;
    ctx.strokeStyle = this.colours.front;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(this.x(steps[0].x), this.y(steps[0].y));
    for (let i = 1; i < steps.length; i++) {
      ctx.lineTo(this.x(steps[i].x), this.y(steps[i - 1].y));
      ctx.lineTo(this.x(steps[i].x), this.y(steps[i].y));
    }
    ctx.lineTo(Math.max(this.x(steps[steps.length - 1].x), bbox.left + bbox.width), this.y(steps[steps.length - 1].y));
    ctx.stroke();
  }

  /** Names that would touch the one before go a line up. */
  private references(): void {
    const { ctx, bbox } = this.u, line = 13 * devicePixelRatio;
    const ends = [-Infinity, -Infinity, -Infinity];
    ctx.save();
    this.font(11);
    for (const reference of this.scene.references) {
      const x = this.x(reference.x);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const half = ctx.measureText(reference.name).width / 2;
      const centre = Math.min(x, bbox.left + bbox.width - half);
      const row = ends.findIndex(end => centre - half > end);
      ctx.strokeStyle = this.colours.soft;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
      if (row < 0) continue;
      ends[row] = centre + half + 6 * devicePixelRatio;
      ctx.fillStyle = this.colours.ink;
      ctx.textAlign = 'center';
      ctx.fillText(reference.name, centre, bbox.top - 5 * devicePixelRatio - row * line);
    }
    ctx.restore();
  }

  private winners(): void {
    const { ctx } = this.u;
    // Neighbours come close together on a phone.
    const size = this.u.width < 500 ? 9 : 11;
    this.font(size, 700);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const winner of this.scene.winners) {
      const x = this.x(winner.x), y = this.y(winner.y), radius = 0.8 * size * devicePixelRatio;
      const half = Math.max(0, ctx.measureText(winner.label).width / 2 - radius / 2);
      ctx.beginPath();
      ctx.roundRect(x - half - radius, y - radius, 2 * (half + radius), 2 * radius, radius);
      ctx.fillStyle = this.colours.win;
      ctx.strokeStyle = this.colours.page;
      ctx.lineWidth = 2 * devicePixelRatio;
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = this.colours.on;
      ctx.fillText(winner.label, x, y + devicePixelRatio / 2);
    }
  }

  private x(value: number): number { return this.u.valToPos(value, 'x', true); }

  private y(value: number): number { return this.u.valToPos(value, 'y', true); }

  private font(size: number, weight = 400): void {
    this.u.ctx.font = `${weight} ${size * devicePixelRatio}px system-ui, sans-serif`;
    // The axes leave theirs behind.
    this.u.ctx.textBaseline = 'alphabetic';
  }

  private clipped(draw: () => void): void {
    const { ctx, bbox } = this.u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    draw();
    ctx.restore();
  }
}
