// What labels said of subnets that were scored without them: a picture for each task, and the rank correlations.

import { formsOf, textOf } from './data.js';
import { h, s, table } from './dom.js';
import { correlation, percent, plural, quantity, score, ticks } from './format.js';
import { linear } from './scale.js';

/**
 * @typedef {import('./data.js').Interval} Interval
 * @typedef {import('./data.js').Page} Page
 * @typedef {import('./data.js').Study} Study
 */

const width = 420, height = 300, left = 46, right = 12, top = 12, bottom = 40;

export function study(/** @type {Page} */ page) {
  const study = page.study;
  if (!study) return null;
  const { points, agreements, given, regrets, method, figure } = study;
  const subnets = points.slice(0, -1);
  return h('section', { id: 'study' }, h('h2', {}, `Scores against ${figure}`),
    h('p', {}, `${plural(subnets.length, 'subnet')} measured with labels (${method}), against what the search said of them without. The bars are 95 % intervals over the test images; the ring is the largest network.`),
    h('div', { class: 'curves' }, page.tasks.map((_, task) => scatter(page, study, task))),
    table(`Rank correlation with ${figure}`, ['Of', 'Spearman (95 %)', 'Kendall tau-b (95 %)'], agreements.map(a => [a.of, interval(a.spearman), interval(a.kendall)])),
    given.length > 0 && table('Spearman with sizes set aside: what a score says beyond them', ['Of', ...given.map(name => `given ${name} (95 %)`)],
      agreements.filter(a => a.partial.length > 0).map(a => [a.of, ...a.partial.map(interval)])),
    regrets.length > 0 && table(`What choosing by score is worth, in points of ${figure}`, ['Task, budget', 'Subnets', 'Winner less the mean of all (95 %)', 'Best less winner (95 %)', 'Winner', 'Best'],
      regrets.map(r => [`${r.task}, ${r.budget}`, String(r.subnets), points100(r.gain), points100(r.loss), h('code', {}, r.winner), h('code', {}, r.best)])),
    table('The subnets, best first', [capital(figure), '95 %', ...page.tasks.map(t => `score, ${t.name}`), 'MACs', 'Architecture'], [...subnets].sort((a, b) => b.value - a.value).map(p => [
      percent(p.value), `${percent(p.low)} to ${percent(p.high)}`, ...page.rankings.scores.map(scores => score(scores[p.at])), quantity(page.measures[0].values[p.at], ''), h('code', {}, textOf(page, formsOf(page, p.at))),
    ])));
}

/** What was measured over a task's score. @type {(page: Page, study: Study, task: number) => HTMLElement} */
function scatter(page, { points, figure }, task) {
  const scores = page.rankings.scores[task];
  const drawn = points.filter(p => Number.isFinite(scores[p.at]));
  const x = linear(drawn.map(p => scores[p.at]), left, width - right);
  const y = linear(drawn.flatMap(p => [p.low, p.high]), height - bottom, top);
  const name = page.tasks[task].name;
  return h('figure', {}, h('figcaption', {}, `${capital(figure)} over the score for ${name}`),
    s('svg', { class: 'scatter', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${capital(figure)} over the score for ${name}; the table below has the numbers` },
      ticks(y.marks, 0.01).map((text, i) => [s('path', { class: 'grid', d: `M${left} ${y.at(y.marks[i])}H${width - right}` }), s('text', { x: left - 6, y: y.at(y.marks[i]) + 4, 'text-anchor': 'end' }, `${text} %`)]),
      ticks(x.marks, 1).map((text, i) => [s('path', { class: 'grid', d: `M${x.at(x.marks[i])} ${top}V${height - bottom}` }), s('text', { x: x.at(x.marks[i]), y: height - bottom + 16, 'text-anchor': 'middle' }, text)]),
      s('text', { x: width - right, y: height - 6, 'text-anchor': 'end' }, 'score'),
      drawn.map(p => s('g', { class: p === points[points.length - 1] ? 'max' : 'subnet' },
        s('title', {}, `${textOf(page, formsOf(page, p.at))}: ${percent(p.value)}, score ${score(scores[p.at])}`),
        s('path', { d: `M${x.at(scores[p.at])} ${y.at(p.low)}V${y.at(p.high)}` }),
        s('circle', { cx: x.at(scores[p.at]), cy: y.at(p.value), r: 4.5 })))));
}

/** @type {(interval: Interval) => string} */
const interval = ([value, low, high]) => value === null ? 'one does not vary' : low === null ? `${correlation(value)} (too few for an interval)` : `${correlation(value)} (${correlation(low)} to ${correlation(high)})`;

/** @type {(interval: Interval) => string} */
const points100 = ([value, low, high]) => value === null ? 'one alone' : low === null || high === null ? `${inPoints(value)} (too few for an interval)` : `${inPoints(value)} (${inPoints(low)} to ${inPoints(high)})`;

/** @type {(words: string) => string} */
const capital = words => words[0].toUpperCase() + words.slice(1);

/** @type {(share: number) => string} */
const inPoints = share => (100 * share).toFixed(1).replace('-', '−');
