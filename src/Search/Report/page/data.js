// What the page is told, told.d.ts, and its columns made ready for use.

/**
 * @typedef {import('./told').SegmentForm} Form
 * @typedef {import('./told').PageWinner} Winner
 * @typedef {import('./told').PageReference} Reference
 * @typedef {import('./told').PageCurve} Curve
 * @typedef {import('./told').PageStudy} Study
 * @typedef {import('./told').VerdictReport} Verdict
 * @typedef {import('./told').Estimate} Estimate
 */

/**
 * A correlation with the ends of its interval; null where it is not defined.
 * @typedef {(number | null)[]} Interval
 */

/**
 * @typedef {Omit<import('./told').PageMeasure, 'values'> & { values: Float32Array }} Measure
 * @typedef {Omit<import('./told').PageGroup, 'bits'> & { has(candidate: number): boolean }} Group
 * @typedef {Omit<import('./told').PageSegment, 'codes'> & { codes: Uint8Array | Uint16Array }} Segment
 * @typedef {Omit<import('./told').PageRankings, 'scores'> & { scores: Float32Array[] }} Rankings
 * @typedef {Omit<import('./told').PageData, 'measures' | 'segments' | 'groups' | 'rankings'>
 *   & { measures: Measure[], segments: Segment[], groups: Group[], rankings: Rankings }} Page
 */

/**
 * Reads the page's data element.
 * @param {HTMLElement} element
 * @returns {Page}
 */
export function read(element) {
  const raw = /** @type {import('./told').PageData} */ (JSON.parse(element.textContent ?? ''));
  const page = {
    ...raw,
    measures: raw.measures.map(m => ({ ...m, values: floats(m.values) })),
    segments: raw.segments.map(s => ({ ...s, codes: codes(s.codes, raw.count) })),
    groups: raw.groups.map(g => {
      const bits = bytes(g.bits);
      return { ...g, has: (/** @type {number} */ candidate) => (bits[candidate >> 3] >> (candidate & 7) & 1) === 1 };
    }),
    rankings: { ...raw.rankings, scores: raw.rankings.scores.map(floats) },
  };
  // The text is megabytes that nobody reads again.
  element.remove();
  return page;
}

/** The forms of a candidate's parts. @type {(page: Page, candidate: number) => Form[]} */
export const formsOf = (page, candidate) => page.segments.map(s => s.forms[s.codes[candidate]]);

/** The canonical text of an architecture. @type {(page: Page, forms: Form[]) => string} */
export const textOf = (page, forms) => forms.map((form, i) => form.text && `${page.segments[i].name}=${form.text}`).filter(Boolean).join(' ');

/**
 * The winners that a selection shows, those of another domain with a prime: what searching on its images would have chosen.
 * @param {Page} page
 * @param {{ task: number, group: number, domain: number }} selection
 * @returns {{ at: number, label: string, text: string }[]}
 */
export function winnersOf(page, { task, group, domain }) {
  const chosen = (/** @type {{ task: number, group: number }} */ of) => of.task === task && (group === 0 || of.group === group);
  if (domain === 0) return page.winners.filter(chosen).map(w => ({ at: w.at, label: String(w.number), text: `Winner ${w.number}: ${page.groups[w.group].name}` }));
  const { name, comparisons } = page.domains[domain];
  return comparisons.filter(chosen).map(c => ({
    at: c.at, label: `${page.winners.find(w => w.task === c.task && w.group === c.group)?.number ?? ''}′`,
    text: `Best of ${page.groups[c.group].name} over ${name}: rank ${c.rank} of ${c.members} here`,
  }));
}

/** The command line that writes an architecture as a class. @type {(page: Page, architecture: string) => string} */
export const emitCommand = (page, architecture) => `${page.emitBefore}'${architecture}'${page.emitAfter}`;

/** @param {string} text */
function bytes(text) {
  const binary = atob(text);
  const array = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) array[i] = binary.charCodeAt(i);
  return array;
}

const floats = (/** @type {string} */ text) => new Float32Array(bytes(text).buffer);

/** @type {(text: string, count: number) => Uint8Array | Uint16Array} */
function codes(text, count) {
  const array = bytes(text);
  return array.length === count ? array : new Uint16Array(array.buffer);
}
