import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import type { Random } from '../../infra/random.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Dataset } from '../../models/dataset.ts';
import type { Predictions } from '../../models/training/fold/predictions.ts';
import { computeAdjustedFeatures } from '../../pipelines/adjustments/adjusted-features.ts';
import { adjustBars } from '../../pipelines/adjustments/bar-adjuster.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { runInMemory, type MemoryExperiment, type MemoryExperimentOptions } from '../experiment/memory-experiment.ts';

/** Something that was decided by a time and changed when bars after that time changed. */
export interface LookAheadFinding {
  readonly stage: 'features' | 'labels' | 'predictions' | 'decisions';
  /** Everything up to here should not have changed. */
  readonly cutMs: number;
  readonly what: string;
}

export interface LookAheadReport {
  readonly cuts: readonly number[];
  /** Values compared over all cuts, by stage: what was looked at, so that silence means something. */
  readonly compared: Readonly<Record<LookAheadFinding['stage'], number>>;
  readonly findings: readonly LookAheadFinding[];
}

const CHANGE_MIN = 0.4;
const CHANGE_RANGE = 1.2;

/** A copy of `bars` in which every number of every bar that closes after `cutMs` is another; times are kept. */
export function corruptAfter(bars: readonly BarColumns[], cutMs: number, random: Random): BarColumns[] {
  return bars.map((columns) => {
    const copy = createBarColumns(columns.symbol, columns.length);
    for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      copy[name].set(columns[name]);
    }
    for (let index = 0; index < columns.length; index++) {
      if (columns.closeTimeMs[index]! <= cutMs) continue;
      const factor = CHANGE_MIN + CHANGE_RANGE * random.next();
      for (const name of ['open', 'high', 'low', 'close'] as const) copy[name][index]! *= factor;
      copy.high[index]! *= 1 + 0.05 * random.next();
      copy.low[index]! *= 1 - 0.05 * random.next();
      copy.volume[index] = copy.volume[index]! * (0.2 + 3 * random.next()) + 1;
    }
    return copy;
  });
}

/**
 * Hunts for look-ahead: runs the experiment, corrupts every bar after a time, runs it again, and compares everything that was
 * decided up to that time to the last bit: features, labels that were known by then, predictions, signals and orders. Times
 * are drawn inside the out-of-sample range, `cuts` of them.
 */
export async function huntLookAhead(
  options: MemoryExperimentOptions,
  { cuts, random, onCut }: { cuts: number; random: Random; onCut?: () => void },
): Promise<LookAheadReport> {
  const whole = await runInMemory(options);
  const times = [...new Set(whole.predictions.decisionTimeMs)];
  const compared = { features: 0, labels: 0, predictions: 0, decisions: 0 };
  const findings: LookAheadFinding[] = [];
  const chosen: number[] = [];
  for (let cut = 0; cut < cuts; cut++) {
    // Neither the first nor the last tenth: there must be something before a cut and something after it.
    const cutMs = times[Math.floor(times.length * (0.1 + 0.8 * random.next()))]!;
    chosen.push(cutMs);
    const bars = corruptAfter(options.bars, cutMs, random.fork(`cut ${cut}`));
    const other = await runInMemory({ ...options, bars });
    const compare = new Comparison(cutMs, compared, findings);
    compare.features(whole.matrices, other.matrices);
    compare.labels(whole.dataset, other.dataset);
    compare.predictions(whole.predictions, other.predictions);
    compare.decisions(whole, other);
    onCut?.();
  }
  return { cuts: chosen, compared, findings };
}

/**
 * The part of the hunt that needs no training: features and labels alone, at `cuts` times over the whole range. Cheap enough for every
 * run; what models and orders do is the business of `huntLookAhead`.
 */
export function huntInFeatures(
  { experiment, bars, calendar, parts = {}, ...options }: MemoryExperimentOptions,
  { cuts, random }: { cuts: number; random: Random },
): LookAheadReport {
  const symbols = bars.map(({ symbol }) => symbol);
  const hours = marketHours(calendar);
  const set = parseFeatureSet(experiment.features, { timeframe: experiment.data.timeframe, symbols, hours });
  const actions = options.actions ?? bars.map(() => []);
  const build = (of: readonly BarColumns[]): { matrices: readonly FeatureMatrix[]; dataset: Dataset } => {
    const matrices = computeAdjustedFeatures(set, of, actions, parts.computeFeatures ?? computeFeatures);
    const held = of.map((columns, s) => adjustBars(columns, actions[s]!));
    return {
      matrices,
      dataset: (parts.buildDataset ?? buildDataset)({ matrices, bars: held, actions, experiment }).dataset,
    };
  };
  const whole = build(bars);
  const times = [...new Set(whole.dataset.decisionTimeMs)];
  const compared = { features: 0, labels: 0, predictions: 0, decisions: 0 };
  const findings: LookAheadFinding[] = [];
  const chosen: number[] = [];
  for (let cut = 0; cut < cuts; cut++) {
    const cutMs = times[Math.floor(times.length * (0.1 + 0.8 * random.next()))]!;
    chosen.push(cutMs);
    const other = build(corruptAfter(bars, cutMs, random.fork(`cut ${cut}`)));
    const compare = new Comparison(cutMs, compared, findings);
    compare.features(whole.matrices, other.matrices);
    compare.labels(whole.dataset, other.dataset);
  }
  return { cuts: chosen, compared, findings };
}

/** Compares two runs up to one time; one finding a stage is enough to act on. */
class Comparison {
  readonly #cutMs: number;
  readonly #compared: Record<LookAheadFinding['stage'], number>;
  readonly #findings: LookAheadFinding[];

  constructor(cutMs: number, compared: Record<LookAheadFinding['stage'], number>, findings: LookAheadFinding[]) {
    this.#cutMs = cutMs;
    this.#compared = compared;
    this.#findings = findings;
  }

  features(a: readonly FeatureMatrix[], b: readonly FeatureMatrix[]): void {
    a.forEach((matrix, symbol) => {
      const width = matrix.columns.length;
      for (let row = 0; row < matrix.length && matrix.closeTimeMs[row]! <= this.#cutMs; row++) {
        for (let column = 0; column < width; column++) {
          const at = row * width + column;
          const name = `${matrix.columns[column]} of ${matrix.symbol} at ${iso(matrix.closeTimeMs[row]!)}`;
          if (!this.#same('features', matrix.values[at]!, b[symbol]!.values[at]!, name)) return;
        }
      }
    });
  }

  /** Labels count from when they were known; a row that appears or vanishes is a difference too. */
  labels(a: Dataset, b: Dataset): void {
    const known = (dataset: Dataset): Map<string, number> => {
      const rows = new Map<string, number>();
      for (let row = 0; row < dataset.rows; row++) {
        if (dataset.labelEndTimeMs[row]! > this.#cutMs) continue;
        rows.set(
          `${dataset.symbols[dataset.symbolIndex[row]!]} at ${iso(dataset.decisionTimeMs[row]!)}`,
          dataset.y[row]!,
        );
      }
      return rows;
    };
    const [one, two] = [known(a), known(b)];
    for (const key of new Set([...one.keys(), ...two.keys()])) {
      if (!this.#same('labels', one.get(key) ?? NaN, two.get(key) ?? NaN, `label of ${key}`)) return;
    }
  }

  predictions(a: Predictions, b: Predictions): void {
    for (let row = 0; row < a.rows && a.decisionTimeMs[row]! <= this.#cutMs; row++) {
      const name = `prediction of ${a.symbols[a.symbolIndex[row]!]} at ${iso(a.decisionTimeMs[row]!)}`;
      if (!this.#same('predictions', a.probability[row]!, b.probability[row] ?? NaN, name)) return;
      if (!this.#same('predictions', a.score[row]!, b.score[row] ?? NaN, `score of the ${name}`)) return;
    }
  }

  decisions(a: MemoryExperiment, b: MemoryExperiment): void {
    const upTo = ({ effects }: MemoryExperiment): string[] =>
      effects.filter(({ timeMs }) => timeMs <= this.#cutMs).map((effect) => JSON.stringify(effect));
    const [one, two] = [upTo(a), upTo(b)];
    this.#compared.decisions += one.length;
    const first = one.findIndex((text, index) => text !== two[index]);
    if (first < 0 && one.length === two.length) return;
    this.#report('decisions', `decision ${first < 0 ? two[one.length] : one[first]}`);
  }

  #same(stage: LookAheadFinding['stage'], a: number, b: number, what: string): boolean {
    this.#compared[stage]++;
    if (Object.is(a, b)) return true;
    this.#report(stage, `${what}: ${a} became ${b}`);
    return false;
  }

  #report(stage: LookAheadFinding['stage'], what: string): void {
    this.#findings.push({ stage, cutMs: this.#cutMs, what });
  }
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
