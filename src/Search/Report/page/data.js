// What the page is told, and its columns made ready for use. The counterpart in C# is PageData.cs.

/**
 * @typedef {{ name: string, features: string, metric: string }} Task
 * @typedef {{ text: string, width: number, depth: number }} Form
 * @typedef {{ low: number, high: number, tied: number, cheapest: string, cheapestMacs: number, cheapestParameters: number }} Confidence
 * @typedef {{
 *   number: number, task: number, group: number, at: number, members: number, architecture: string, macs: number, parameters: number, score: number | null,
 *   ranks: (number | null)[], className: string | null, files: string[], proof: number | null, confidence: Confidence | null }} Winner
 * @typedef {{ name: string, forms: Form[], values: Record<string, number> }} Reference
 * @typedef {{ name: string, steps: number[], values: number[] }} Curve
 */

/**
 * The best candidate over other images: where it is, how it ranks over the searched ones, and how their winner ranks over the others.
 * @typedef {{ task: number, group: number, members: number, spearman: number | null, at: number, rank: number, ownRank: number }} Comparison
 */

/**
 * The first one is the searched images, which are compared with nothing.
 * @typedef {{ name: string, comparisons: Comparison[] }} Domain
 */

/**
 * Accuracies that labels gave, the largest network's last; correlations with the ends of their intervals.
 * @typedef {[number | null, number | null, number | null]} Interval
 * @typedef {{ at: number, accuracy: number, low: number, high: number }} Measured
 * @typedef {{ of: string, spearman: Interval, kendall: Interval, partial: Interval[] }} Agreement
 * @typedef {{ task: string, budget: string, subnets: number, winner: string, best: string, gain: Interval, loss: Interval }} Regret
 * @typedef {{ method: string, points: Measured[], agreements: Agreement[], given: string[], regrets: Regret[] }} Study
 */

/**
 * Whether a winner is worth having. The counterpart in C# is VerdictReport.cs; the winner is the last row.
 * @typedef {{ value: number, low: number, high: number }} Estimate
 * @typedef {{ name: string, ahead: Estimate, latencyRatio: number }} Rival
 * @typedef {{ accuracy: number, bySeed: number[], winnerAhead?: Estimate }} Figure
 * @typedef {{ role: string, name: string, origin: string, space: string, architecture: string, size: number, macs: number, parameters: number, weightBytes: number, latency: number, figures: Figure[] }} VerdictRow
 * @typedef {{
 *   sentence: string, decision: { given: Rival, handcrafted: Rival | null }, by: string, columns: { name: string, method: string, share: number, labelled: number }[], rows: VerdictRow[],
 *   leftOut: string | null, seeds: number, testImages: number, provenance: Record<string, string>, elapsedSeconds: number }} Verdict
 */

/**
 * fronts: [task][measure][group], spreads: [task][group], similarities: [group][task][task], best: [task][group].
 * @typedef {{ fronts: number[][][][], spreads: (number[] | null)[][], similarities: (number | null)[][][], best: (number | null)[][] }} Statistics
 */

/**
 * @typedef {{
 *   space: string, size: number, deployedSize: number, count: number, seconds: string, tasks: Task[], domains: Domain[], study: Study | null, verdict: Verdict | null, winners: Winner[], references: Reference[], curves: Curve[],
 *   cost: Record<string, string>, provenance: Record<string, string>, command: string | null, emitBefore: string, emitAfter: string }} Facts
 * @typedef {Facts & {
 *   measures: { name: string, unit: string, values: string }[], segments: { name: string, forms: Form[], codes: string }[],
 *   groups: { name: string, members: number, bits: string, bounds: Record<string, [number, number]> }[], rankings: Statistics & { scores: string[] } }} Raw
 * @typedef {{ name: string, unit: string, values: Float32Array }} Measure
 * @typedef {{ name: string, members: number, bounds: Record<string, [number, number]>, has(candidate: number): boolean }} Group
 * @typedef {{ name: string, forms: Form[], codes: Uint8Array | Uint16Array }} Segment
 * @typedef {Facts & { measures: Measure[], segments: Segment[], groups: Group[], rankings: Statistics & { scores: Float32Array[] } }} Page
 */

/**
 * Reads the page's data element.
 * @param {HTMLElement} element
 * @returns {Page}
 */
export function read(element) {
  const raw = /** @type {Raw} */ (JSON.parse(element.textContent ?? ''));
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
