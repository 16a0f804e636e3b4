import { training } from './curves.js';
import { read } from './data.js';
import { Diagrams } from './diagram.js';
import { h } from './dom.js';
import { Explorer } from './explorer.js';
import { plural } from './format.js';
import { study } from './study.js';
import { byGroup, byTask, domainSimilarity, facts, repeat, taskSimilarity } from './tables.js';
import { verdict } from './verdict.js';
import { confidence, winners } from './winners.js';

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const page = read(element('data'));
document.title = `Architecture search: ${page.space}`;
const diagrams = new Diagrams(page);
const main = element('report');
const list = (/** @type {string[]} */ names) => names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;

main.append(
  h('h1', {}, document.title),
  h('p', { class: 'lead' }, `${plural(page.count, 'architecture')} of the space ${page.space} ${page.count === 1 ? 'was' : 'were'} ranked without labels at ${page.size} × ${page.size} pixels `
    + `for ${list(page.tasks.map(t => t.name))}, in ${page.seconds}.`
    + (page.deployedSize === page.size ? '' : ` Costs are those at ${page.deployedSize} × ${page.deployedSize} pixels.`)));

const explorer = page.count > 0 ? new Explorer(page, diagrams).element : null;
const sections = [
  verdict(page.verdict), explorer, winners(page, diagrams), confidence(page), byTask(page), byGroup(page), taskSimilarity(page), domainSimilarity(page), study(page), training(page),
  facts('cost', 'Cost', page.cost), facts('provenance', 'Provenance', page.provenance), repeat(page),
].filter(section => section !== null && section !== undefined);
main.append(
  h('nav', { 'aria-label': 'On this page' }, sections.map(section => h('a', { href: `#${section.id}` }, section.querySelector('h2')?.textContent))),
  ...sections);
