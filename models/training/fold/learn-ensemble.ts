import { InputError } from '../../../infra/errors.ts';
import { createRandom } from '../../../infra/random.ts';
import { releaseMemory } from '../../../infra/release-memory.ts';
import { takeColumns, takeInto, takeRows, withColumns, type Dataset } from '../../dataset.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { calibrate, fitCalibration, type Calibration } from '../../ensemble/calibration.ts';
import { combine, fitCombiner } from '../../ensemble/combiner.ts';
import { baseLogitOf } from '../../ensemble/logit.ts';
import { memberProbabilities } from '../../ensemble/predict-members.ts';
import { probabilitiesOfUp, scoresOfUp } from '../../ensemble/primary-side.ts';
import { aboveBase, memberSlope, temper } from '../../ensemble/temper.ts';
import { applyScaler, type Scaler } from '../../ensemble/scaler.ts';
import { ensembleChecksum, ensembleFormat, type SerialisedEnsemble } from '../../ensemble/serialised-ensemble.ts';
import type { FittedModel } from '../../estimators/estimator.ts';
import { countedRows } from '../../estimators/training-data.ts';
import { decayWeights, meanOne } from '../../labels/time-decay.ts';
import type { TrainingReference } from '../../monitoring/training-reference.ts';
import { scorePredictions } from '../../scores/prediction-scores.ts';
import type { FeatureSelection } from '../../selection/select-features.ts';
import { leftOutWords } from '../../splits/experiment-folds.ts';
import { seenRows, unseenOf } from '../../splits/seen-rows.ts';
import { seenRanges } from '../../estimators/pretrained/trained-range.ts';
import { experimentWindow } from '../../registry/experiment-window.ts';
import { fitReduction, reduceDataset, type Reduction } from '../../estimators/reduction/fit-reduction.ts';
import { ReducedModel } from '../../estimators/reduction/reduced-model.ts';
import { fitMember } from './fit-member.ts';
import { learnedRows, type LearnedRows } from './learned-rows.ts';
import type { TrainingContext, TrainingParts } from './training-context.ts';
import { driftFindings, trainingFindings } from './training-findings.ts';
import type { Scores } from '../../scores/score.ts';

/** How members and ensemble did on the inner, purged folds of the training rows, as probabilities of up. */
export interface InnerDiagnostics {
  /** Rows predicted out of fold. */
  readonly rows: number;
  readonly folds: number;
  readonly members: readonly { readonly name: string; readonly scores: Scores }[];
  /** Before and after calibration; both on the rows that weights and calibration were learned from. */
  readonly ensemble: Scores;
  readonly calibrated: Scores;
}

export interface LearnedEnsemble {
  readonly ensemble: SerialisedEnsemble;
  readonly inner: InnerDiagnostics;
  /** What could not be learned from the rows, and why: `trainingFindings`. */
  readonly findings: readonly string[];
  /** Which features the members learned from; null: all of them. */
  readonly selection: FeatureSelection | null;
}

export interface LearnRequest {
  /** Rows to learn from; nothing else is looked at. */
  readonly train: Dataset;
  readonly experiment: Experiment;
  /** Names the random streams: another name gives other models. */
  readonly stream: string;
  /** The same in words, for messages: folds are counted from 1 there. */
  readonly where: string;
  readonly parts: TrainingParts;
  readonly context: TrainingContext;
  /** Kept in the ensemble, for final models. */
  readonly reference?: TrainingReference;
}

/** Weights of a training window: time decay where asked for, and mean 1. */
function weighted(train: Dataset, experiment: Experiment): Dataset {
  const decay = experiment.labels.weights === 'uniqueness-and-decay';
  return withColumns(train, {
    weight: meanOne(decay ? decayWeights(train.weight, train.decisionTimeMs) : train.weight),
  });
}

interface FittedMembers {
  readonly scaler: Scaler;
  /** Null: members learn from all features. */
  readonly selection: FeatureSelection | null;
  /** What members look at; absent: all. */
  readonly columns: readonly number[] | undefined;
  readonly models: readonly { readonly name: string; readonly model: FittedModel }[];
  readonly reduction: Reduction | null;
}

/** The rows by `scaler`, written into `room`, and their history too where a member looks back. */
function scaledRows(data: Dataset, scaler: Scaler, { window, room }: { window: number; room: Float64Array }): Dataset {
  const x = applyScaler(scaler, data.x, data.rows, room.subarray(0, data.x.length));
  const { history } = data;
  if (history === undefined || window === 1) return withColumns(data, { x });
  const values = history.values.map((own) => applyScaler(scaler, own, own.length / data.width));
  return withColumns(data, { x, history: { ...history, values } });
}

/** What the fits of one training window have in common. */
interface WindowFits {
  /** Room for the scaled rows of any of them. */
  readonly room: Float64Array;
  /** Called after each fit of a member. */
  readonly step: () => void;
}

/** Chooses features on the rows that members learn from, and on no others. */
async function selected(
  { experiment, parts, context, stream: outer }: LearnRequest,
  data: Dataset,
  stream: string,
): Promise<Pick<FittedMembers, 'selection' | 'columns'>> {
  if (experiment.selection === undefined) return { selection: null, columns: undefined };
  const random = createRandom(`${experiment.seed}/${outer}/${stream}/selection`);
  const { signal, threads } = context;
  const selection = await parts.selectFeatures(data, experiment.selection, { random, signal, threads });
  return { selection, columns: selection.kept.map((name) => data.featureNames.indexOf(name)) };
}

/**
 * Fits the scaler and every member on `rows` of the training data, on features that were chosen from the same rows.
 * `stream` names the random streams.
 */
async function fitMembers(
  request: LearnRequest,
  data: Dataset,
  stream: string,
  { room, step }: WindowFits,
): Promise<FittedMembers> {
  const { experiment, parts, context, where } = request;
  const counted = countedRows(data);
  const scaler = parts.fitScaler(counted);
  const { selection, columns } = await selected(request, counted, stream);
  const all = scaledRows(counted, scaler, { window: experimentWindow(experiment, parts), room });
  const rows = columns === undefined ? all : takeColumns(all, columns);
  const scaled = withColumns(rows, { weight: meanOne(counted.weight) });
  const reduction =
    experiment.reduction === undefined
      ? null
      : fitReduction(scaled, experiment.reduction, where, data.featureNames.length);
  const dataset = reduction === null ? scaled : reduceDataset(reduction, scaled);
  const models: { name: string; model: FittedModel }[] = [];
  for (const { name, kind, ...params } of experiment.estimators) {
    const random = createRandom(`${experiment.seed}/${request.stream}/${stream}/${name}`);
    const model = await fitMember({ name, kind, params, dataset, random, where }, parts, context);
    models.push({ name, model: reduction === null ? model : new ReducedModel(reduction, model, scaled.featureNames) });
    step();
  }
  return { scaler, models, selection, columns, reduction };
}

interface OutOfFoldRows {
  /** The training rows that were predicted, ascending. */
  readonly data: Dataset;
  /** Which of the training rows they are; null: all of them. */
  readonly kept: Int32Array | null;
  readonly memberProbabilities: readonly Float64Array[];
  /** Log-odds of the base rate that each row's members were fitted on. */
  readonly baseLogit: Float64Array;
}

/** Predicts every training row by members that were fitted on the other inner folds, purged and embargoed. */
async function predictOutOfFold(request: LearnRequest, train: Dataset, context: WindowFits): Promise<OutOfFoldRows> {
  const { experiment, parts } = request;
  const folds = parts.innerFolds(train, {
    folds: experiment.ensemble.innerFolds,
    embargoBars: experiment.splits.embargoBars,
  });
  const probabilities = experiment.estimators.map(() => new Float64Array(train.rows));
  const baseLogit = new Float64Array(train.rows);
  for (const fold of folds) {
    parts.guard(train, fold);
    const rest = takeRows(train, fold.trainRows);
    const fitted = await fitMembers(request, rest, `inner ${fold.index}`, context);
    const test = takeRows(train, fold.testRows);
    const predicted = memberProbabilities(fitted.models, fitted, test);
    const base = baseLogitOf(rest.y, rest.weight);
    for (const row of fold.testRows) baseLogit[row] = base;
    predicted.forEach((values, m) => {
      for (let k = 0; k < values.length; k++) probabilities[m]![fold.testRows[k]!] = values[k]!;
    });
    fitted.models.forEach(({ model }) => model.dispose());
  }
  return unseenAlone({ data: train, kept: null, memberProbabilities: probabilities, baseLogit }, request);
}

/** Without the rows that a member has seen where it was trained: how it does on those says nothing. */
function unseenAlone(found: OutOfFoldRows, { experiment, where }: LearnRequest): OutOfFoldRows {
  const seen = seenRows(found.data, experiment);
  if (seen === null) return found;
  const rows = unseenOf(seen);
  if (rows.length < 2 * experiment.ensemble.innerFolds) {
    throw new InputError(
      `${where}: ${rows.length} training rows come after what a member from elsewhere has seen`,
      'Take more data after trainedTo, or a model that was trained on less.',
    );
  }
  const take = (column: Float64Array): Float64Array => takeInto(column, rows, new Float64Array(rows.length));
  return {
    data: takeRows(found.data, rows),
    kept: rows,
    memberProbabilities: found.memberProbabilities.map(take),
    baseLogit: take(found.baseLogit),
  };
}

function scoresOf(data: Dataset, score: Float64Array, probability: Float64Array): Scores {
  const { y, realisedReturn, decisionTimeMs } = data;
  return scorePredictions({ score, probability, y, realisedReturn, decisionTimeMs }).scores;
}

function diagnose(
  request: LearnRequest,
  { outOfFold, ...learnedFrom }: Pick<LearnedRows, 'market' | 'sides'> & { outOfFold: OutOfFoldRows },
  learned: { combined: Float64Array; score: Float64Array; calibration: Calibration },
): InnerDiagnostics {
  const { data, kept, memberProbabilities } = outOfFold;
  const market = kept === null ? learnedFrom.market : takeRows(learnedFrom.market, kept);
  const sides = kept === null ? learnedFrom.sides : (learnedFrom.sides?.filter((_, row) => kept.includes(row)) ?? null);
  const base = (row: number): number => outOfFold.baseLogit[row]!;
  const scores = (score: Float64Array, said: Float64Array): Scores =>
    sides === null
      ? scoresOf(market, score, said)
      : scoresOf(market, scoresOfUp(score, base, sides), probabilitiesOfUp(said, sides));
  const probability = learned.score.map((value) => calibrate(learned.calibration, value));
  return {
    rows: data.rows,
    folds: request.experiment.ensemble.innerFolds,
    members: request.experiment.estimators.map(({ name }, m) => ({
      name,
      scores: scores(aboveBase(memberProbabilities[m]!, base), memberProbabilities[m]!),
    })),
    ensemble: scores(learned.score, learned.combined),
    calibrated: scores(learned.score, probability),
  };
}

const lastOf = (timesMs: Float64Array): number => timesMs.reduce((last, end) => Math.max(last, end), -Infinity);

function seal(
  { train: window, experiment, reference }: LearnRequest,
  fitted: FittedMembers & { readonly train: Dataset },
  learned: Pick<SerialisedEnsemble, 'memberSlopes' | 'combiner' | 'baseLogit' | 'calibration'>,
): SerialisedEnsemble {
  const { train } = fitted;
  const sideFeature = experiment.labels.meta?.side;
  const { columns } = fitted;
  // What a member has seen elsewhere, the ensemble has seen.
  const seen = seenRanges(experiment.estimators);
  const unsealed = {
    formatVersion: ensembleFormat({ sideFeature, columns }),
    featureNames: train.featureNames,
    scaler: fitted.scaler,
    members: fitted.models.map(({ name, model }) => ({ name, model: model.serialise() })),
    ...learned,
    // Rows without a primary side count here: that there was nothing to learn from them is known when their label is.
    trainedFromMs: seen.reduce((first, { fromMs }) => Math.min(first, fromMs), window.decisionTimeMs[0]!),
    trainedToMs: seen.reduce((last, { toMs }) => Math.max(last, toMs), lastOf(window.labelEndTimeMs)),
    trainedRows: train.rows,
    ...(reference === undefined ? {} : { reference }),
    ...(sideFeature === undefined ? {} : { sideFeature }),
    ...(columns === undefined ? {} : { columns }),
  };
  return { ...unsealed, checksum: ensembleChecksum(unsealed) };
}

/**
 * Learns an ensemble from training rows alone, with `labels.meta` from those with a primary side: inner purged folds
 * give out-of-fold member predictions, from which member slopes, combiner and calibration are fitted, in this order;
 * then scaler and members are fitted again on all rows. Random streams depend only on the experiment's seed, the
 * request's `stream` and the member's name.
 */
export async function learnEnsemble(request: LearnRequest): Promise<LearnedEnsemble> {
  const { experiment, context } = request;
  const { data, market, sides } = learnedRows(request.train, experiment, request.where);
  const train = weighted(data, experiment);
  const fits = experiment.estimators.length * (experiment.ensemble.innerFolds + 1);
  let done = 0;
  const step = (): void => context.onProgress?.(++done / fits);
  // One after the other, and the last is the largest: a copy for each would be twice as much as the data.
  const fit = { room: new Float64Array(train.x.length), step };
  const outOfFold = await predictOutOfFold(request, train, fit);
  const { y, weight } = outOfFold.data;
  // Measured from the base rate of the other folds: else a fold with many ups meets members trained on few, and skill
  // looks negative.
  const base = (row: number): number => outOfFold.baseLogit[row]!;
  const memberSlopes = outOfFold.memberProbabilities.map((values) =>
    memberSlope({ score: aboveBase(values, base), y, weight }),
  );
  const tempered = outOfFold.memberProbabilities.map((values, m) => temper(values, memberSlopes[m]!, base));
  const combiner = fitCombiner(experiment.ensemble.kind, { memberProbabilities: tempered, y, weight }, outOfFold.data);
  const combined = combine(combiner, tempered, outOfFold.data);
  const score = aboveBase(combined, base);
  const baseLogit = baseLogitOf(train.y, train.weight);
  const calibration = fitCalibration(experiment.ensemble.calibration, { score, y, weight }, baseLogit);
  const fitted = await fitMembers(request, train, 'all', fit);
  const ensemble = seal(request, { ...fitted, train }, { memberSlopes, combiner, baseLogit, calibration });
  fitted.models.forEach(({ model }) => model.dispose());
  releaseMemory([fit.room.buffer]);
  const inner = diagnose(request, { outOfFold, market, sides }, { combined, score, calibration });
  const { selection, reduction, columns } = fitted;
  const learned = columns?.map((column) => train.featureNames[column]!) ?? train.featureNames;
  const findings = [
    ...trainingFindings(train, ensemble.scaler, experiment),
    ...driftFindings(reduction, learned),
    ...leftOutWords(experiment),
    ...(selection?.finding ? [selection.finding] : []),
  ];
  return { ensemble, inner, findings, selection };
}
