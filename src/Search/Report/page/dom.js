// Building the page's elements. Text is only ever set as text.

/**
 * @typedef {Node | string | null | undefined | false | Child[]} Child
 * @typedef {Record<string, string | number | boolean | ((event: any) => void) | undefined>} Attributes
 */

/**
 * An HTML element; attributes that are functions listen to the event they are named after.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Attributes} attributes
 * @param {...Child} children
 */
export const h = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} name
 * @param {Attributes} attributes
 * @param {...Child} children
 */
export const s = (name, attributes = {}, ...children) => fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {Child[]} children
 */
function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  append(element, children);
  return element;
}

/** @type {(element: Element, children: Child[]) => void} */
function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child) element.append(child);
  }
}

/** A labelled list to choose one of. @type {(label: string, options: string[], chosen: (index: number) => void) => HTMLElement} */
export function select(label, options, chosen) {
  const id = `choose-${label.toLowerCase().replace(' ', '-')}`;
  /** @type {HTMLSelectElement} */
  const list = h('select', { id, change: () => chosen(list.selectedIndex) }, options.map(o => h('option', {}, o)));
  return h('div', { class: 'field' }, h('label', { for: id }, label), list);
}

/** A table that scrolls sideways by itself where the screen is narrow. @type {(caption: string, head: Child[], rows: Child[][]) => HTMLElement} */
export function table(caption, head, rows) {
  return h('div', { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': caption },
    h('table', {},
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, head.map(cell => h('th', { scope: 'col' }, cell)))),
      h('tbody', {}, rows.map(row => h('tr', {}, row.map((cell, i) => i === 0 ? h('th', { scope: 'row' }, cell) : h('td', {}, cell)))))));
}
