import { createRandom } from '../../../infra/random.ts';
import { bestFirst } from '../../../models/search/done-trial.ts';
import type { MarketDays } from '../../../pipelines/calendars/market-days.ts';
import { confidenceSet, type ConfidenceSet } from '../../judgement/confidence-set.ts';
import { historyOf, type TrialHistory } from '../../judgement/trial-history.ts';
import { judge, type Judgement } from '../../judgement/verdict.ts';
import { deflatedSharpe, probabilisticSharpe, sharpeEvidence } from '../../statistics/significance.ts';
import { heatMapOf, type HeatMap } from './heat-map.ts';
import { PlateauMap, steadiestOf, type Plateau } from './plateau.ts';
import { bestOfRules, type PlacedTrial, type SearchOfRules } from './rule-search.ts';
import { brokenBy } from './rule-objective.ts';
import type { RuleSpace } from './rule-space.ts';
import type { TrialFigures } from './rule-trial.ts';
import type { RuleParameters } from './rule-trial.ts';
import { SignalboxError } from '../../../infra/errors.ts';

/** A set of parameters with what it showed. */
export interface RankedRule extends TrialFigures {
  readonly rank: number;
  readonly parameters: RuleParameters;
  /** Null where it may not be chosen. */
  readonly objective: number | null;
  /** Constraints that it breaks. */
  readonly broken: readonly string[];
  readonly plateau: Plateau;
  readonly journalHash: string;
}

/** The document that `optimize --strategy --json` prints. */
export interface RuleSearchResult {
  readonly strategy: string;
  readonly method: SearchOfRules['method'];
  readonly objective: SearchOfRules['objective'];
  readonly constraints: SearchOfRules['constraints'];
  readonly seed: number;
  readonly ranges: Readonly<Record<string, readonly (number | string | boolean)[]>>;
  readonly bars: number;
  readonly from: string;
  readonly to: string;
  /** What was chosen: every parameter, fixed ones included. */
  readonly parameters: RuleParameters;
  readonly best: RankedRule;
  /** The place whose neighbourhood is best on average; null where no neighbours were tried. */
  readonly steadiest: RankedRule | null;
  /** Distinct trials of this search, and everything ever tried on these data, this search included. */
  readonly trials: number;
  readonly trialsOnData: number;
  readonly counted: string;
  readonly probabilisticSharpe: number | null;
  readonly deflatedSharpe: number | null;
  readonly probabilityOfOverfitting: number | null;
  readonly excess: Judgement['excess'];
  readonly verdict: Judgement['verdict'];
  readonly reasons: readonly string[];
  readonly ranking: readonly RankedRule[];
  readonly heatMap: HeatMap | null;
  /** Trials that cannot be told from the best by their excess returns; null with a reason. */
  readonly confidenceSet: ConfidenceSet | null;
}

export interface SearchedBars {
  readonly bars: number;
  readonly from: string;
  readonly to: string;
  readonly market: MarketDays;
}

const FORESIGHT =
  'the parameters were chosen on the very bars that they are measured on; walk-forward measures them on bars after those';

/**
 * Puts the document together. `history` is of everything ever tried on the data, this search included. SignalboxError
 * where no trial may be chosen.
 */
export function ruleSearchResult(
  { space, search, tried }: { space: RuleSpace; search: SearchOfRules; tried: readonly PlacedTrial[] },
  on: SearchedBars,
  { history, heatMap }: { history: TrialHistory; heatMap: string | undefined },
): RuleSearchResult {
  const best = bestOfRules(tried);
  if (best === null) throw nothingChosen(search, tried);
  const plateaus = new PlateauMap(tried);
  const ranking = rankingOf(space, search, { tried, plateaus });
  const rankOf = (one: PlacedTrial): RankedRule => ranking.get(one)!;
  const steadiest = steadiestOf(tried, plateaus);
  const own = historyOf(tried.map(({ trial }) => trial.record));
  const records = tried.map((one) => ({ rank: rankOf(one).rank, record: one.trial.record }));
  const alike = confidenceSet(records, createRandom(search.seed).fork('confidence set'));
  const { record, figures } = best.trial;
  const evidence = sharpeEvidence(record.returns);
  const judged = judge({
    excessReturns: record.excessReturns,
    trades: figures.trades,
    spread: history.excessSpread,
    periodsPerYear: on.market.periodsPerYear,
    foresight: FORESIGHT,
    random: createRandom(search.seed).fork('verdict'),
  });
  const { bars, from, to } = on;
  return {
    ...{ strategy: space.strategy, method: search.method, objective: search.objective },
    ...{ constraints: search.constraints, seed: search.seed },
    ranges: Object.fromEntries(space.axes.map(({ name, values }) => [name, values])),
    ...{ bars, from, to, parameters: space.parametersAt(best.place) },
    best: rankOf(best),
    steadiest: steadiest === null ? null : rankOf(steadiest),
    trials: tried.length,
    trialsOnData: history.trials,
    counted: countedWords(space, tried, history),
    probabilisticSharpe: evidence && finite(probabilisticSharpe(evidence)),
    deflatedSharpe: evidence && finite(deflatedSharpe(evidence, history.spread)),
    probabilityOfOverfitting: own.probabilityOfOverfitting,
    excess: judged.excess,
    verdict: judged.verdict,
    reasons: [
      ...inSample(judged.reasons),
      ...(evidence === null ? ['probabilisticSharpe and deflatedSharpe: the daily returns do not vary enough.'] : []),
      ...(own.reason === null ? [] : [`probabilityOfOverfitting: ${own.reason}`]),
      ...plateauReason(plateaus.around(best.place), search),
      alike?.reason ?? 'confidenceSet: fewer than two trials have returns to compare.',
    ],
    ranking: [...ranking.values()],
    heatMap: heatMapOf(space.axes, tried, heatMap),
    confidenceSet: alike?.section ?? null,
  };
}

/** What was judged is named for what it is. */
const inSample = ([judged = '', ...rest]: readonly string[]): string[] => [
  judged.replace('Net out-of-sample return', 'Net return on the bars that it was chosen on,'),
  ...rest,
];

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

function plateauReason({ score, neighbours }: Plateau, { objective }: SearchOfRules): string[] {
  if (score !== null) return [];
  const why = neighbours === 0 ? 'no neighbour of the chosen was tried' : `its ${objective} is not above 0`;
  return [`plateau: ${why}.`];
}

function rankingOf(
  space: RuleSpace,
  search: SearchOfRules,
  { tried, plateaus }: { tried: readonly PlacedTrial[]; plateaus: PlateauMap },
): Map<PlacedTrial, RankedRule> {
  const ordered = bestFirst(tried.map((one, trial) => ({ trial, rung: 0, parameters: {}, objective: one.worth, one })));
  const ranked = ordered.map(({ one }, at): [PlacedTrial, RankedRule] => {
    const { place, trial, worth } = one;
    const broken = brokenBy(trial.figures, search.constraints);
    const { figures, journalHash } = trial;
    const head = { rank: at + 1, parameters: space.parametersAt(place), objective: worth };
    return [one, { ...head, ...figures, broken, plateau: plateaus.around(place), journalHash }];
  });
  return new Map(ranked);
}

function countedWords(space: RuleSpace, tried: readonly PlacedTrial[], history: TrialHistory): string {
  const barred = tried.filter(({ worth }) => worth === null).length;
  const before = history.trials - tried.length;
  const chosen = barred === 0 ? '' : `; ${barred} of them may not be chosen`;
  const refusal = space.refusal === '' ? '' : ` (others are refused: ${space.refusal})`;
  const earlier = before <= 0 ? '' : `, ${before} more were tried before on this data`;
  return (
    `${tried.length} of ${space.size} combinations were tried${refusal}${chosen}${earlier}: ` +
    `${history.trials} count against the result.`
  );
}

function nothingChosen(search: SearchOfRules, tried: readonly PlacedTrial[]): SignalboxError {
  const counts = new Map<string, number>();
  for (const { trial } of tried) {
    const broken = brokenBy(trial.figures, search.constraints);
    for (const name of broken) counts.set(name, (counts.get(name) ?? 0) + 1);
    if (broken.length === 0) counts.set(`no ${search.objective}`, (counts.get(`no ${search.objective}`) ?? 0) + 1);
  }
  const words = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  return new SignalboxError(`None of ${tried.length} trials may be chosen: ${words}.`, {
    remedy: 'Loosen --constraint, or widen --range. The trials are recorded and count.',
  });
}
