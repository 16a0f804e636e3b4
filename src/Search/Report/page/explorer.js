// The chart with its filters, its tip and the candidate that was picked.

import { Chart } from './chart.js';
import { copyButton } from './copy.js';
import { emitCommand, formsOf, textOf, winnersOf } from './data.js';
import { h, select } from './dom.js';
import { count, plural, quantity, score } from './format.js';

/**
 * @typedef {import('./chart.js').Place} Place
 * @typedef {import('./data.js').Page} Page
 * @typedef {import('./diagram.js').Diagrams} Diagrams
 * @typedef {import('./points.js').Selection} Selection
 */

export class Explorer {
  /** @type {Selection} */
  #selection = { task: 0, measure: 0, group: 0, domain: 0 };
  #page;
  #diagrams;
  #chart;
  #plot = h('div', { class: 'plot', id: 'plot', tabindex: 0, role: 'application', 'aria-label': 'Score against cost', 'aria-describedby': 'keys', keydown: (/** @type {KeyboardEvent} */ event) => this.#key(event) });
  #tip = h('div', { class: 'tip', id: 'tip', hidden: true });
  #ring = h('div', { class: 'ring', hidden: true });
  #costTitle = h('span', { class: 'cost-title' });
  #frame = h('div', { class: 'frame' }, h('span', { class: 'score-title' }, 'score'), this.#plot, this.#costTitle, this.#ring, this.#tip);
  #caption = h('p', { class: 'caption', id: 'shown' });
  #picked = h('div', { class: 'picked', id: 'picked', 'aria-live': 'polite' });
  /** Place on the front that the keys have come to. */
  #step = -1;

  constructor(/** @type {Page} */ page, /** @type {Diagrams} */ diagrams) {
    this.#page = page;
    this.#diagrams = diagrams;
    this.element = h('section', { id: 'chart' },
      h('h2', {}, 'Score against cost'),
      h('form', { class: 'filters' },
        this.#filter('Task', page.tasks.map(t => t.name), 'task'),
        this.#filter('Budget', page.groups.map(g => g.name), 'group'),
        this.#filter('Cost', page.measures.map(m => m.name), 'measure'),
        page.domains.length > 1 && this.#filter('Winners over', page.domains.map(d => d.name), 'domain'),
        h('span', { class: 'zoom', role: 'group', 'aria-label': 'Zoom' },
          h('button', { type: 'button', 'aria-label': 'Zoom in', click: () => this.#chart.zoom(0.6) }, '+'),
          h('button', { type: 'button', 'aria-label': 'Zoom out', click: () => this.#chart.zoom(1 / 0.6) }, '−'),
          h('button', { type: 'button', click: () => this.#chart.reset() }, 'Reset'))),
      this.#frame,
      this.#caption,
      h('p', { class: 'hint', id: 'keys' }, 'Drag moves; Ctrl and wheel, or two fingers, zoom; a double click shows all again; a click keeps a candidate below. ',
        h('span', { class: 'keys' }, 'Keys: ← → walk along the front, Enter keeps, + − zoom, Shift and arrows move, 0 shows all.')),
      this.#picked);
    this.#chart = new Chart(page, this.#plot, place => this.#point(place), candidate => this.#pick(candidate));
    this.#show();
  }

  /** @type {(label: string, options: string[], field: keyof Selection) => HTMLElement} */
  #filter(label, options, field) {
    return select(label, options, index => { this.#selection[field] = index; this.#show(); });
  }

  #show() {
    this.#chart.show(this.#selection);
    this.#point(null);
    this.#step = -1;
    const page = this.#page, selection = this.#selection, task = page.tasks[selection.task];
    this.#costTitle.textContent = this.#chart.costTitle;
    this.#caption.textContent = `${plural(this.#chart.shown, 'candidate')}, ${count(this.#chart.front.length)} of them on the exact Pareto front (the line). `
      + `Score: ${task.metric}, on ${task.features}. Numbers are winners${selection.domain > 0 ? ` over ${page.domains[selection.domain].name}, at their places here` : ''}, dashed lines known architectures, bands the budgets.`;
  }

  #key(/** @type {KeyboardEvent} */ event) {
    const front = this.#chart.front;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowRight: () => this.#walk(Math.min(front.length - 1, this.#step + 1)),
      ArrowLeft: () => this.#walk(Math.max(0, this.#step - 1)),
      Enter: () => { if (this.#step >= 0) this.#pick(front[this.#step]); },
      Escape: () => this.#point(null),
      '+': () => this.#chart.zoom(0.8),
      '=': () => this.#chart.zoom(0.8),
      '-': () => this.#chart.zoom(1.25),
      0: () => this.#chart.reset(),
    };
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = event.shiftKey && moves[event.key] ? () => this.#chart.pan(...moves[event.key]) : actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #walk(/** @type {number} */ step) {
    const candidate = this.#chart.front[step];
    if (candidate === undefined) return;
    this.#step = step;
    this.#point(this.#chart.placeOf(candidate));
  }

  /** Puts ring and tip at a candidate, or away. */
  #point(/** @type {Place | null} */ place) {
    this.#ring.hidden = this.#tip.hidden = place === null;
    if (!place) return;
    const { left, top } = place, frame = this.#frame;
    this.#ring.style.translate = `${left + this.#plot.offsetLeft}px ${top + this.#plot.offsetTop}px`;
    this.#tip.replaceChildren(...this.#describe(place.candidate));
    const x = left + 16 + this.#tip.offsetWidth < frame.clientWidth ? left + 16 : Math.max(0, left - 16 - this.#tip.offsetWidth);
    const y = Math.min(top + 12, frame.clientHeight - this.#tip.offsetHeight);
    this.#tip.style.translate = `${x + this.#plot.offsetLeft}px ${y + this.#plot.offsetTop}px`;
  }

  #describe(/** @type {number} */ candidate) {
    const page = this.#page, selection = this.#selection, forms = formsOf(page, candidate);
    return [
      ...winnersOf(page, selection).filter(w => w.at === candidate).map(w => h('b', {}, w.text)),
      this.#diagrams.draw(forms),
      h('code', {}, textOf(page, forms)),
      h('span', {}, `score ${score(page.rankings.scores[selection.task][candidate])} · `
        + page.measures.map(m => quantity(m.values[candidate], m.unit)).join(' · ')),
    ];
  }

  #pick(/** @type {number} */ candidate) {
    const page = this.#page, forms = formsOf(page, candidate), text = textOf(page, forms), command = emitCommand(page, text);
    this.#picked.replaceChildren(
      h('h3', {}, 'Kept candidate'),
      this.#diagrams.draw(forms),
      h('p', {}, h('code', {}, text)),
      h('p', {}, [
        ...page.measures.map(m => quantity(m.values[candidate], m.unit)),
        ...page.tasks.map((t, i) => `${t.name} ${score(page.rankings.scores[i][candidate])}`),
      ].join(' · ')),
      h('p', { class: 'command' }, h('code', {}, command), copyButton(() => command)));
  }
}
