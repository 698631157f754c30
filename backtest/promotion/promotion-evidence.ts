import type { Database } from '../../infra/postgres/database.ts';
import type { Progress } from '../../infra/terminal/progress.ts';
import { calibrationEvidence } from '../../models/promotion/calibration-evidence.ts';
import { readLeakageReports } from '../../models/promotion/leakage-store.ts';
import { lifeMsOf, plannedSpans } from '../../models/promotion/model-life.ts';
import type { VersionFaults } from '../../models/promotion/roll-back.ts';
import { ageDaysOf, type PromotionEvidence } from '../../models/promotion/promotion-gate.ts';
import { readModel, type ModelVersion, aliasHolder, trainingOf } from '../../models/registry/model-store.ts';
import { readFoldResults, type TrainingPlan, trainedUniverse } from '../../models/registry/training-store.ts';
import { shareOfUp } from '../../models/scores/constant-forecast.ts';
import type { FoldSummary } from '../../models/training/fold/fold-summary.ts';
import { compareWithRival, type ComparedRecord } from './rival-comparison.ts';
import {
  loadTrainingData,
  tradeVersion,
  type AtHand,
  type TradedVersion,
  type TrainingData,
} from './traded-version.ts';
import { readTries, type Tries } from '../judgement/trial-store.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';

/** Sources whose newest bar may be long ago without anything being late: recorded and made-up markets. */
const RECORDED_SOURCES = ['sample', 'simulated', 'csv', 'file'];

/** How evidence is gathered. */
export interface EvidenceWork {
  readonly atHand?: AtHand | null;
  readonly progress?: Progress | undefined;
}

/**
 * Gathers what the gate judges a version by: both versions trade what they predicted out of sample over the same bars,
 * each by the rules of its own plan and net of its own costs. Everything tried before counts against the challenger
 * (`readTries`).
 */
export async function promotionEvidence(
  database: Database,
  challenger: ModelVersion,
  nowMs: number,
  { atHand = null, progress }: EvidenceWork = {},
): Promise<PromotionEvidence> {
  const { name } = challenger;
  const champion = await aliasHolder(database.pool, name, 'champion');
  const { trainingHash, trainToMs } = await readModel(database.pool, challenger.modelHash);
  const data = await loadTrainingData(database, trainingHash, atHand);
  const options = { madeAtMs: nowMs, progress };
  const traded = await tradeVersion(database, challenger, data, { ...options, role: 'challenger' });
  const rival = await rivalOf(database, champion, data, options);
  const leakage = await leakageOf(database, trainingHash);
  const newestMs = newestOf(data, nowMs);
  return {
    name,
    version: challenger.version,
    modelHash: challenger.modelHash,
    championVersion: champion?.version ?? null,
    championFaults:
      champion === null
        ? []
        : Object.values(await faultsOf(database, champion, newestMs)).filter((fault) => fault !== null),
    comparison:
      champion !== null && rival === null
        ? null
        : compareWithRival(comparedRecord(traded), rival && comparedRecord(rival), {
            tries: await triesOf(database, challenger, { traded, data, newestMs }),
            periodsPerYear: marketDays(data.calendar, data.bars).periodsPerYear,
          }),
    comparisonReason:
      champion !== null && rival === null ? 'the champion has other features or another universe' : null,
    leakage,
    calibration: calibrationOf(traded, await trainingRates(database, { trainingHash, trainToMs, data })),
    trainedToMs: trainToMs,
    lifeMs: lifeMsOf(data.plan.experiment, plannedSpans(data.plan.folds)),
    newestMs,
    incompatibilities: champion === null ? [] : await incompatibilitiesOf(database, champion, data.plan),
  };
}

/** What the folds of other than walk-forward splits predicted is left out: their models knew later bars. */
function comparedRecord({ record, plan, trainedToMs }: TradedVersion): ComparedRecord {
  return { record, causalFromMs: plan.experiment.splits.kind === 'walk-forward' ? -Infinity : trainedToMs };
}

async function triesOf(
  database: Database,
  { modelHash }: ModelVersion,
  of: { traded: TradedVersion; data: TrainingData; newestMs: number },
): Promise<Tries> {
  const { record, trainedToMs } = of.traded;
  const { plan } = of.data;
  return readTries(database, {
    modelHash,
    ageDays: ageDaysOf({ trainedToMs, newestMs: of.newestMs }),
    name: plan.experiment.name,
    symbols: plan.series.map(({ symbol }) => symbol),
    fromMs: record.timeMs[0] ?? -Infinity,
    toMs: record.timeMs.at(-1) ?? Infinity,
  });
}

/** The champion traded over the challenger's data; null without one, or where its features or symbols are others. */
async function rivalOf(
  database: Database,
  champion: ModelVersion | null,
  data: TrainingData,
  options: { readonly madeAtMs: number; readonly progress: Progress | undefined },
): Promise<TradedVersion | null> {
  if (champion === null || (await incompatibilitiesOf(database, champion, data.plan)).length > 0) return null;
  return tradeVersion(database, champion, data, { ...options, role: 'champion' });
}

async function incompatibilitiesOf(database: Database, champion: ModelVersion, plan: TrainingPlan): Promise<string[]> {
  const trainingHash = await trainingOf(database.pool, champion.modelHash);
  const other = (await trainedUniverse(database.pool, trainingHash!))!;
  const symbols = (list: readonly string[]): string => [...list].sort().join(' ');
  const own = plan.series.map(({ symbol }) => symbol);
  return [
    ...(other.featureSetHash === plan.featureSetHash ? [] : ['its feature set is not the champion’s']),
    ...(symbols(other.symbols) === symbols(own) ? [] : ['its universe is not the champion’s']),
  ];
}

/** What is known against a version, at the newest bar there is of what it was trained on. */
export async function versionFaults(database: Database, version: ModelVersion, nowMs: number): Promise<VersionFaults> {
  const { trainingHash } = await readModel(database.pool, version.modelHash);
  const data = await loadTrainingData(database, trainingHash);
  return faultsOf(database, version, newestOf(data, nowMs));
}

/** Where markets are live it is now; recorded ones end when their bars do. */
function newestOf({ source, newestMs }: TrainingData, nowMs: number): number {
  return RECORDED_SOURCES.includes(source) ? newestMs : Math.max(nowMs, newestMs);
}

async function faultsOf(database: Database, version: ModelVersion, newestMs: number): Promise<VersionFaults> {
  const { trainingHash } = await readModel(database.pool, version.modelHash);
  const leakage = await leakageOf(database, trainingHash);
  const expired = version.expiresAt !== null && version.expiresAt.getTime() < newestMs;
  return {
    expired: expired ? `it expired on ${version.expiresAt.toISOString().slice(0, 10)}` : null,
    leaking: (leakage?.findings.length ?? 0) > 0 ? 'a look-ahead was found in it' : null,
  };
}

async function leakageOf(database: Database, trainingHash: string): Promise<PromotionEvidence['leakage']> {
  const reports = await readLeakageReports(database.pool, trainingHash);
  if (reports.length === 0) return null;
  const compared = reports.flatMap((report) => Object.values(report.compared)).reduce((sum, count) => sum + count, 0);
  return { compared, findings: reports.flatMap(({ findings }) => findings) };
}

function calibrationOf(
  { predictions }: TradedVersion,
  rateOf: (fold: number) => number,
): PromotionEvidence['calibration'] {
  const known = Array.from(predictions.y.keys()).filter((row) => !Number.isNaN(predictions.y[row]!));
  const take = (column: Float64Array): Float64Array => Float64Array.from(known, (row) => column[row]!);
  const rate = Float64Array.from(known, (row) => rateOf(predictions.fold[row]!));
  return calibrationEvidence(take(predictions.probability), take(predictions.y), rate);
}

/**
 * Share of up in the training rows of each fold; of the final model, and of folds that were trained before it was kept,
 * in all rows that the final model learned.
 */
async function trainingRates(
  database: Database,
  { trainingHash, trainToMs, data }: { trainingHash: string; trainToMs: number; data: TrainingData },
): Promise<(fold: number) => number> {
  const summaries = await readFoldResults<Partial<FoldSummary>>(database.pool, trainingHash);
  const { y, labelEndTimeMs } = data.dataset;
  const learned = shareOfUp(y.filter((_, row) => labelEndTimeMs[row]! <= trainToMs));
  return (fold) => summaries.get(fold)?.baseRate ?? learned;
}
