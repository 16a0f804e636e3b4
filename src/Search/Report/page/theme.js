// Canvases do not follow style sheets: their colours are read from the page's, again when the scheme changes and for print.

const names = /** @type {const} */ (['page', 'ink', 'soft', 'rule', 'band', 'odd', 'dot', 'front', 'win', 'on']);

/** @typedef {Record<typeof names[number], string>} Colours */

const property = (/** @type {string} */ name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

export const colours = () => /** @type {Colours} */ (Object.fromEntries(names.map(name => [name, property(name)])));

/** Of a set of lines in one chart. */
export const lineColour = (/** @type {number} */ place) => property(`s${place % 6}`);

export function onThemeChange(/** @type {() => void} */ redraw) {
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', redraw);
}
