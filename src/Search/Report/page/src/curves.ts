// How the training went: curves of one kind ("loss", "loss/max", …) in one small chart.

import uPlot from 'uplot';
import type { Curve, Page } from './data';
import { h } from './dom';
import { bare, prefixOf, ticks } from './format';
import { colours, lineColour, onThemeChange } from './theme';

export function training(page: Page): { element: HTMLElement; draw: () => void } | null {
  const kinds = new Map<string, Curve[]>();
  for (const curve of page.curves.filter(c => c.values.length > 1)) {
    const kind = curve.name.split('/')[0];
    kinds.set(kind, [...kinds.get(kind) ?? [], curve]);
  }
  if (kinds.size === 0) return null;
  const hosts = [...kinds].map(([kind, curves]) => ({ curves, host: h('figure', {}, h('figcaption', {}, title(kind))) }));
  const element = h('section', { id: 'training' }, h('h2', {}, 'Training'), h('div', { class: 'curves' }, hosts.map(x => x.host)));
  return { element, draw: () => hosts.forEach(({ host, curves }) => plot(host, curves)) };
}

const titles: Record<string, string> = {
  loss: 'Loss, by student', knn: 'kNN accuracy', linear: 'Accuracy of a linear probe', information: 'What the outputs tell of the image: 0 is collapse', spread: 'Spread of the keys: 1 is best, 0 collapse', rate: 'Learning rate', imagesPerSecond: 'Images a second',
  dataShare: 'Share of the time spent waiting for images', residentBytes: 'Memory of the process (bytes)',
};

const title = (kind: string): string => titles[kind] ?? kind;

function plot(host: HTMLElement, curves: Curve[]): void {
  // One table of steps for curves that are not logged at the same ones.
  const data = uPlot.join(curves.map(c => [c.steps, c.values] as uPlot.AlignedData));
  const axis = { font: '11px system-ui, sans-serif', stroke: () => colours().soft, grid: { stroke: () => colours().rule, width: 1 }, ticks: { show: false } };
  const tick = (values: number[]): string[] => {
    const [scale, prefix] = prefixOf(Math.max(1, ...values.map(Math.abs)));
    return ticks(values, scale).map(text => text + prefix);
  };
  const size = (): { width: number; height: number } => ({ width: Math.max(220, host.clientWidth), height: 190 });
  const u = new uPlot({
    ...size(),
    scales: { x: { time: false } },
    axes: [{ ...axis, size: 26, space: 60, values: (_, splits) => tick(splits) }, { ...axis, size: 52, values: (_, splits) => tick(splits) }],
    cursor: { points: { size: 6 }, drag: { x: false, y: false } },
    legend: { markers: { width: 2 } },
    series: [
      { label: 'step' },
      ...curves.map((curve, i) => ({
        label: curve.name.split('/').slice(1).join('/') || (curves.length > 1 ? 'mean' : 'value'),
        stroke: () => lineColour(i + 1), width: 1.5, spanGaps: true, points: { show: curve.values.length < 60, size: 4 }, value: (_: uPlot, v: number | null) => v === null ? '–' : bare(v),
      })),
    ],
  }, data, host);
  new ResizeObserver(() => u.setSize(size())).observe(host);
  onThemeChange(() => u.redraw(false, true));
}
