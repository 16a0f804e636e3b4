import './style.css';
import { training } from './curves';
import { read } from './data';
import { Diagrams } from './diagram';
import { h } from './dom';
import { Explorer } from './explorer';
import { plural } from './format';
import { study } from './study';
import { byGroup, byTask, domainSimilarity, facts, repeat, taskSimilarity } from './tables';
import { confidence, winners } from './winners';

const page = read(document.getElementById('data')!);
document.title = `Architecture search: ${page.space}`;
const diagrams = new Diagrams(page);
const main = document.getElementById('report')!;
const list = (names: string[]): string => names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;

main.append(
  h('h1', {}, document.title),
  h('p', { class: 'lead' }, `${plural(page.count, 'architecture')} of the space ${page.space} ${page.count === 1 ? 'was' : 'were'} ranked without labels at ${page.size} × ${page.size} pixels `
    + `for ${list(page.tasks.map(t => t.name))}, in ${page.seconds}.`
    + (page.deployedSize === page.size ? '' : ` Costs are those at ${page.deployedSize} × ${page.deployedSize} pixels.`)));

const curves = training(page);
const explorer = page.count > 0 ? new Explorer(page, diagrams).element : null;
const sections = [
  explorer, winners(page, diagrams), confidence(page), byTask(page), byGroup(page), taskSimilarity(page), domainSimilarity(page), study(page), curves?.element,
  facts('cost', 'Cost', page.cost), facts('provenance', 'Provenance', page.provenance), repeat(page),
].filter(section => !!section);
main.append(
  h('nav', { 'aria-label': 'On this page' }, sections.map(section => h('a', { href: `#${section.id}` }, section.querySelector('h2')!.textContent))),
  ...sections);
curves?.draw();
