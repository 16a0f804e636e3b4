// Tables: by task and budget, likeness of rankings, costs, where everything comes from.

import { copyButton } from './copy.js';
import { formsOf, textOf } from './data.js';
import { h, table } from './dom.js';
import { correlation, count, quantity, score } from './format.js';

/** @typedef {import('./data.js').Page} Page */

/** For each task: the groups with the spread of their scores. */
export function byTask(/** @type {Page} */ page) {
  return h('section', { id: 'tasks' }, h('h2', {}, 'By task'),
    page.tasks.map((task, t) => table(task.name, ['Budget', 'Candidates', 'Best', 'Upper quartile', 'Median', 'Lower quartile', 'Worst', 'MACs of the best'],
      page.groups.map((group, g) => {
        const spread = page.rankings.spreads[t][g], best = page.rankings.best[t][g];
        return [group.name, count(group.members), ...(spread ?? [NaN, NaN, NaN, NaN, NaN]).map(score), best === null ? '–' : quantity(page.measures[0].values[best], '')];
      }))));
}

/** For each group: its winners and their ranks for the other tasks. */
export function byGroup(/** @type {Page} */ page) {
  if (page.groups.length < 2) return null;
  return h('section', { id: 'groups' }, h('h2', {}, 'By budget'),
    h('p', {}, 'Where each task’s winner stands in the other tasks’ rankings of the same budget.',
      page.winners.some(w => w.members !== page.groups[w.group].members) && ' Candidates were drawn for each budget; those drawn for another budget that lie within this one count here too.'),
    page.groups.map((group, g) => g > 0 && table(`${group.name}, ${count(group.members)} candidates`, ['Winner for', ...page.tasks.map(t => `rank, ${t.name}`), 'MACs', 'Parameters', 'Architecture'],
      page.winners.filter(w => w.group === g).map(w => [
        `${w.number} · ${page.tasks[w.task].name}`, ...w.ranks.map(rank => rank === null ? '–' : count(rank)), quantity(w.macs, ''), quantity(w.parameters, ''), h('code', {}, w.architecture),
      ]))));
}

/** Spearman between the tasks' rankings, over all candidates and within each budget. */
export function taskSimilarity(/** @type {Page} */ page) {
  if (page.tasks.length < 2) return null;
  return h('section', { id: 'similarity' }, h('h2', {}, 'How alike the tasks rank'),
    h('p', {}, 'Spearman’s rank correlation of the scores: 1 is the same order. Over all candidates size alone makes rankings alike; within a budget it cannot.'),
    h('div', { class: 'matrices' }, page.groups.map((group, g) =>
      table(group.name, ['', ...page.tasks.map(t => t.name)], page.tasks.map((task, a) => [task.name, ...page.tasks.map((_, b) => heat(page.rankings.similarities[g][a][b]))])))));
}

/** Likeness of the rankings over other images to those over the searched ones. */
export function domainSimilarity(/** @type {Page} */ page) {
  if (page.domains.length < 2) return null;
  const [here, ...others] = page.domains;
  return h('section', { id: 'domains' }, h('h2', {}, 'How alike the domains rank'),
    h('p', {}, `The same candidates ranked over other images than ${here.name}: how alike the orders are, and how far each side’s winner falls on the other.`),
    others.map(other => table(`${other.name}`, ['Task, budget', 'Spearman', 'Its winner’s rank here', 'Our winner’s rank there', 'Same winner', 'Its winner'],
      other.comparisons.map(c => [
        `${page.tasks[c.task].name}, ${page.groups[c.group].name}`, heat(c.spearman), `${count(c.rank)} of ${count(c.members)}`, `${count(c.ownRank)} of ${count(c.members)}`,
        c.at === page.winners.find(w => w.task === c.task && w.group === c.group)?.at ? 'yes' : 'no', h('code', {}, textOf(page, formsOf(page, c.at))),
      ]))));
}

function heat(/** @type {number | null} */ value) {
  return h('span', { class: 'heat', style: `--heat: ${Math.max(0, value ?? 0).toFixed(2)}` }, correlation(value));
}

/** @type {(id: string, title: string, all: Record<string, string>) => HTMLElement} */
export function facts(id, title, all) {
  return h('section', { id }, h('h2', {}, title), h('dl', {}, Object.entries(all).map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])));
}

export function repeat(/** @type {Page} */ page) {
  if (!page.command) return null;
  const command = page.command;
  return h('section', { id: 'repeat' }, h('h2', {}, 'How to repeat it'),
    h('p', { class: 'command' }, h('code', {}, command), copyButton(() => command, 'Copy command')),
    h('p', {}, 'The scores depend on the space, the checkpoint, the images and the seed, each of which the provenance names by its hash or value. Where all of them agree, and the libtorch and the device with them, '
      + 'the same command finds the same scores and the same winners; on another device the last digits of a score may differ.'));
}
