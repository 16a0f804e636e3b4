// Pixels for values, with round values to mark.

import { marks } from './format.js';

/** @typedef {{ at: (value: number) => number, marks: number[] }} Scale */

/** Values with a little room around them. @type {(values: number[], from: number, to: number) => Scale} */
export function linear(values, from, to) {
  const [start, span] = room(values);
  return { at: value => Number((from + (to - from) * (value - start) / span).toFixed(1)), marks: marks(start, start + span, 8) };
}

/** The same of values above 0 by their logarithm: equal ratios are equally far apart. @type {(values: number[], from: number, to: number) => Scale} */
export function logarithmic(values, from, to) {
  const [start, span] = room(values.map(Math.log10));
  const round = Array.from({ length: Math.ceil(start + span) - Math.floor(start) }, (_, i) => 10 ** (Math.floor(start) + i)).flatMap(power => [power, 2 * power, 5 * power]);
  return {
    at: value => Number((from + (to - from) * (Math.log10(value) - start) / span).toFixed(1)),
    marks: round.filter(value => Math.log10(value) >= start && Math.log10(value) <= start + span),
  };
}

/** @type {(values: number[]) => [number, number]} */
function room(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - margin, high - low + 2 * margin];
}
