// The winners, each drawn beside a known architecture, and how sure they are.

import { copyButton } from './copy';
import { emitCommand, formsOf, type Page, type Winner } from './data';
import type { Diagrams } from './diagram';
import { h, select, table } from './dom';
import { count, plural, quantity, score } from './format';

export function winners(page: Page, diagrams: Diagrams): HTMLElement | null {
  if (page.winners.length === 0) return h('section', { id: 'winners' }, h('h2', {}, 'Winners'), h('p', {}, 'There is no winner.'));
  const cards = h('div');
  const draw = (beside: number): void => {
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

function card(page: Page, diagrams: Diagrams, winner: Winner, beside: number): HTMLElement {
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

const proof = (difference: number | null): string =>
  difference === null ? 'is not proven' : difference === 0 ? 'equals its supernet slice exactly' : `equals its supernet slice within ${difference.toExponential(1)}`;

export function confidence(page: Page): HTMLElement | null {
  const sure = page.winners.filter(w => w.confidence);
  if (sure.length === 0) return null;
  return h('section', { id: 'confidence' },
    h('h2', {}, 'Confidence'),
    h('p', {}, 'Intervals of 95 % and ties by a bootstrap over the images: a candidate that does as well as the winner in at least 2.5 % of the draws cannot be told from it.'),
    table('The winners, and the cheapest candidate that cannot be told from each', ['Winner', 'Score', '95 %', 'Not told apart', 'Cheapest of them', ''], sure.map(w => {
      const c = w.confidence!;
      return [
        `${w.number} · ${page.tasks[w.task].name}, ${page.groups[w.group].name}`, score(w.score), `${score(c.low)} to ${score(c.high)}`, `${count(c.tied)} of ${count(w.members)}`,
        c.tied === 1 ? 'the winner itself' : [h('code', {}, c.cheapest), ` ${quantity(c.cheapestMacs, 'MACs')} (${saved(c.cheapestMacs, w.macs)})`],
        copyButton(() => emitCommand(page, c.cheapest)),
      ];
    })),
    h('p', { class: 'caption' }, `Of ${plural(sure.length, 'winner')}, ${count(sure.filter(w => w.confidence!.tied > 1).length)} not alone at the top.`));
}

const saved = (cheapest: number, winner: number): string => `−${(100 * (1 - cheapest / winner)).toFixed(0)} %`;
