import type { Random } from '../../infra/random.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { ProtectionRule } from '../../trading/risk/protection.ts';
import type { StrategyShare } from '../../trading/portfolio/strategy-shares.ts';
import type { LedgerEntry } from '../../trading/session-result.ts';
import { chargesNothing, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { OwnCostsRule } from '../../trading/brokers/simulated/own-costs.ts';
import { randomSection, sectionOf, type BaselineSection, type RandomSection } from './baseline-section.ts';
import type { Analysis, AnalysisSections } from '../analysis/analyse.ts';
import type { FeatureAttribution } from '../analysis/feature-attribution.ts';
import type { SymbolDiscovery } from '../analysis/symbols/symbol-discovery.ts';
import type { Evaluation } from './evaluation.ts';
import {
  walkForwardSections,
  type FoldSection,
  type OutOfSampleSection,
  type WalkForwardOutcome,
  type WalkForwardSections,
} from './fold-outcome.ts';
import { planWords, type PlanSection } from '../plan/compare-plan.ts';
import { pathReasons, type PathsSection } from './paths/path-outcome.ts';
import { protectionSection, type ProtectionSection } from './protection-section.ts';
import { isoTime, type Performance } from '../statistics/performance.ts';
import {
  deflatedSharpe,
  minimumTrackRecordLength,
  probabilisticSharpe,
  sharpeEvidence,
} from '../statistics/significance.ts';
import type { Financed } from '../../trading/financing/financing-rule.ts';
import { effectiveSection, type EffectiveSection } from './effective-section.ts';
import { superiorSection, type SuperiorSection } from './superior-section.ts';
import type { TrialHistory } from './trial-history.ts';
import { shortRecordReasons } from './short-record.ts';
import { judge, type ExcessEvidence, type Verdict } from './verdict.ts';

/** A ledger entry in the result document; `exitTime` is null for a position still open, marked at the last close. */
interface LedgerRow {
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: number;
  readonly entryTime: string;
  readonly entryPrice: number;
  readonly exitTime: string | null;
  readonly exitPrice: number;
  readonly pnl: number;
  readonly fees: number;
  /** `signal`, or the protective order that closed it; null while it is open. */
  readonly exit: LedgerEntry['exit'];
}

/**
 * The document that `backtest --json` prints. Every null has a sentence in `reasons` that begins with or contains its
 * name.
 */
export interface BacktestResult extends Omit<Performance, 'reasons'>, Partial<AnalysisSections> {
  readonly experiment: string | null;
  readonly strategy: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly limits: RiskLimits;
  readonly bars: number;
  readonly probabilisticSharpe: number | null;
  readonly deflatedSharpe: number | null;
  readonly trials: number;
  readonly probabilityOfOverfitting: number | null;
  /** Trading days. */
  readonly minimumTrackRecordLength: number | null;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly baselines: {
    readonly buyAndHold: BaselineSection;
    readonly buyAndHoldSameExposure: BaselineSection | null;
    readonly randomSameTurnover: RandomSection | null;
  };
  readonly equity: readonly (readonly [time: string, equity: number])[];
  readonly ledger: readonly LedgerRow[];
  readonly journalHash: string;
  /** What the verdict judged. */
  readonly excess: ExcessEvidence;
  /** Refused signals and orders by code. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly folds?: readonly FoldSection[] | undefined;
  readonly outOfSample?: OutOfSampleSection | undefined;
  /** Every reconstructed path of a combinatorial split; everything else is then of the first. */
  readonly paths?: PathsSection | undefined;
  /** Where positions were protected by orders of their own. */
  readonly protection?: ProtectionSection | undefined;
  /** Where several trials on the data competed. */
  readonly superiorAbility?: SuperiorSection | null | undefined;
  /** What holding cost in currency, where costs say what it costs; earnings are below 0. */
  readonly financing?: Financed | undefined;
  /** What came of each strategy, where several share the account. */
  readonly strategies?: readonly StrategyShare[];
  /** A user's cost model, by the hash of its text. */
  readonly costModel?: {
    readonly file: string;
    readonly hash: string;
    readonly parameters: OwnCostsRule['parameters'];
  };
  /** Of a model's trades, by what moved its predictions; null where that was not kept. */
  readonly featureAttribution?: FeatureAttribution | null;
  /** How many of several trials differ. */
  readonly effectiveTrials?: EffectiveSection;
  /** Where a plan was registered for the experiment: what became of it, and what was done otherwise. */
  readonly plan?: PlanSection;
  /** In which of several symbols it gained, at a false discovery rate that is held. */
  readonly symbolDiscovery?: SymbolDiscovery;
}

export interface ResultOptions {
  /** From `evaluate`. */
  readonly evaluation: Evaluation;
  /**
   * Of the same data, this trial included: from `recordTrial`, or `historyOf([evaluation.record])` without a database.
   */
  readonly history: TrialHistory;
  /** Name of the experiment; null for a rule strategy over a file. */
  readonly experiment: string | null;
  readonly strategy: { readonly name: string; readonly parameters: Readonly<Record<string, unknown>> };
  /** Drives the bootstrap. */
  readonly random: Random;
  readonly walkForward?: WalkForwardOutcome;
  /** Of combinatorial splits. */
  readonly paths?: PathsSection | undefined;
  /** What the session was charged; nothing by default, and then the document says so. */
  readonly costs?: Partial<Costs> | undefined;
  readonly protection?: ProtectionRule | undefined;
  /** From `foresightOf` the splits; null or absent for a record that could have been traded. */
  readonly foresight?: string | null;
  /** From `analyse`: further sections, at the end of the document. */
  readonly analysis?: Analysis | undefined;
  /** From `comparePlan`. */
  readonly plan?: PlanSection | undefined;
}

/**
 * Builds the result document: keys in the contract's order, additions at the end. Pure: the same input gives the same
 * document.
 */
export function backtestResult(options: ResultOptions): BacktestResult {
  const { evaluation, history, experiment, strategy, paths } = options;
  const { session, measured, baselines } = evaluation;
  const { reasons: unmeasured, from, to, ...figures } = measured.performance;
  const significance = significanceOf(evaluation, history);
  const judgement = judge({
    excessReturns: evaluation.withoutBenchmark === null ? evaluation.record.excessReturns : new Float64Array(0),
    trades: figures.trades,
    spread: history.excessSpread,
    periodsPerYear: evaluation.market.periodsPerYear,
    foresight: options.foresight ?? null,
    random: options.random.fork('verdict'),
  });
  const buyAndHold = sectionOf('buyAndHold', baselines.buyAndHold, evaluation.market);
  const sameExposure =
    baselines.sameExposure === null
      ? null
      : sectionOf('buyAndHoldSameExposure', baselines.sameExposure, evaluation.market);
  const random = randomSection(baselines.random, evaluation);
  const guarded = protectionOf(options);
  const superior = superiorSection(history.excess, options.random.fork('superior ability'));
  const sections = options.walkForward === undefined ? null : walkForwardSections(options.walkForward);
  return {
    experiment,
    strategy: strategy.name,
    parameters: strategy.parameters,
    limits: session.limits,
    bars: session.bars,
    from,
    to,
    ...figures,
    ...significance.figures,
    verdict: judgement.verdict,
    reasons: [
      ...headlineOf(sections),
      ...judgement.reasons,
      ...ofCosts(options),
      ...plannedWords(options).concat(guarded === null ? [] : [guarded.reason]),
      ...firstPathReason(paths),
      ...session.reasons,
      ...shortRecordReasons(measured.performance).concat(unmeasured),
      ...significance.reasons,
      ...(superior === null ? [] : [superior.reason]),
      ...unjudged(evaluation),
      ...buyAndHold.reasons,
      ...(sameExposure?.reasons ?? []),
      ...(random?.reasons ?? []),
      ...(sections?.reasons ?? []),
      ...(paths === undefined ? [] : pathReasons(paths)),
      ...(options.analysis?.reasons ?? []),
    ],
    baselines: {
      buyAndHold: buyAndHold.section,
      buyAndHoldSameExposure: sameExposure?.section ?? null,
      randomSameTurnover: random?.section ?? null,
    },
    equity: Array.from(session.timeMs, (time, mark) => [isoTime(time), session.equity[mark]!] as const),
    ledger: session.ledger.map(ledgerRow),
    journalHash: session.journalHash,
    excess: judgement.excess,
    refusals: Object.fromEntries(session.refused.map(({ code, count }) => [code, count])),
    ...(sections === null ? {} : { folds: sections.folds, outOfSample: sections.outOfSample }),
    ...(paths === undefined ? {} : { paths }),
    ...(guarded === null ? {} : { protection: guarded.section }),
    ...(superior === null ? {} : { superiorAbility: superior.section }),
    ...options.analysis?.sections,
    ...accounted(session),
    ...namedParts(options, significance.effective),
  };
}

function namedParts(
  { costs, analysis, plan }: ResultOptions,
  effective: EffectiveSection | null,
): Pick<BacktestResult, 'costModel' | 'featureAttribution' | 'effectiveTrials' | 'plan' | 'symbolDiscovery'> {
  const features = analysis?.featureAttribution;
  const discovery = analysis?.symbolDiscovery ?? null;
  return {
    ...namedCosts(costs?.own),
    ...(features === undefined ? {} : { featureAttribution: features }),
    ...(effective === null ? {} : { effectiveTrials: effective }),
    ...(plan === undefined ? {} : { plan }),
    ...(discovery === null ? {} : { symbolDiscovery: discovery }),
  };
}

/** Whose the charges are: the text of the file counts, not its name. */
const ownCosts = ({ code, charges, slips }: OwnCostsRule): string =>
  `costs: ${[...(charges ? ['charges'] : []), ...(slips ? ['slippage'] : [])].join(' and ')} of ${code.path} ` +
  `(${code.hash.slice(0, 12)}) are on top of the others.`;

function accounted({
  financing,
  strategies,
}: ResultOptions['evaluation']['session']): Pick<BacktestResult, 'financing' | 'strategies'> {
  return { ...(financing === undefined ? {} : { financing }), ...(strategies === undefined ? {} : { strategies }) };
}

function namedCosts(own: OwnCostsRule | undefined): Pick<BacktestResult, 'costModel'> {
  return own === undefined
    ? {}
    : { costModel: { file: own.code.path, hash: own.code.hash, parameters: own.parameters } };
}

const plannedWords = ({ plan }: ResultOptions): string[] => (plan === undefined ? [] : planWords(plan));

const ofCosts = ({ costs = {} }: ResultOptions): string[] => [
  ...(chargesNothing(costs) ? [WITHOUT_COSTS] : []),
  ...(costs.own === undefined ? [] : [ownCosts(costs.own)]),
  ...(costs.fill === 'same-close' ? [SAME_CLOSE] : []),
];

function protectionOf({
  protection,
  costs = {},
  evaluation,
}: ResultOptions): ReturnType<typeof protectionSection> | null {
  return protection === undefined ? null : protectionSection(protection, costs, evaluation.session.ledger);
}

function ledgerRow({ entryTimeMs, exitTimeMs, ...entry }: LedgerEntry): LedgerRow {
  return {
    symbol: entry.symbol,
    side: entry.side,
    quantity: entry.quantity,
    entryTime: isoTime(entryTimeMs),
    entryPrice: entry.entryPrice,
    exitTime: exitTimeMs === null ? null : isoTime(exitTimeMs),
    exitPrice: entry.exitPrice,
    pnl: entry.pnl,
    fees: entry.fees,
    exit: entry.exit,
  };
}

const WITHOUT_COSTS =
  'costs: nothing was charged, no fee, spread or slippage, so that net figures are before costs; ' +
  'give --fee-bps and --slippage-bps, or the costs of an experiment.';

const SAME_CLOSE =
  'fill: same-close is unrealistic: orders were filled at the very close that decided them, which no real order can be; ' +
  'take next-open to see what a trader would have had.';

/** What comes before the verdict whatever it is. */
const headlineOf = (sections: WalkForwardSections | null): string[] => {
  const headline = sections?.outOfSample.headline;
  return headline === undefined ? [] : [headline];
};

const unjudged = ({ withoutBenchmark, baselines }: Evaluation): readonly string[] =>
  withoutBenchmark === null ? baselines.reasons : [`verdict: ${withoutBenchmark}.`, ...baselines.reasons];

function firstPathReason(paths: PathsSection | undefined): string[] {
  if (paths === undefined) return [];
  const { length } = paths.each;
  return [
    `The session, its verdict and outOfSample are of the first of ${length} reconstructed paths; paths has all of them.`,
  ];
}

type SignificanceFigures = Pick<
  BacktestResult,
  'probabilisticSharpe' | 'deflatedSharpe' | 'trials' | 'probabilityOfOverfitting' | 'minimumTrackRecordLength'
>;

/** Significance of the session's own net returns; the verdict judges the excess ones. */
function significanceOf(
  { measured }: Evaluation,
  history: TrialHistory,
): { figures: SignificanceFigures; reasons: string[]; effective: EffectiveSection | null } {
  const evidence = sharpeEvidence(measured.returns);
  const reasons: string[] = [];
  const honest = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);
  const probabilistic = evidence && honest(probabilisticSharpe(evidence));
  const length = evidence && honest(minimumTrackRecordLength(evidence));
  if (probabilistic === null) {
    const few = measured.returns.length < 3;
    const flat = few ? 'there are fewer than three daily returns' : 'the daily returns do not vary enough';
    const why = measured.insolvent ?? flat;
    reasons.push(`probabilisticSharpe and deflatedSharpe: ${why}.`);
  }
  if (length === null) {
    const why = evidence === null ? 'there is no Sharpe ratio' : 'the Sharpe ratio is not above 0';
    reasons.push(`minimumTrackRecordLength: ${why}, so no record would be long enough.`);
  }
  if (history.reason !== null) reasons.push(`probabilityOfOverfitting: ${history.reason}`);
  const effective = effectiveSection(history.excess, { evidence, spread: history.spread });
  if (effective !== null) reasons.push(effective.reason);
  return {
    figures: {
      probabilisticSharpe: probabilistic,
      deflatedSharpe: probabilistic === null ? null : honest(deflatedSharpe(evidence!, history.spread)),
      trials: history.trials,
      probabilityOfOverfitting: history.probabilityOfOverfitting,
      minimumTrackRecordLength: length === null ? null : Math.ceil(length),
    },
    reasons,
    effective: effective?.section ?? null,
  };
}
