// Made from PageData.cs by PageTypesTests, which says how.

export interface PageData {
  space: string;
  size: number;
  deployedSize: number;
  count: number;
  seconds: string;
  tasks: TaskInfo[];
  measures: PageMeasure[];
  segments: PageSegment[];
  groups: PageGroup[];
  rankings: PageRankings;
  domains: PageDomain[];
  study: PageStudy | null;
  verdict: VerdictReport | null;
  winners: PageWinner[];
  references: PageReference[];
  curves: PageCurve[];
  cost: Record<string, string>;
  provenance: Record<string, string>;
  command: string | null;
  emitBefore: string;
  emitAfter: string;
}

export interface SurveyReport {
  sentence: string;
  scenarios: SurveyScenarioFacts[];
  networks: SurveyNetworkFacts[];
  methods: SurveyMethodResult[];
  leftOut: string[];
  provenance: Record<string, string>;
  elapsedSeconds: number;
}

export interface TaskInfo {
  name: string;
  features: string;
  metric: string;
}

export interface PageMeasure {
  name: string;
  unit: string;
  values: string;
}

export interface PageSegment {
  name: string;
  forms: SegmentForm[];
  codes: string;
}

export interface PageGroup {
  name: string;
  members: number;
  bits: string;
  bounds: Record<string, number[]>;
}

export interface PageRankings {
  scores: string[];
  fronts: number[][][][];
  spreads: (number[] | null)[][];
  similarities: (number | null)[][][];
  best: (number | null)[][];
}

export interface PageDomain {
  name: string;
  comparisons: PageComparison[];
}

export interface PageStudy {
  method: string;
  figure: string;
  points: PageFigure[];
  agreements: PageAgreement[];
  given: string[];
  regrets: PageRegret[];
}

export interface VerdictReport {
  sentence: string;
  decision: VerdictDecision;
  by: string;
  columns: VerdictColumn[];
  rows: VerdictRow[];
  leftOut: string | null;
  seeds: number;
  testImages: number;
  provenance: Record<string, string>;
  elapsedSeconds: number;
}

export interface PageWinner {
  number: number;
  task: number;
  group: number;
  at: number;
  members: number;
  architecture: string;
  macs: number;
  parameters: number;
  score: number | null;
  ranks: (number | null)[];
  className: string | null;
  files: string[];
  proof: number | null;
  confidence: PageConfidence | null;
  tooNear: number | null;
  isTooNear: boolean;
}

export interface PageReference {
  name: string;
  forms: SegmentForm[];
  values: Record<string, number>;
}

export interface PageCurve {
  name: string;
  steps: number[];
  values: number[];
}

export interface SurveyScenarioFacts {
  name: string;
  classes: number;
  trainingImages: number;
  labelled: number;
  testImages: number;
  split: string;
}

export interface SurveyNetworkFacts {
  name: string;
  space: string;
  family: string;
  architecture: string;
  size: number;
  macs: number;
  parameters: number;
  early: number;
  late: number;
  weights?: string;
}

export interface SurveyMethodResult {
  method: string;
  accuracies: Estimate[][];
  ranks: number[][];
  meanRanks: number[];
  sizes: SurveySizes[];
  pairs: SurveyPair[];
  topTenth: number[][];
  single: SurveySingle;
  forAll: number[];
  slices: SurveySlices[] | null;
}

export interface SegmentForm {
  text: string;
  width: number;
  depth: number;
}

export interface PageComparison {
  task: number;
  group: number;
  members: number;
  spearman: number | null;
  at: number;
  rank: number;
  ownRank: number;
}

export interface PageFigure {
  at: number;
  value: number;
  low: number;
  high: number;
}

export interface PageAgreement {
  of: string;
  spearman: (number | null)[];
  kendall: (number | null)[];
  partial: (number | null)[][];
}

export interface PageRegret {
  task: string;
  budget: string;
  subnets: number;
  winner: string;
  best: string;
  gain: (number | null)[];
  loss: (number | null)[];
}

export interface VerdictDecision {
  given: VerdictRival;
  handcrafted: VerdictRival | null;
}

export interface VerdictColumn {
  name: string;
  method: string;
  share: number;
  labelled: number;
}

export interface VerdictRow {
  role: string;
  name: string;
  origin: string;
  space: string;
  architecture: string;
  size: number;
  macs: number;
  parameters: number;
  weightBytes: number;
  latency: number;
  figures: VerdictFigure[];
}

export interface PageConfidence {
  low: number;
  high: number;
  tied: number;
  cheapest: string;
  cheapestMacs: number;
  cheapestParameters: number;
}

export interface Estimate {
  value: number;
  low: number;
  high: number;
}

export interface SurveySizes {
  scenario: string;
  macs: Estimate;
  parameters: Estimate;
  early: Estimate;
  late: Estimate;
  ratio: Estimate;
}

export interface SurveyPair {
  one: string;
  other: string;
  spearman: Estimate;
  pearson: Estimate;
}

export interface SurveySingle {
  network: number;
  losses: SurveyLoss[];
}

export interface SurveySlices {
  scenario: string;
  networks: number[];
  alone: number[];
  spearman: Estimate;
  pearson: Estimate;
}

export interface VerdictRival {
  name: string;
  ahead: Estimate;
  latencyRatio: number;
  claim: 'Gain' | 'NoGain' | 'Loss';
}

export interface VerdictFigure {
  accuracy: number;
  bySeed: number[];
  winnerAhead?: Estimate;
}

export interface SurveyLoss {
  scenario: string;
  best: number;
  bestLessSingle: Estimate;
}
