// How the training went: curves of one kind ("loss", "loss/max", …) in one small chart.

import { h } from './dom.js';
import { bare, prefixOf, ticks } from './format.js';
import { Plane } from './plane.js';
import { Points } from './points.js';
import { lineColour, lineProperty } from './theme.js';
import { View } from './view.js';

/**
 * @typedef {import('./data.js').Curve} Curve
 * @typedef {import('./data.js').Page} Page
 */

export function training(/** @type {Page} */ page) {
  const kinds = Object.entries(Object.groupBy(page.curves.filter(c => c.values.length > 1), c => c.name.split('/')[0]));
  if (kinds.length === 0) return null;
  return h('section', { id: 'training' }, h('h2', {}, 'Training'),
    h('div', { class: 'curves' }, kinds.map(([kind, curves]) => curves && figure(titles[kind] ?? kind, curves))));
}

/** @type {Record<string, string>} */
const titles = {
  loss: 'Loss, by student', knn: 'kNN accuracy', linear: 'Accuracy of a linear probe', information: 'What the outputs tell of the image: 0 is collapse', spread: 'Spread of the keys: 1 is best, 0 collapse',
  rate: 'Learning rate', imagesPerSecond: 'Images a second', dataShare: 'Share of the time spent waiting for images', residentBytes: 'Memory of the process (bytes)',
};

/** The chart, and below it a legend that tells the values where the pointer is. @type {(title: string, curves: Curve[]) => HTMLElement} */
function figure(title, curves) {
  const lines = curves.map((curve, i) => ({
    ...curve,
    colour: () => lineColour(i + 1),
    name: curve.name.split('/').slice(1).join('/') || (curves.length > 1 ? 'mean' : 'value'),
    value: h('output', {}, '–'),
  }));
  const steps = [...new Set(curves.flatMap(c => c.steps))].sort((a, b) => a - b);
  const step = h('output', {}, '–');
  /** @type {number | null} */
  let pointed = null;
  const legend = h('p', { class: 'legend' }, h('span', {}, 'step ', step), lines.map((line, i) =>
    h('span', {}, h('i', { style: `border-color: var(${lineProperty(i + 1)})` }), `${line.name} `, line.value)));
  const host = h('figure', {}, h('figcaption', {}, title));

  const labels = (/** @type {number[]} */ values) => {
    const [scale, prefix] = prefixOf(Math.max(1, ...values.map(Math.abs)));
    return ticks(values, scale).map(text => text + prefix);
  };
  const plane = new Plane(host, {
    size: () => ({ width: Math.max(220, host.clientWidth), height: 190 }),
    margins: { top: 8, right: 12, bottom: 26, left: 52 },
    font: 11,
    spaces: { x: 64, y: 34 },
    labels: { x: labels, y: labels },
    over: ({ soft }) => plane.clipped(() => {
      const { ctx, box } = plane;
      if (pointed !== null) {
        const x = Math.round(plane.x(pointed)) + 0.5;
        ctx.strokeStyle = soft;
        ctx.lineWidth = 1;
        ctx.beginPath();
        ctx.moveTo(x, box.top);
        ctx.lineTo(x, box.top + box.height);
        ctx.stroke();
      }
      for (const line of lines) {
        ctx.strokeStyle = ctx.fillStyle = line.colour();
        ctx.lineWidth = 1.5;
        ctx.beginPath();
        line.steps.forEach((at, i) => ctx.lineTo(plane.x(at), plane.y(line.values[i])));
        ctx.stroke();
        line.steps.forEach((at, i) => {
          if (line.steps.length < 60 || at === pointed) disc(ctx, plane.x(at), plane.y(line.values[i]), at === pointed ? 3.5 : 2);
        });
      }
    }),
  });
  plane.look(View.over(Points.extent(steps), Points.extent(curves.flatMap(c => c.values))));

  const point = (/** @type {number | null} */ at) => {
    if (at === pointed) return;
    pointed = at;
    step.textContent = at === null ? '–' : String(at);
    for (const line of lines) {
      const i = at === null ? -1 : line.steps.indexOf(at);
      line.value.textContent = i < 0 ? '–' : bare(line.values[i]);
    }
    plane.redraw();
  };
  plane.over.addEventListener('pointermove', event => {
    const here = plane.valuesAt(event.offsetX, event.offsetY).x;
    point(steps.reduce((best, at) => Math.abs(at - here) < Math.abs(best - here) ? at : best));
  });
  plane.over.addEventListener('pointerleave', () => point(null));
  host.append(legend);
  return host;
}

/** @type {(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number) => void} */
function disc(ctx, x, y, radius) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fill();
}
