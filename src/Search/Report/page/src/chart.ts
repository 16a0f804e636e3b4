// Score against cost, all candidates: uPlot for axes, grid and the canvas, the rest drawn into it.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { winnersOf, type Page } from './data';
import { prefixOf, ticks } from './format';
import { followPointers } from './gestures';
import { Painter, bandsOf, marksOf, referencesOf, type Scene } from './painter';
import { Points, type Selection } from './points';
import { colours, onThemeChange } from './theme';
import { View } from './view';

export interface Place { candidate: number; left: number; top: number }

export class Chart {
  private readonly plot: uPlot;
  private points!: Points;
  private painter!: Painter;
  private scene!: Scene;
  private view!: View;
  private selection!: Selection;
  private scale: [number, string] = [1, ''];

  /** @param hovered told what the pointer is at, or null. @param picked told what was clicked. */
  constructor(private readonly page: Page, private readonly host: HTMLElement, hovered: (place: Place | null) => void, picked: (candidate: number) => void) {
    const axis = { font: '12px system-ui, sans-serif', stroke: () => colours().soft, grid: { stroke: () => colours().rule, width: 1 }, ticks: { stroke: () => colours().rule, width: 1, size: 5 } };
    const asTold = (_: uPlot, low: number, high: number): [number, number] => [low, high];
    this.plot = new uPlot({
      ...this.size(),
      padding: [46, 14, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, auto: false, range: asTold }, y: { auto: false, range: asTold } },
      axes: [
        { ...axis, size: 32, values: (_, splits) => ticks(splits, this.scale[0]) },
        { ...axis, size: 62, values: (_, splits) => ticks(splits, 1) },
      ],
      series: [{}, { points: { show: false }, paths: () => null }],
      hooks: { drawClear: [() => this.painter?.under()], draw: [() => this.painter?.over()] },
    }, [[], []], host);
    followPointers(this.plot.over, {
      hover: at => hovered(at && this.at(at.x, at.y)),
      pick: at => { const place = this.at(at.x, at.y); if (place) picked(place.candidate); },
      pan: (dx, dy) => this.look(this.view.pan(-dx / this.plot.over.clientWidth, dy / this.plot.over.clientHeight)),
      zoom: (factor, at) => this.look(this.view.zoom(factor, at.x / this.plot.over.clientWidth, 1 - at.y / this.plot.over.clientHeight)),
      reset: () => this.reset(),
    });
    new ResizeObserver(() => this.plot.setSize(this.size())).observe(host);
    onThemeChange(() => this.repaint());
    // Paper is narrower than a screen, and nothing tells its width beforehand: this fits A4 and Letter.
    addEventListener('beforeprint', () => this.plot.setSize({ width: 680, height: 380 }));
    addEventListener('afterprint', () => this.plot.setSize(this.size()));
  }

  /** Axis title of the costs: "MACs (G)". */
  get costTitle(): string {
    const { name, unit } = this.page.measures[this.selection.measure], [, prefix] = this.scale;
    const symbol = prefix + (unit.length <= 2 ? unit : '');
    return symbol ? `${name} (${symbol})` : name;
  }

  get shown(): number { return this.points.ids.length; }

  /** Positions of the exact front, by rising cost. */
  get front(): number[] { return this.page.rankings.fronts[this.selection.task][this.selection.measure][this.selection.group]; }

  show(selection: Selection): void {
    this.selection = selection;
    this.points = Points.of(this.page, selection);
    const measure = this.page.measures[selection.measure], scores = this.page.rankings.scores[selection.task];
    this.scene = {
      points: this.points,
      front: this.front.map(i => ({ x: measure.values[i], y: scores[i] })),
      bands: bandsOf(this.page.groups, measure.name),
      references: referencesOf(this.page.references, measure.name),
      winners: marksOf(winnersOf(this.page, selection), measure.values, scores),
    };
    const costs = Points.extent(this.points.xs);
    // References near the candidates come into the picture; far ones, such as a space's Max, would squeeze them into a corner.
    const room = 0.4 * (costs[1] - costs[0]);
    const near = this.scene.references.map(r => r.x).filter(x => x > costs[0] - room && x < costs[1] + room);
    this.view = View.over([Math.min(costs[0], ...near), Math.max(costs[1], ...near)], Points.extent(this.points.ys));
    this.scale = prefixOf(this.view.x1);
    this.repaint();
  }

  zoom(factor: number): void { this.look(this.view.zoom(factor)); }

  pan(fx: number, fy: number): void { this.look(this.view.pan(fx, fy)); }

  reset(): void { this.look(this.view.all); }

  /** Where a candidate lies in the host, in page pixels; brought into view if it is not. */
  placeOf(candidate: number): Place {
    const x = this.page.measures[this.selection.measure].values[candidate], y = this.page.rankings.scores[this.selection.task][candidate];
    if (x < this.view.x0 || x > this.view.x1 || y < this.view.y0 || y > this.view.y1) this.reset();
    const { over } = this.plot;
    return {
      candidate,
      left: over.offsetLeft + (x - this.view.x0) / (this.view.x1 - this.view.x0) * over.clientWidth,
      top: over.offsetTop + (this.view.y1 - y) / (this.view.y1 - this.view.y0) * over.clientHeight,
    };
  }

  private look(view: View): void {
    this.view = view;
    this.plot.batch(() => {
      this.plot.setScale('x', { min: view.x0, max: view.x1 });
      this.plot.setScale('y', { min: view.y0, max: view.y1 });
    });
  }

  private repaint(): void {
    this.painter = new Painter(this.plot, this.scene, colours());
    this.look(this.view);
    this.plot.redraw(false, true);
  }

  /** The candidate within reach of a place over the plot. */
  private at(x: number, y: number): Place | null {
    const reach = 14, { clientWidth, clientHeight } = this.plot.over, { x0, x1, y0, y1 } = this.view;
    const rx = reach / clientWidth * (x1 - x0), ry = reach / clientHeight * (y1 - y0);
    const candidate = this.points.nearest(x0 + x / clientWidth * (x1 - x0), y1 - y / clientHeight * (y1 - y0), rx, ry);
    return candidate < 0 ? null : this.placeOf(candidate);
  }

  private size(): { width: number; height: number } {
    const width = Math.max(260, this.host.clientWidth);
    return { width, height: Math.round(Math.min(560, Math.max(330, 0.52 * width))) };
  }
}
