// Whether the winner is worth having: the sentence first, then what it rests on.

import { h, s, table } from './dom.js';
import { count, percent, plural, quantity } from './format.js';

/**
 * @typedef {import('./data.js').Estimate} Estimate
 * @typedef {import('./data.js').Verdict} Verdict
 */

const width = 620, line = 34, left = 210, right = 16, top = 10, bottom = 34;

/** What a verdict says and shows, sentence first. @type {(verdict: Verdict) => HTMLElement[]} */
export function verdictParts(verdict) {
  const { rows, columns, by, decision } = verdict;
  const rivals = rows.slice(0, -1), at = columns.findIndex(c => c.name === by);
  return [
    h('p', { class: 'lead verdict' }, h('strong', {}, verdict.sentence)),
    h('p', {}, `The winner is ${rows[rows.length - 1].origin}. Decided by ${by} alone, named before anything was measured, over ${plural(verdict.seeds, 'seed')}${['', ', which says nothing of another training,', ', which say little of another training,'][verdict.seeds] ?? ''} and ${plural(verdict.testImages, 'test image')}; `
      + `95\u00a0% confidence${decision.handcrafted ? ', of both comparisons together' : ''}. The other columns are told beside it: each of their intervals is of that one comparison, and none of them decides.`),
    verdict.leftOut ? h('p', { class: 'hint' }, `${verdict.leftOut[0].toUpperCase()}${verdict.leftOut.slice(1)}`) : h('span', { hidden: true }),
    h('figure', {}, h('figcaption', {}, `How far the winner is ahead, ${by}, in points of accuracy (95 %)`), picture(rivals.map(r => ({ name: r.name, ahead: /** @type {Estimate} */ (r.figures[at].winnerAhead) })))),
    table('Accuracy, and how far the winner is ahead (95 %)', ['Network', ...columns.map(c => `${c.name}${c.name === by ? ' (decides)' : ''}, ${plural(c.labelled, 'label')}`)],
      rows.map(r => [r.name, ...r.figures.map(f => h('span', {}, percent(f.accuracy), f.winnerAhead && h('small', { class: 'ahead' }, interval(f.winnerAhead))))])),
    table('What they cost', ['Network', 'MACs', 'Parameters', 'Latency, one image here', 'Weights', 'Images', 'Architecture'],
      rows.map(r => [r.name, quantity(r.macs, ''), quantity(r.parameters, ''), quantity(r.latency, 's'), `${(r.weightBytes / 1048576).toFixed(1)} MiB`, `${count(r.size)} px`, h('code', {}, `${r.architecture} of ${r.space}`)])),
  ];
}

/** The section of a search's page. @type {(verdict: Verdict | null) => HTMLElement | null} */
export const verdict = of => of && h('section', { id: 'verdict' }, h('h2', {}, 'Verdict'), verdictParts(of));

/** Intervals beside zero. @type {(rows: { name: string, ahead: Estimate }[]) => SVGElement} */
function picture(rows) {
  const low = Math.min(0, ...rows.map(r => r.ahead.low)), high = Math.max(0, ...rows.map(r => r.ahead.high));
  const span = high - low || 0.01, height = top + rows.length * line + bottom;
  const x = (/** @type {number} */ value) => Number((left + (width - left - right) * (value - low) / span).toFixed(1));
  return s('svg', { class: 'scatter verdict', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'How far the winner is ahead of each; the table below has the numbers' },
    s('path', { class: 'zero', d: `M${x(0)} ${top}V${height - bottom}` }),
    s('text', { x: x(0), y: height - bottom + 16, 'text-anchor': 'middle' }, '0: as good as the winner'),
    rows.map(({ name, ahead }, i) => {
      const y = top + line * (i + 0.5);
      return s('g', { class: 'subnet' },
        s('text', { x: left - 12, y: y + 4, 'text-anchor': 'end' }, name.length > 34 ? `${name.slice(0, 33)}…` : name),
        s('title', {}, `${name}: ${interval(ahead)}`),
        s('path', { d: `M${x(ahead.low)} ${y}H${x(ahead.high)}` }),
        s('circle', { cx: x(ahead.value), cy: y, r: 4.5 }));
    }));
}

/** @type {(e: Estimate) => string} */
const interval = e => `${points(e.value)} (${points(e.low)} to ${points(e.high)})`;

/** @type {(share: number) => string} */
const points = share => `${share > 0 ? '+' : ''}${(100 * share).toFixed(1)}`.replace('-', '−');
