// How the page writes numbers.

/** @type {[number, string][]} */
const prefixes = [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e3, 'k'], [1, ''], [1e-3, 'm'], [1e-6, 'µ']];

/** The decimal prefix that a number reads best with; 999.6 k is 1.00 M, so it is chosen after rounding. @type {(value: number) => [number, string]} */
export const prefixOf = value =>
  value === 0 ? [1, ''] : prefixes.find(([unit]) => Math.abs(value) >= 0.9995 * unit) ?? prefixes[prefixes.length - 1];

/** Three significant digits with a decimal prefix and the unit: "3.61 G MACs", "5.21 ms". @type {(value: number, unit: string) => string} */
export function quantity(value, unit) {
  const [scale, prefix] = prefixOf(value);
  const number = Math.abs(value) < 1000 && Number.isInteger(value) ? String(value) : (value / scale).toPrecision(3);
  // A symbol takes its prefix in front, a word stands by itself.
  return unit.length <= 2 ? `${number} ${prefix}${unit}` : [number, prefix, unit].filter(Boolean).join(' ');
}

/** A number without a unit: prefixes for large ones only, since nobody reads a rate of 3 m. @type {(value: number) => string} */
export const bare = value => Math.abs(value) >= 1000 ? quantity(value, '') : Number(value.toPrecision(4)).toString().replace('-', '−');

/** @type {(value: number) => string} */
export const count = value => value.toLocaleString('en');

/** @type {(value: number | null) => string} */
export const score = value => value === null || !Number.isFinite(value) ? '–' : value.toFixed(4).replace('-', '−');

/** @type {(share: number) => string} */
export const percent = share => `${(100 * share).toFixed(1)} %`;

/** @type {(value: number | null) => string} */
export const correlation = value => value === null ? '–' : value.toFixed(3).replace('-', '−');

/** @type {(value: number, noun: string) => string} */
export const plural = (value, noun) => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Round values from low to high, about as many as asked for at most. @type {(low: number, high: number, most: number) => number[]} */
export function marks(low, high, most) {
  const rough = (high - low) / Math.max(1, most), power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find(m => m * power >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, i) => (first + i) * step);
}

/** Labels for an axis's marks in one unit, with just the decimals that tell neighbours apart. @type {(values: number[], scale: number) => string[]} */
export function ticks(values, scale) {
  const step = values.length > 1 ? Math.abs(values[1] - values[0]) / scale : 1;
  let decimals = 0;
  // Steps such as 0.025 have a digit more than their size tells.
  while (decimals < 10 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6 * step * 10 ** decimals) decimals++;
  return values.map(v => (v / scale).toFixed(decimals).replace('-', '−'));
}
