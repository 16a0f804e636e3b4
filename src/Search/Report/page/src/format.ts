// How the page writes numbers.

const prefixes: [number, string][] = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ']];

/** The decimal prefix that a number reads best with; 999.6 k is 1.00 M, so it is chosen after rounding. */
export const prefixOf = (value: number): [number, string] =>
  value === 0 ? [1, ''] : prefixes.find(([unit]) => Math.abs(value) >= 0.9995 * unit) ?? prefixes[prefixes.length - 1];

/** Three significant digits with a decimal prefix and the unit: "3.61 G MACs", "5.21 ms". */
export function quantity(value: number, unit: string): string {
  const [scale, prefix] = prefixOf(value);
  const number = Math.abs(value) < 1000 && Number.isInteger(value) ? String(value) : (value / scale).toPrecision(3);
  // A symbol takes its prefix in front, a word stands by itself.
  return unit.length <= 2 ? `${number} ${prefix}${unit}` : [number, prefix, unit].filter(Boolean).join(' ');
}

/** A number without a unit: prefixes for large ones only, since nobody reads a rate of 3 m. */
export const bare = (value: number): string => Math.abs(value) >= 1000 ? quantity(value, '') : Number(value.toPrecision(4)).toString().replace('-', '−');

export const count = (value: number): string => value.toLocaleString('en');

export const score = (value: number | null): string => value === null || !Number.isFinite(value) ? '–' : value.toFixed(4).replace('-', '−');

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export const correlation = (value: number | null): string => value === null ? '–' : value.toFixed(3).replace('-', '−');

export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Labels for an axis's ticks in one unit, with just the decimals that tell neighbours apart. */
export function ticks(values: number[], scale: number): string[] {
  const step = values.length > 1 ? Math.abs(values[1] - values[0]) / scale : 1;
  let decimals = 0;
  // Steps such as 0.025 have a digit more than their size tells.
  while (decimals < 10 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * step * 10 ** decimals) decimals++;
  return values.map(v => (v / scale).toFixed(decimals).replace('-', '−'));
}
