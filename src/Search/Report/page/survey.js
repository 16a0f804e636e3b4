// The page of a survey: many networks over many scenarios, and whether one is the best of all.

import { copyButton } from './copy.js';
import { h, s, select, table } from './dom.js';
import { bare, correlation, count, percent, plural, quantity, ticks } from './format.js';
import { linear, logarithmic } from './scale.js';
import { facts } from './tables.js';

/**
 * @typedef {import('./told').Estimate} Estimate
 * @typedef {import('./told').SurveyMethodResult} Result
 * @typedef {import('./told').SurveyNetworkFacts} Network
 * @typedef {{ name: string, of: (network: Network) => number, unit: string }} Measure
 */

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const survey = /** @type {import('./told').SurveyReport} */ (JSON.parse(element('data').textContent ?? ''));
const { scenarios, networks } = survey;
const { command, ...provenance } = survey.provenance;
const spaces = [...new Set(networks.map(n => n.space))];

/** @type {Measure[]} */
const measures = [
  { name: 'parameters, all', of: n => n.parameters, unit: '' },
  { name: 'parameters, early', of: n => n.early, unit: '' },
  { name: 'parameters, late', of: n => n.late, unit: '' },
  { name: 'early to late', of: n => n.early / n.late, unit: '' },
  { name: 'MACs', of: n => n.macs, unit: '' },
];

/** @type {(e: Estimate) => string} */
const coefficient = e => !Number.isFinite(e.value) ? 'one does not vary' : Number.isFinite(e.low) ? `${correlation(e.value)} (${correlation(e.low)} to ${correlation(e.high)})` : `${correlation(e.value)} (too few for an interval)`;

/** @type {(share: number) => string} */
const points = share => (100 * share).toFixed(1).replace('-', '−');

/** @type {(e: Estimate) => string} */
const inPoints = e => Number.isFinite(e.low) ? `${points(e.value)} (${points(e.low)} to ${points(e.high)})` : `${points(e.value)} (too few for an interval)`;

/** @type {(value: number, strength: number) => HTMLElement} */
const heat = (value, strength) => h('span', { class: 'heat', style: `--heat: ${Math.max(0, Math.min(1, strength)).toFixed(2)}` }, correlation(Number.isFinite(value) ? value : null));

const colour = (/** @type {Network} */ network) => `series${1 + spaces.indexOf(network.space) % 5}`;

const width = 420, height = 300, left = 46, right = 12, top = 12, bottom = 40;

/** Accuracy over a measure of size, a point a network. @type {(result: Result, scenario: number, measure: Measure) => HTMLElement} */
function scatter(result, scenario, measure) {
  const accuracies = result.accuracies[scenario], sizes = networks.map(measure.of), { single } = result;
  const x = logarithmic(sizes, left, width - right), y = linear(accuracies.map(a => a.value), height - bottom, top);
  const name = scenarios[scenario].name;
  return h('figure', {}, h('figcaption', {}, name),
    s('svg', { class: 'scatter survey', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `Accuracy on ${name} over ${measure.name}; the table of all networks has the numbers` },
      ticks(y.marks, 0.01).map((text, i) => [s('path', { class: 'grid', d: `M${left} ${y.at(y.marks[i])}H${width - right}` }), s('text', { x: left - 6, y: y.at(y.marks[i]) + 4, 'text-anchor': 'end' }, `${text} %`)]),
      x.marks.map(mark => [s('path', { class: 'grid', d: `M${x.at(mark)} ${top}V${height - bottom}` }), s('text', { x: x.at(mark), y: height - bottom + 16, 'text-anchor': 'middle' }, measure.name === 'early to late' ? bare(Number(mark.toPrecision(1))) : quantity(Number(mark.toPrecision(1)), '').replace(/\.0+(?= |$)/, ''))]),
      s('text', { x: width - right, y: height - 6, 'text-anchor': 'end' }, measure.name),
      networks.map((network, n) => s('g', { class: n === single.network ? 'single' : colour(network) },
        s('title', {}, `${network.name}: ${percent(accuracies[n].value)} (${percent(accuracies[n].low)} to ${percent(accuracies[n].high)}), rank ${bare(result.ranks[scenario][n])}; ${quantity(network.parameters, '')} parameters, ${quantity(network.macs, '')} MACs`),
        s('circle', { cx: x.at(sizes[n]), cy: y.at(accuracies[n].value), r: n === single.network ? 6 : 4 })))));
}

/** @type {(result: Result) => HTMLElement} */
function sizes(result) {
  const grid = h('div', { class: 'curves' });
  const show = (/** @type {number} */ measure) => grid.replaceChildren(...scenarios.map((_, i) => scatter(result, i, measures[measure])));
  show(0);
  return h('section', { id: 'sizes' }, h('h2', {}, 'Accuracy against size'),
    h('p', {}, `Early are the parameters of the stem and the first half of the stages, late all others. The ring is ${networks[result.single.network].name}, the best on average; a point tells its network under the pointer.`),
    h('div', { class: 'filters' }, select('Against', measures.map(m => m.name), show)),
    h('p', { class: 'legend' }, spaces.map((space, i) => h('span', {}, h('i', { class: `series${1 + i % 5}` }), space))), grid,
    table('Spearman of the accuracies with what networks cost (95 %)', ['Scenario', 'Parameters', 'Early', 'Late', 'Early to late', 'MACs'],
      result.sizes.map(r => [r.scenario, ...[r.parameters, r.early, r.late, r.ratio, r.macs].map(coefficient)])));
}

/** @type {(result: Result) => HTMLElement | null} */
function likeness(result) {
  if (scenarios.length < 2) return null;
  const pair = (/** @type {string} */ a, /** @type {string} */ b) => result.pairs.find(p => p.one === a && p.other === b || p.one === b && p.other === a);
  const matrix = (/** @type {string} */ caption, /** @type {'spearman' | 'pearson'} */ of) => table(caption, ['', ...scenarios.map(c => c.name)],
    scenarios.map(a => [a.name, ...scenarios.map(b => { const e = pair(a.name, b.name)?.[of]; return e ? heat(e.value, e.value) : '–'; })]));
  const others = 2 * result.pairs.length, hits = result.topTenth.flat().reduce((sum, share) => sum + share, 0) - scenarios.length;
  return h('section', { id: 'likeness' }, h('h2', {}, 'How alike scenarios judge'),
    h('p', {}, 'Correlations of the accuracies of the same networks on two scenarios: of their ranks (Spearman) and of themselves (Pearson).'),
    h('div', { class: 'matrices' }, matrix('Spearman', 'spearman'), matrix('Pearson', 'pearson')),
    table('Each pair (95 %)', ['Scenarios', 'Spearman', 'Pearson'], result.pairs.map(p => [`${p.one}, ${p.other}`, coefficient(p.spearman), coefficient(p.pearson)])),
    h('p', {}, `The best network of one scenario is in the top 10 % of another in ${bare(hits)} of ${count(others)} pairs; by chance it would be in ${bare(others * Math.ceil(networks.length / 10) / networks.length)}. Where several are best alike, their share counts.`),
    table('Is the best of the row in the top 10 % of the column?', ['', ...scenarios.map(c => c.name)],
      scenarios.map((a, i) => [a.name, ...scenarios.map((_, j) => i === j ? '–' : result.topTenth[i][j] === 1 ? 'yes' : result.topTenth[i][j] === 0 ? 'no' : percent(result.topTenth[i][j]))])));
}

/** What the best network on average loses, beside zero. @type {(result: Result) => HTMLElement} */
function single(result) {
  const { network, losses } = result.single, line = 34, start = 210, wide = 620, foot = 34;
  const most = Math.max(0.01, ...losses.map(l => Number.isFinite(l.bestLessSingle.high) ? l.bestLessSingle.high : l.bestLessSingle.value)), tall = top + losses.length * line + foot;
  const x = (/** @type {number} */ value) => Number((start + (wide - start - 16) * value / most).toFixed(1));
  return h('section', { id: 'single' }, h('h2', {}, 'What one network for all loses'),
    h('p', {}, `${networks[network].name} has the best mean rank, ${result.meanRanks[network].toFixed(1)} of ${count(networks.length)}. By how many points of accuracy the best network of each scenario is better: the intervals of all scenarios hold together with 95 %, whichever network is the best, so that they begin above 0 only where some network is truly better. They speak of other test images, not of another training.`),
    h('figure', {}, s('svg', { class: 'scatter verdict', viewBox: `0 0 ${wide} ${tall}`, role: 'img', 'aria-label': 'What the best network on average loses; the table below has the numbers' },
      s('path', { class: 'zero', d: `M${x(0)} ${top}V${tall - foot}` }),
      s('text', { x: x(0), y: tall - foot + 16, 'text-anchor': 'middle' }, '0: as good as the best'),
      losses.map(({ scenario, bestLessSingle: e }, i) => {
        const y = top + line * (i + 0.5);
        return s('g', { class: 'subnet' }, s('text', { x: start - 12, y: y + 4, 'text-anchor': 'end' }, scenario.length > 34 ? `${scenario.slice(0, 33)}…` : scenario),
          s('title', {}, `${scenario}: ${inPoints(e)}`), Number.isFinite(e.low) && s('path', { d: `M${x(e.low)} ${y}H${x(e.high)}` }), s('circle', { cx: x(e.value), cy: y, r: 4.5 }));
      }))),
    table('Best less the one, in points of accuracy (95 %)', ['Scenario', 'Loses', 'Rank of the one', 'Best', 'Its accuracy'],
      losses.map((l, i) => [l.scenario, inPoints(l.bestLessSingle), bare(result.ranks[i][network]), networks[l.best].name, percent(result.accuracies[i][l.best].value)])),
    h('p', {}, result.forAll.length === 0 ? 'Every network is truly worse than the best of some scenario: of one that were the best of all, that is found once in twenty surveys at the most.' : `${plural(result.forAll.length, 'network')} cannot be told from the best of any scenario: ${result.forAll.slice(0, 12).map(n => networks[n].name).join(', ')}${result.forAll.length > 12 ? ', …' : ''}.`));
}

/** @type {(result: Result) => HTMLElement} */
function ranks(result) {
  const order = networks.map((_, n) => n).sort((a, b) => result.meanRanks[a] - result.meanRanks[b]);
  return h('section', { id: 'networks' }, h('h2', {}, 'All networks'),
    table('Accuracy and rank on each scenario, the best mean rank first', ['Network', 'Mean rank', ...scenarios.map(c => c.name), 'MACs', 'Parameters', 'Early', 'Late', 'Architecture'],
      order.map(n => [
        networks[n].name, result.meanRanks[n].toFixed(1),
        ...scenarios.map((_, i) => h('span', { class: 'heat', style: `--heat: ${(1 - (result.ranks[i][n] - 1) / Math.max(1, networks.length - 1)).toFixed(2)}` }, `${percent(result.accuracies[i][n].value)} `, h('small', {}, bare(result.ranks[i][n])))),
        quantity(networks[n].macs, ''), quantity(networks[n].parameters, ''), quantity(networks[n].early, ''), quantity(networks[n].late, ''), h('code', {}, `${networks[n].architecture} of ${networks[n].space}`),
      ])));
}

/** @type {(result: Result) => HTMLElement | null} */
const slices = result => result.slices ? h('section', { id: 'slices' }, h('h2', {}, 'Slices of the supernet and networks trained alone'),
  h('p', {}, 'The same architectures as slices of one supernet and trained each by itself: how well the one foretells the other.'),
  table('Correlation of the two (95 %)', ['Scenario', 'Networks', 'Spearman', 'Pearson'], result.slices.map(r => [r.scenario, count(r.networks.length), coefficient(r.spearman), coefficient(r.pearson)])),
  table('Accuracy as a slice, and alone', ['Network', ...result.slices.map(r => r.scenario)], result.slices[0].networks.map((n, i) => [networks[n].name, ...(result.slices ?? []).map((r, c) => `${percent(result.accuracies[c][n].value)}, ${percent(r.alone[i])}`)]))) : null;

const title = `Survey: ${plural(networks.length, 'network')} over ${plural(scenarios.length, 'scenario')}`;
const body = h('div');
const show = (/** @type {number} */ method) => {
  const result = survey.methods[method];
  const sections = [single(result), sizes(result), likeness(result), ranks(result), slices(result)].filter(section => section !== null);
  body.replaceChildren(h('nav', { 'aria-label': 'On this page' }, sections.map(section => h('a', { href: `#${section.id}` }, section.querySelector('h2')?.textContent))), ...sections);
};
show(0);
document.title = title;
element('report').append(
  h('h1', {}, title),
  h('p', { class: 'lead verdict' }, h('strong', {}, survey.sentence)),
  h('p', {}, `Decided by ${survey.methods[0].method} alone, the first of the methods that were asked for. Whether there is one network for all is the question of arXiv 2203.08130.`),
  survey.leftOut.length > 0 ? h('p', {}, `Left out, since their training diverged: ${survey.leftOut.join(', ')}.`) : h('span', { hidden: true }),
  survey.methods.length > 1 ? h('div', { class: 'filters' }, select('Measured by', survey.methods.map(m => m.method), show)) : h('span', { hidden: true }),
  body,
  h('section', { id: 'scenarios' }, h('h2', {}, 'Scenarios'), table('What networks were measured over', ['Scenario', 'Classes', 'Training images', 'Labels used', 'Test images', 'Test set'],
    scenarios.map(c => [c.name, count(c.classes), count(c.trainingImages), count(c.labelled), count(c.testImages), c.split]))),
  facts('provenance', 'Provenance', provenance),
  h('section', { id: 'repeat' }, h('h2', {}, 'How to repeat it'), h('p', { class: 'command' }, h('code', {}, command), copyButton(() => command, 'Copy command'))));
