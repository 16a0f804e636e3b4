// The page of a verdict by itself.

import { copyButton } from './copy.js';
import { h } from './dom.js';
import { facts } from './tables.js';
import { verdictParts } from './verdict.js';

const element = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const verdict = /** @type {import('./data.js').Verdict} */ (JSON.parse(element('data').textContent ?? ''));
const { command, ...provenance } = verdict.provenance;
document.title = 'Verdict: is the winner worth having?';
element('report').append(
  h('h1', {}, document.title),
  ...verdictParts(verdict),
  facts('provenance', 'Provenance', provenance),
  h('section', { id: 'repeat' }, h('h2', {}, 'How to repeat it'), h('p', { class: 'command' }, h('code', {}, command), copyButton(() => command, 'Copy command'))));
