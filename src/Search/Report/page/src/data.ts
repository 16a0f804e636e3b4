// What the page is told, and its columns made ready for use. The counterpart in C# is PageData.cs.

export interface Task { name: string; features: string; metric: string }
export interface Form { text: string; width: number; depth: number }
export interface Winner {
  number: number; task: number; group: number; at: number; members: number; architecture: string; macs: number; parameters: number; score: number | null;
  ranks: (number | null)[]; className: string | null; files: string[]; proof: number | null; confidence: Confidence | null;
}
export interface Confidence { low: number; high: number; tied: number; cheapest: string; cheapestMacs: number; cheapestParameters: number }
export interface Reference { name: string; forms: Form[]; values: Record<string, number> }
export interface Curve { name: string; steps: number[]; values: number[] }
/** The best candidate over other images: where it is, how it ranks over the searched ones, and how their winner ranks over the others. */
export interface Comparison { task: number; group: number; members: number; spearman: number | null; at: number; rank: number; ownRank: number }
/** The first one is the searched images, which are compared with nothing. */
export interface Domain { name: string; comparisons: Comparison[] }

/** Accuracies that labels gave, the largest network's last; correlations with the ends of their intervals. */
export interface Study { method: string; points: { at: number; accuracy: number; low: number; high: number }[]; agreements: { of: string; spearman: Interval; kendall: Interval }[] }
export type Interval = [number | null, number | null, number | null];

/** fronts: [task][measure][group], spreads: [task][group], similarities: [group][task][task], best: [task][group]. */
interface Statistics { fronts: number[][][][]; spreads: (number[] | null)[][]; similarities: (number | null)[][][]; best: (number | null)[][] }
interface Raw {
  space: string; size: number; deployedSize: number; count: number; seconds: string; tasks: Task[];
  measures: { name: string; unit: string; values: string }[];
  segments: { name: string; forms: Form[]; codes: string }[];
  groups: { name: string; members: number; bits: string; bounds: Record<string, [number, number]> }[];
  rankings: Statistics & { scores: string[] }; domains: Domain[]; study: Study | null;
  winners: Winner[]; references: Reference[]; curves: Curve[];
  cost: Record<string, string>; provenance: Record<string, string>; command: string | null; emitBefore: string; emitAfter: string;
}

export interface Measure { name: string; unit: string; values: Float32Array }
export interface Group { name: string; members: number; bounds: Record<string, [number, number]>; has(candidate: number): boolean }
export interface Segment { name: string; forms: Form[]; codes: Uint8Array | Uint16Array }

export interface Page extends Omit<Raw, 'measures' | 'segments' | 'groups' | 'rankings'> {
  measures: Measure[]; segments: Segment[]; groups: Group[]; rankings: Statistics & { scores: Float32Array[] };
}

/** Reads the page's data element. */
export function read(element: HTMLElement): Page {
  const raw = JSON.parse(element.textContent!) as Raw;
  const page: Page = {
    ...raw,
    measures: raw.measures.map(m => ({ ...m, values: floats(m.values) })),
    segments: raw.segments.map(s => ({ ...s, codes: codes(s.codes, raw.count) })),
    groups: raw.groups.map(g => {
      const bits = bytes(g.bits);
      return { ...g, has: candidate => (bits[candidate >> 3] >> (candidate & 7) & 1) === 1 };
    }),
    rankings: { ...raw.rankings, scores: raw.rankings.scores.map(floats) },
  };
  // The text is megabytes that nobody reads again.
  element.remove();
  return page;
}

/** The forms of a candidate's parts. */
export const formsOf = (page: Page, candidate: number): Form[] => page.segments.map(s => s.forms[s.codes[candidate]]);

/** The canonical text of an architecture. */
export const textOf = (page: Page, forms: Form[]): string =>
  forms.map((form, i) => form.text && `${page.segments[i].name}=${form.text}`).filter(Boolean).join(' ');

/** The winners that a selection shows, those of another domain with a prime: what searching on its images would have chosen. */
export function winnersOf(page: Page, { task, group, domain }: { task: number; group: number; domain: number }): { at: number; label: string; text: string }[] {
  const chosen = (of: { task: number; group: number }): boolean => of.task === task && (group === 0 || of.group === group);
  if (domain === 0) return page.winners.filter(chosen).map(w => ({ at: w.at, label: String(w.number), text: `Winner ${w.number}: ${page.groups[w.group].name}` }));
  const { name, comparisons } = page.domains[domain];
  return comparisons.filter(chosen).map(c => ({
    at: c.at, label: `${page.winners.find(w => w.task === c.task && w.group === c.group)?.number ?? ''}′`,
    text: `Best of ${page.groups[c.group].name} over ${name}: rank ${c.rank} of ${c.members} here`,
  }));
}

/** The command line that writes an architecture as a class. */
export const emitCommand = (page: Page, architecture: string): string => `${page.emitBefore}'${architecture}'${page.emitAfter}`;

function bytes(text: string): Uint8Array {
  const binary = atob(text);
  const array = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) array[i] = binary.charCodeAt(i);
  return array;
}

const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer);

function codes(text: string, count: number): Uint8Array | Uint16Array {
  const array = bytes(text);
  return array.length === count ? array : new Uint16Array(array.buffer);
}
