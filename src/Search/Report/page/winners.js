// The winners, each drawn beside a known architecture, and how sure they are.

import { copyButton } from './copy.js';
import { emitCommand, formsOf } from './data.js';
import { h, select, table } from './dom.js';
import { count, plural, quantity, score } from './format.js';

/**
 * @typedef {import('./data.js').Page} Page
 * @typedef {import('./data.js').Winner} Winner
 * @typedef {import('./diagram.js').Diagrams} Diagrams
 */

/** @type {(page: Page, diagrams: Diagrams) => HTMLElement} */
export function winners(page, diagrams) {
  if (page.winners.length === 0) return h('section', { id: 'winners' }, h('h2', {}, 'Winners'), h('p', {}, 'There is no winner.'));
  const cards = h('div');
  const draw = (/** @type {number} */ beside) => {
    cards.replaceChildren(...page.tasks.map((task, i) => h('div', {}, h('h3', {}, task.name),
      h('ol', { class: 'cards' }, page.winners.filter(w => w.task === i).map(w => card(page, diagrams, w, beside))))));
  };
  draw(0);
  return h('section', { id: 'winners' },
    h('h2', {}, 'Winners'),
    h('p', {}, 'One bar a block, as high as its channels; all to one scale', page.references.length > 0 && ', with the known architecture as outlines behind', '.'),
    page.references.length > 1 && select('Beside', page.references.map(r => r.name), draw),
    cards);
}

/** @type {(page: Page, diagrams: Diagrams, winner: Winner, beside: number) => HTMLElement} */
function card(page, diagrams, winner, beside) {
  const reference = page.references[beside];
  return h('li', { class: 'card', id: `winner-${winner.number}` },
    h('p', { class: 'title' }, h('b', { class: 'badge' }, String(winner.number)), ` ${page.groups[winner.group].name} `, h('small', {}, `best of ${count(winner.members)}`)),
    diagrams.draw(formsOf(page, winner.at), reference?.forms),
    h('code', {}, winner.architecture),
    h('p', {}, `score ${score(winner.score)} · ${quantity(winner.macs, 'MACs')} · ${quantity(winner.parameters, 'parameters')}`,
      reference && h('small', {}, ` (${reference.name}: ${quantity(reference.values.MACs, 'MACs')}, ${quantity(reference.values.Parameters, 'parameters')})`)),
    winner.className && h('p', { class: 'emitted' }, h('code', {}, winner.className), ` ${proof(winner.proof)}`, h('small', {}, winner.files.join(', '))),
    copyButton(() => emitCommand(page, winner.architecture)));
}

/** @type {(difference: number | null) => string} */
const proof = difference =>
  difference === null ? 'is not proven' : difference === 0 ? 'equals its supernet slice exactly' : `equals its supernet slice within ${difference.toExponential(1)}`;

export function confidence(/** @type {Page} */ page) {
  const sure = page.winners.flatMap(w => w.confidence ? [{ ...w, confidence: w.confidence }] : []);
  if (sure.length === 0) return null;
  return h('section', { id: 'confidence' },
    h('h2', {}, 'Confidence'),
    h('p', {}, 'Intervals of 95 % and ties by a bootstrap over the images: a candidate that the winner leads by no more than the best of so many equals leads by chance cannot be told from it.'),
    table('The winners, and the cheapest candidate that cannot be told from each', ['Winner', 'Score', '95 %', 'Not told apart', 'Cheapest of them', ''], sure.map(w => {
      const c = w.confidence;
      return [
        `${w.number} · ${page.tasks[w.task].name}, ${page.groups[w.group].name}`, score(w.score), `${score(c.low)} to ${score(c.high)}`, `${count(c.tied)} of ${count(w.members)}`,
        c.tied === 1 ? 'the winner itself' : [h('code', {}, c.cheapest), ` ${quantity(c.cheapestMacs, 'MACs')} (${saved(c.cheapestMacs, w.macs)})`],
        copyButton(() => emitCommand(page, c.cheapest)),
      ];
    })),
    h('p', { class: 'caption' }, `Of ${plural(sure.length, 'winner')}, ${count(sure.filter(w => w.confidence.tied > 1).length)} not alone at the top.`),
    tooNear(page));
}

/** Candidates that likeness to the teacher cannot rank, and why. */
function tooNear(/** @type {Page} */ page) {
  const near = page.winners.filter(w => w.tooNear);
  return near.length > 0 && h('p', { class: 'caption', id: 'too-near' },
    'The teacher has the architecture of the largest network. Candidates as like it as the largest network itself are not ranked by that likeness: being still more like it is nothing better. Such are ',
    near.map(w => `${count(w.tooNear ?? 0)} of ${count(w.members)} for ${page.tasks[w.task].name}, ${page.groups[w.group].name}${w.isTooNear ? `, winner ${w.number} among them` : ''}`).join('; '), '.');
}

/** @type {(cheapest: number, winner: number) => string} */
const saved = (cheapest, winner) => `−${(100 * (1 - cheapest / winner)).toFixed(0)} %`;
