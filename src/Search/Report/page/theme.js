// Canvases do not follow style sheets: their colours are read from the page's, again when the scheme changes and for print.

const names = /** @type {const} */ (['page', 'ink', 'soft', 'rule', 'band', 'odd', 'dot', 'front', 'win', 'on']);

/** @typedef {Record<typeof names[number], string>} Colours */

const valueOf = (/** @type {string} */ property) => getComputedStyle(document.documentElement).getPropertyValue(property).trim();

export const colours = () => /** @type {Colours} */ (Object.fromEntries(names.map(name => [name, valueOf(`--${name}`)])));

/** The style sheet's property for one of a set of lines in one chart. */
export const lineProperty = (/** @type {number} */ place) => `--s${place % 6}`;

export const lineColour = (/** @type {number} */ place) => valueOf(lineProperty(place));

export function onThemeChange(/** @type {() => void} */ redraw) {
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', redraw);
}
