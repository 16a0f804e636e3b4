// Architectures as bars: one a block, as high as its channels, all diagrams of a page to one scale.

import { s } from './dom.js';

/**
 * @typedef {import('./data.js').Form} Form
 * @typedef {import('./data.js').Page} Page
 */

const height = 56, gap = 1.5, pause = 6;

export class Diagrams {
  #page;
  #tallest;
  #bar;

  constructor(/** @type {Page} */ page) {
    this.#page = page;
    const forms = [...page.segments.flatMap(segment => segment.forms), ...page.references.flatMap(r => r.forms)];
    this.#tallest = Math.max(1, ...forms.map(f => f.width));
    // The deepest one fills a card.
    const deepest = page.segments.map((segment, i) => Math.max(0, ...segment.forms.map(f => f.depth), ...page.references.map(r => r.forms[i].depth)));
    const blocks = deepest.reduce((sum, depth) => sum + depth, 0);
    this.#bar = Math.min(16, Math.max(2, (300 - pause * deepest.length) / Math.max(1, blocks) - gap));
  }

  /**
   * The bars of an architecture, filled, and those of another behind them in outline.
   * @param {Form[]} forms
   * @param {Form[]} [beside]
   */
  draw(forms, beside) {
    /** @type {SVGElement[]} */
    const parts = [];
    let x = 1;
    forms.forEach((form, i) => {
      const other = beside?.[i];
      const blocks = Math.max(form.depth, other?.depth ?? 0);
      for (let block = 0; block < blocks; block++, x += this.#bar + gap) {
        if (block < form.depth) parts.push(this.#rect(x, form.width, `bar s${i % 6}`));
        if (other && block < other.depth) parts.push(this.#rect(x, other.width, 'outline'));
      }
      x += pause;
    });
    const width = Math.max(1, x - pause);
    return s('svg', { class: 'diagram', viewBox: `0 0 ${width} ${height + 2}`, width, height: height + 2, role: 'img', 'aria-label': this.#describe(forms) }, parts);
  }

  #describe(/** @type {Form[]} */ forms) {
    return forms.map((form, i) => `${this.#page.segments[i].name}: ${form.width} wide, ${form.depth} deep`).join('; ');
  }

  /** @param {number} x @param {number} width @param {string} className */
  #rect(x, width, className) {
    const tall = Math.max(1.5, height * width / this.#tallest);
    return s('rect', { class: className, x: x.toFixed(1), y: (height + 1 - tall).toFixed(1), width: this.#bar.toFixed(1), height: tall.toFixed(1) });
  }
}
