// Canvases do not follow style sheets: their colours are read from the page's, again when the scheme changes and for print.

export type Colours = Record<'page' | 'ink' | 'soft' | 'rule' | 'band' | 'odd' | 'dot' | 'front' | 'win' | 'on', string>;

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const names: (keyof Colours)[] = ['page', 'ink', 'soft', 'rule', 'band', 'odd', 'dot', 'front', 'win', 'on'];
  return Object.fromEntries(names.map(name => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
}

/** Of a set of lines in one chart. */
export const lineColour = (place: number): string => getComputedStyle(document.documentElement).getPropertyValue(`--s${place % 6}`).trim();

export function onThemeChange(redraw: () => void): void {
  for (const query of ['(prefers-color-scheme: dark)', 'print']) matchMedia(query).addEventListener('change', redraw);
}
