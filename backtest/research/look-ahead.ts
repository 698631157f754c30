import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { changedAfter } from '../../features/events/changed-events.ts';
import type { EventBook } from '../../features/events/event-book.ts';
import { computeFeatures, type FeatureMatrix } from '../../features/feature-matrix.ts';
import type { FeatureSet } from '../../features/feature-set.ts';
import { experimentFeatures } from '../../models/experiment/experiment-features.ts';
import type { Random } from '../../infra/random.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Dataset } from '../../models/dataset.ts';
import { learnsReturns } from '../../models/registry/learned-returns.ts';
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

/** What the engine records of decisions at a close. */
const DECIDED: readonly string[] = ['signal', 'order', 'parent', 'cancel', 'refusal'];

const CHANGE_MIN = 0.4;
const CHANGE_RANGE = 1.2;

/** A copy of `bars` in which every number of every bar that closes after `cutMs` is another; times are kept. */
export function corruptAfter(bars: readonly BarColumns[], cutMs: number, random: Random): BarColumns[] {
  return bars.map((columns) => {
    // A stream for each symbol: what becomes of one does not depend on the others, nor on who corrupts them.
    const own = random.fork(columns.symbol);
    const copy = createBarColumns(columns.symbol, columns.length);
    for (const name of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      copy[name].set(columns[name]);
    }
    for (let index = 0; index < columns.length; index++) {
      if (columns.closeTimeMs[index]! <= cutMs) continue;
      const factor = CHANGE_MIN + CHANGE_RANGE * own.next();
      for (const name of ['open', 'high', 'low', 'close'] as const) copy[name][index]! *= factor;
      copy.high[index]! *= 1 + 0.05 * own.next();
      copy.low[index]! *= 1 - 0.05 * own.next();
      copy.volume[index] = copy.volume[index]! * (0.2 + 3 * own.next()) + 1;
    }
    return copy;
  });
}

/** The events with everything that became known after `cutMs` changed. */
function corruptEvents(events: EventBook | null | undefined, cutMs: number, random: Random): EventBook | null {
  const own = random.fork('events');
  return events === null || events === undefined ? null : changedAfter(events, cutMs, () => own.next());
}

/**
 * Hunts for look-ahead: runs the experiment, corrupts every bar and event after a time, runs it again, and compares
 * everything that was decided up to that time to the last bit: features, labels that were known by then, predictions,
 * signals and orders. Times are drawn inside the out-of-sample range, `cuts` of them.
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
    const own = random.fork(`cut ${cut}`);
    const bars = corruptAfter(options.bars, cutMs, own);
    const other = await runInMemory({ ...options, bars, events: corruptEvents(options.events, cutMs, own) });
    const compare = new Comparison(cutMs, compared, findings);
    compare.features(whole.matrices, other.matrices);
    compare.labels(whole.dataset, other.dataset, learnsReturns(options.experiment));
    compare.predictions(whole.predictions, other.predictions);
    compare.decisions(whole, other);
    onCut?.();
  }
  return { cuts: chosen, compared, findings };
}

/** Features and labels to hunt in. */
export type FeatureHunt = Pick<
  MemoryExperimentOptions,
  'experiment' | 'bars' | 'actions' | 'events' | 'calendar' | 'parts'
>;

/**
 * The part of the hunt that needs no training: features and labels alone, at `cuts` of the decision times. Cheap enough
 * for every run; what models and orders do is the business of `huntLookAhead`.
 */
export function huntInFeatures(hunt: FeatureHunt, { cuts, random }: { cuts: number; random: Random }): LookAheadReport {
  const groups = huntedApart(hunt);
  const times = new Set<number>();
  for (const group of groups) for (const timeMs of builderOf(group)(group).dataset.decisionTimeMs) times.add(timeMs);
  const chosen = cutTimes(Float64Array.from(times).sort(), cuts, random);
  return mergeHunts(
    chosen,
    groups.map((group) => huntAtCuts(group, chosen, random)),
  );
}

/**
 * Times at which to cut, neither in the first nor in the last tenth: there must be something before a cut and something
 * after it.
 */
export function cutTimes(ascending: ArrayLike<number>, cuts: number, random: Random): number[] {
  return Array.from({ length: cuts }, () => ascending[Math.floor(ascending.length * (0.1 + 0.8 * random.next()))]!);
}

/** The parts of a hunt that know nothing of each other: each symbol, unless some feature compares symbols. */
export function huntedApart(hunt: FeatureHunt): FeatureHunt[] {
  const { bars, actions, events } = hunt;
  if (featureSetOf(hunt).graph.comparesSymbols) return [hunt];
  return bars.map((own, s) => ({
    ...hunt,
    bars: [own],
    actions: actions === undefined ? undefined : [actions[s]!],
    events: events?.about([own.symbol]),
  }));
}

function featureSetOf({ experiment, bars, calendar, events }: FeatureHunt): FeatureSet {
  const symbols = bars.map(({ symbol }) => symbol);
  const hours = marketHours(calendar);
  return experimentFeatures(experiment, { timeframe: experiment.data.timeframe, symbols, hours, events });
}

/** Computes features and labels of other bars and events in place of the hunt's own. */
function builderOf(
  hunt: FeatureHunt,
): (given: Pick<FeatureHunt, 'bars' | 'events'>) => { matrices: readonly FeatureMatrix[]; dataset: Dataset } {
  const { experiment, parts = {} } = hunt;
  const actions = hunt.actions ?? hunt.bars.map(() => []);
  return ({ bars, events }) => {
    const set = featureSetOf({ ...hunt, events });
    const matrices = computeAdjustedFeatures(set, bars, actions, parts.computeFeatures ?? computeFeatures);
    const held = bars.map((columns, s) => adjustBars(columns, actions[s]!));
    const build = parts.buildDataset ?? buildDataset;
    return { matrices, dataset: build({ matrices, bars: held, actions, experiment }).dataset };
  };
}

/** What a hunt found at each cut. */
export type HuntAtCuts = readonly Pick<LookAheadReport, 'compared' | 'findings'>[];

/**
 * Computes features and labels over the bars as they are and over bars corrupted after each of `cutsMs`, and compares
 * them.
 */
export function huntAtCuts(hunt: FeatureHunt, cutsMs: readonly number[], random: Random): HuntAtCuts {
  const build = builderOf(hunt);
  const whole = build(hunt);
  return cutsMs.map((cutMs, cut) => {
    const own = random.fork(`cut ${cut}`);
    const events = corruptEvents(hunt.events, cutMs, own);
    const other = build({ bars: corruptAfter(hunt.bars, cutMs, own), events });
    const compared = { features: 0, labels: 0, predictions: 0, decisions: 0 };
    const findings: LookAheadFinding[] = [];
    const compare = new Comparison(cutMs, compared, findings);
    compare.features(whole.matrices, other.matrices);
    compare.labels(whole.dataset, other.dataset, learnsReturns(hunt.experiment));
    return { compared, findings };
  });
}

/** One report of hunts through the parts of a universe: cut by cut, part by part. */
export function mergeHunts(cutsMs: readonly number[], parts: readonly HuntAtCuts[]): LookAheadReport {
  const compared = { features: 0, labels: 0, predictions: 0, decisions: 0 };
  const findings: LookAheadFinding[] = [];
  cutsMs.forEach((_, cut) => {
    for (const part of parts) {
      findings.push(...part[cut]!.findings);
      compared.features += part[cut]!.compared.features;
      compared.labels += part[cut]!.compared.labels;
    }
  });
  return { cuts: cutsMs, compared, findings };
}

const PREDICTED = [
  ['prediction', 'probability'],
  ['score of the prediction', 'score'],
] as const;

/**
 * Compares two runs up to one time; one finding a stage is enough to act on. Millions of values are compared: words are
 * made where two differ, and no function for each that could make them.
 */
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
          this.#compared.features++;
          if (Object.is(matrix.values[at], b[symbol]!.values[at])) continue;
          const name = `${matrix.columns[column]} of ${matrix.symbol} at ${iso(matrix.closeTimeMs[row]!)}`;
          this.#report('features', `${name}: ${matrix.values[at]} became ${b[symbol]!.values[at]}`);
          return;
        }
      }
    });
  }

  /**
   * Labels, and the returns of experiments that learn them, count from when they were known; a row that appears or
   * vanishes is a difference too.
   */
  labels(a: Dataset, b: Dataset, returns: boolean): void {
    const [one, two] = [new KnownLabels(a, this.#cutMs), new KnownLabels(b, this.#cutMs)];
    while (!one.done || !two.done) {
      const order = one.comparedWith(two);
      const first = order <= 0 ? one : two;
      const [mine, others] = [order <= 0 ? one : null, order >= 0 ? two : null];
      this.#compared.labels++;
      const [y, other] = [mine?.y ?? NaN, others?.y ?? NaN];
      if (!Object.is(y, other)) {
        this.#report('labels', `label of ${first.name}: ${y} became ${other}`);
        return;
      }
      const [gain, otherGain] = returns ? [mine?.return ?? NaN, others?.return ?? NaN] : [0, 0];
      if (!Object.is(gain, otherGain)) {
        this.#report('labels', `learned return of ${first.name}: ${gain} became ${otherGain}`);
        return;
      }
      if (order <= 0) one.next();
      if (order >= 0) two.next();
    }
  }

  predictions(a: Predictions, b: Predictions): void {
    for (let row = 0; row < a.rows && a.decisionTimeMs[row]! <= this.#cutMs; row++) {
      for (const [what, column] of PREDICTED) {
        const [value, other] = [a[column][row]!, b[column][row] ?? NaN];
        this.#compared.predictions++;
        if (Object.is(value, other)) continue;
        const name = `${a.symbols[a.symbolIndex[row]!]} at ${iso(a.decisionTimeMs[row]!)}`;
        this.#report('predictions', `${what} of ${name}: ${value} became ${other}`);
        return;
      }
    }
  }

  decisions(a: MemoryExperiment, b: MemoryExperiment): void {
    const upTo = ({ effects }: MemoryExperiment): string[] =>
      beforeNextOpen(effects, this.#cutMs).map((effect) => JSON.stringify(effect));
    const [one, two] = [upTo(a), upTo(b)];
    this.#compared.decisions += one.length;
    const first = one.findIndex((text, index) => text !== two[index]);
    if (first < 0 && one.length === two.length) return;
    this.#report('decisions', `decision ${first < 0 ? two[one.length] : one[first]}`);
  }

  #report(stage: LookAheadFinding['stage'], what: string): void {
    this.#findings.push({ stage, cutMs: this.#cutMs, what });
  }
}

/**
 * Effects up to the closes of `cutMs`. Where the next bar opens in that same millisecond, its fills, at prices of a bar
 * that closes later, come after what was decided at the closes: they and what follows are not of the past.
 */
function beforeNextOpen(effects: MemoryExperiment['effects'], cutMs: number): MemoryExperiment['effects'] {
  const past = effects.filter(({ timeMs }) => timeMs <= cutMs);
  const decided = past.findIndex(({ timeMs, kind }) => timeMs === cutMs && DECIDED.includes(kind));
  if (decided < 0) return past;
  const opened = past.findIndex(({ kind }, at) => at > decided && kind === 'fill');
  return opened < 0 ? past : past.slice(0, opened);
}

/** Walks the labels of a dataset that were known by a time, in the order of its rows: by time, then symbol. */
class KnownLabels {
  readonly #dataset: Dataset;
  readonly #untilMs: number;
  #row = -1;

  constructor(dataset: Dataset, untilMs: number) {
    this.#dataset = dataset;
    this.#untilMs = untilMs;
    this.next();
  }

  get done(): boolean {
    return this.#row === this.#dataset.rows;
  }

  get y(): number {
    return this.#dataset.y[this.#row]!;
  }

  get return(): number {
    return this.#dataset.realisedReturn[this.#row]!;
  }

  next(): void {
    const { rows, labelEndTimeMs } = this.#dataset;
    do this.#row++;
    while (this.#row < rows && labelEndTimeMs[this.#row]! > this.#untilMs);
  }

  /** Below 0 where this one's row comes first, 0 where both stand at the same row. */
  comparedWith(other: KnownLabels): number {
    if (this.done || other.done) return this.done ? 1 : -1;
    const [a, b] = [this.#dataset, other.#dataset];
    const apart = a.decisionTimeMs[this.#row]! - b.decisionTimeMs[other.#row]!;
    return apart !== 0 ? apart : a.symbolIndex[this.#row]! - b.symbolIndex[other.#row]!;
  }

  /** The row at which it stands. */
  get name(): string {
    const { symbols, symbolIndex, decisionTimeMs } = this.#dataset;
    return `${symbols[symbolIndex[this.#row]!]} at ${iso(decisionTimeMs[this.#row]!)}`;
  }
}

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
