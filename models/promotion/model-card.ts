import type pg from 'pg';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import type { SerialisedEnsemble } from '../ensemble/serialised-ensemble.ts';
import { decodeEnsemble } from '../ensemble/serialised-ensemble.ts';
import { fittedFileOf } from '../estimators/own/file-estimator.ts';
import { pretrainedFileOf } from '../estimators/pretrained/pretrained-estimator.ts';
import { readModel, type ModelVersion } from '../registry/model-store.ts';
import type { ScoreValues } from '../training/fold/fold-summary.ts';
import type { FoldSummary } from '../training/fold/fold-summary.ts';
import { FINAL_FOLD } from '../registry/training-names.ts';
import { readFoldResults, readTraining, type TrainingPlan } from '../registry/training-store.ts';
import { readDecisions } from './decision-store.ts';
import { readLeakageReports, type LeakageReport } from './leakage-store.ts';
import { ruleDifferences, tradingRules, type TradingRules } from './trading-rules.ts';
import type { PromotionDecision } from './promotion-gate.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

type Backtest = Readonly<Record<string, unknown>> & { readonly reasons?: readonly string[] };

/**
 * What stands beside a version when its out-of-sample backtest is known; all of it optional, since a version may only
 * be trained.
 */
interface KnownEvidence {
  readonly backtest?: Backtest;
  readonly otherRules?: Readonly<Record<string, { readonly rules: TradingRules; readonly backtest: Backtest }>>;
  readonly outOfSample?: CardScores | null;
}

interface CardScores extends ScoreValues {
  readonly rows: number;
  readonly calibration: readonly CardBin[];
  /** Scores of a constant that knows the share of up in each fold's training rows. */
  readonly constant?: ScoreValues | null;
  /** That the model learnt nothing, or no more than that constant knows. */
  readonly headline?: string;
}

interface CardBin {
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

interface CardFold extends ScoreValues {
  readonly fold: number;
  readonly from: string;
  readonly to: string;
  /** As in `CardScores`, of this fold. */
  readonly constant: ScoreValues | null;
}

interface CardMember {
  readonly name: string;
  readonly kind: string;
  readonly file?: string;
  readonly fileHash?: string;
}

/** Everything a reader must know before a model trades: plain JSON. */
export interface ModelCard {
  readonly name: string;
  readonly version: number;
  readonly aliases: readonly string[];
  readonly modelHash: string;
  readonly made: string;
  readonly expires: string | null;
  readonly data: {
    readonly source: string;
    /** Where the bars come from, in their source's own words. */
    readonly statement: string;
    readonly symbols: readonly string[];
    readonly timeframe: string;
    /** First decision and last label that the model was trained on. */
    readonly from: string;
    readonly to: string;
    readonly rows: number;
    readonly dataHash: string;
  };
  readonly labels: TrainingPlan['experiment']['labels'];
  readonly features: readonly string[];
  /** What its members could not learn from its training rows, and why. */
  readonly findings: readonly string[];
  /** `fileHash` is that of the user's file that fitted a member, or that a model from elsewhere was read from. */
  readonly members: readonly CardMember[];
  readonly combiner: string;
  readonly calibrated: string;
  /** Counted from 1. */
  readonly folds: readonly CardFold[];
  /** Pooled over all rows predicted out of sample; null before `signalbox run`. */
  readonly outOfSample: KnownEvidence['outOfSample'];
  /** Of the version's own rules; null before they were traded. */
  readonly backtest: KnownEvidence['backtest'] | null;
  /** The rules of the version's training, by which the gate trades it. */
  readonly rules: TradingRules;
  /** What experiments with other rules showed over the same predictions: `differences` as `signals.buyAbove=0.53`. */
  readonly otherRules: readonly { readonly differences: readonly string[]; readonly backtest: Backtest }[];
  /** Distinct trials on the same data by then. */
  readonly trials: number | null;
  readonly leakage: readonly LeakageReport[];
  readonly decisions: readonly PromotionDecision[];
  readonly limitsOfUse: readonly string[];
}

/** Gathers the card of a version from the store. */
export async function readModelCard(client: Queryable, version: ModelVersion): Promise<ModelCard> {
  const stored = await readModel(client, version.modelHash);
  const plan = await readTraining(client, stored.trainingHash);
  const results = await readFoldResults<FoldSummary>(client, stored.trainingHash);
  const ensemble = decodeEnsemble(stored.content);
  const { backtest = null, outOfSample = null, otherRules = {} } = version.evidence as KnownEvidence;
  const { experiment } = plan;
  const series = await findSeries(
    client,
    plan.series.map(({ id }) => id),
  );
  const rules = tradingRules(experiment);
  return {
    name: version.name,
    version: version.version,
    aliases: version.aliases,
    modelHash: version.modelHash,
    made: version.createdAt.toISOString(),
    expires: version.expiresAt?.toISOString() ?? null,
    data: {
      source: each(series.map(({ source }) => source)) || experiment.data.source,
      statement: each(series.map(({ sourceStatement }) => sourceStatement)),
      symbols: plan.series.map(({ symbol }) => symbol),
      timeframe: series[0]?.timeframe ?? experiment.data.timeframe,
      from: new Date(stored.trainFromMs).toISOString(),
      to: new Date(stored.trainToMs).toISOString(),
      rows: ensemble.trainedRows,
      dataHash: plan.dataHash,
    },
    labels: experiment.labels,
    features: ensemble.columns?.map((column) => ensemble.featureNames[column]!) ?? ensemble.featureNames,
    findings: results.get(FINAL_FOLD)?.findings ?? [],
    members: ensemble.members.map(memberOf),
    combiner: ensemble.combiner.kind,
    calibrated: ensemble.calibration.kind,
    folds: [...results].flatMap(([fold, summary]) => (fold === FINAL_FOLD ? [] : [foldOf(fold, summary)])),
    outOfSample,
    backtest,
    rules,
    otherRules: Object.entries(otherRules)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, other]) => ({ differences: ruleDifferences(rules, other.rules), backtest: other.backtest })),
    trials: typeof backtest?.['trials'] === 'number' ? backtest['trials'] : null,
    leakage: await readLeakageReports(client, stored.trainingHash),
    decisions: await readDecisions(client, version.name, version.modelHash),
    limitsOfUse: limitsOf(version, { plan, ensemble, backtest, headline: outOfSample?.headline }),
  };
}

function memberOf({ name, model }: SerialisedEnsemble['members'][number]): CardMember {
  const fitted = fittedFileOf(model) ?? pretrainedFileOf(model);
  return { name, kind: model.kind, ...(fitted === null ? {} : { file: fitted.file, fileHash: fitted.hash }) };
}

/** What there is, once each. */
const each = (texts: readonly string[]): string => [...new Set(texts)].join(' ');

function foldOf(fold: number, summary: FoldSummary): ModelCard['folds'][number] {
  const { informationCoefficient, rankInformationCoefficient, logLoss, auc, brier, hitRate, test } = summary;
  const scores = { informationCoefficient, rankInformationCoefficient, logLoss, auc, brier, hitRate };
  return { fold: fold + 1, from: test.from, to: test.to, ...scores, constant: summary.constant ?? null };
}

/** What the model must not be taken for. Every sentence follows from what is stored. */
function limitsOf(
  version: ModelVersion,
  known: {
    plan: TrainingPlan;
    ensemble: SerialisedEnsemble;
    backtest: ModelCard['backtest'];
    headline: string | undefined;
  },
): string[] {
  const { plan, ensemble, backtest, headline } = known;
  const { experiment } = plan;
  const expires = version.expiresAt === null ? [] : [`It gives no signal for bars after ${day(version.expiresAt)}.`];
  const verdict = backtest?.['verdict'];
  return [
    ...(headline === undefined ? [] : [headline]),
    `Only for ${plan.series.map(({ symbol }) => symbol).join(', ')} on ${experiment.data.timeframe} bars, ` +
      `${experiment.labels.horizonBars} bars ahead; other symbols, bar sizes and horizons were not tested.`,
    ...expires,
    ...(experiment.data.source === 'simulated' ? ['Trained on simulated bars: it says nothing about a market.'] : []),
    ...(verdict === undefined
      ? ['Its out-of-sample record has not been traded by its own rules yet: `signalbox run` does that.']
      : verdict === 'evidence'
        ? ['Its out-of-sample excess return passed every condition of the verdict; that is a record, no promise.']
        : [`Its out-of-sample excess return is no evidence of skill (verdict: ${String(verdict)}): not for money.`]),
    ...(ensemble.reference === undefined
      ? ['It keeps no reference of its training rows: drift and novelty cannot be watched.']
      : ['Rows whose novelty is above 0.99 are unlike its training rows: its probability for them is extrapolated.']),
  ];
}

const day = (date: Date): string => date.toISOString().slice(0, 10);
