// Building the page's elements. Text is only ever set as text.

type Child = Node | string | null | undefined | false | Child[];
type Attributes = Record<string, string | number | boolean | ((event: any) => void) | undefined>;

/** An HTML element; attributes that are functions listen to the event they are named after. */
export const h = <K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] =>
  fill(document.createElement(name), attributes, children);

/** An SVG element. */
export const s = <K extends keyof SVGElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: Child[]): SVGElementTagNameMap[K] =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  append(element, children);
  return element;
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child) element.append(child);
  }
}

/** A labelled list to choose one of. */
export function select(label: string, options: string[], chosen: (index: number) => void): HTMLElement {
  const id = `choose-${label.toLowerCase().replace(' ', '-')}`;
  const list = h('select', { id, change: () => chosen(list.selectedIndex) }, options.map(o => h('option', {}, o)));
  return h('div', { class: 'field' }, h('label', { for: id }, label), list);
}

/** A table that scrolls sideways by itself where the screen is narrow. */
export function table(caption: string, head: Child[], rows: Child[][], className = ''): HTMLElement {
  return h('div', { class: `scroll ${className}`, tabindex: 0, role: 'group', 'aria-label': caption },
    h('table', {},
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, head.map(cell => h('th', { scope: 'col' }, cell)))),
      h('tbody', {}, rows.map(row => h('tr', {}, row.map((cell, i) => i === 0 ? h('th', { scope: 'row' }, cell) : h('td', {}, cell)))))));
}
