import type { Random } from '../../infra/random.ts';
import { takeRows, type Dataset } from '../dataset.ts';
import { randomForest } from '../estimators/forest/random-forest.ts';
import { permutationImportance, shuffledRows } from '../explain/permutation-importance.ts';
import { decisionTimesOf, rowsOfRanges, type DecisionTimes } from '../splits/fold.ts';
import { purgeAround } from '../splits/purge.ts';
import { featureClusters } from './feature-clusters.ts';
import type { SelectionSettings } from './selection-schema.ts';

/** Features that say much the same, and how often they were chosen together. */
interface SelectedCluster {
  /** The one most like the others first. */
  readonly features: readonly string[];
  /** Of these the ones that are kept. */
  readonly kept: readonly string[];
  /** Share of the choices in which it was among the most important. */
  readonly share: number;
  /** Mean rise of the log-loss on rows of the other half where its features belong to other rows. */
  readonly lossRise: number;
}

/** Which features a training window keeps, and why: plain JSON. */
export interface FeatureSelection {
  /** Names in the order of the features. */
  readonly kept: readonly string[];
  /** Features there were. */
  readonly offered: number;
  /** Choices that were made, two for each pair of halves. */
  readonly choices: number;
  /** Clusters that one choice could take. */
  readonly taken: number;
  /** Those chosen most often first. */
  readonly clusters: readonly SelectedCluster[];
  /** Why fewer choices or other features than asked for; null where there is nothing to say. */
  readonly finding: string | null;
}

export interface SelectionContext {
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
  readonly threads?: number | undefined;
}

/** Stretches of time that halves are made of. */
const BLOCKS = 10;
/** Rows that are looked at; of more, every second, third, ... decision time. */
const ROWS_MAX = 40_000;
const HALF_ROWS_MIN = 20;
const FOREST = randomForest.params.parse({ trees: 50, maxDepth: 5 });

/**
 * Chooses features by clustered importance and stability: the rows are cut into blocks of time, and again and again
 * into two halves of these (complementary pairs, Shah and Samworth 2013). A small forest learns from one half, purged
 * around the other, and is asked how much worse it does on that when a cluster's values change places together
 * (Lopez de Prado 2020, section 6.5). Clusters that are often enough among the most important are kept. Looks at
 * nothing but `data`; equal input gives an equal choice. Where no cluster is chosen often enough the best one is kept.
 */
export async function selectFeatures(
  data: Dataset,
  settings: SelectionSettings,
  context: SelectionContext,
): Promise<FeatureSelection> {
  const rows = thinned(data);
  const clusters = featureClusters(rows, settings.correlation);
  const taken = takenOf(settings, clusters.length);
  const chosen = new Float64Array(clusters.length);
  const rise = new Float64Array(clusters.length);
  const halves = halvesOf(rows, settings.pairs, context.random);
  for (const [index, { learn, ask }] of halves.entries()) {
    context.signal?.throwIfAborted();
    const found = await risesOf(takeRows(rows, learn), takeRows(rows, ask), clusters, {
      ...context,
      random: context.random.fork(`choice ${index}`),
    });
    found.forEach((value, cluster) => (rise[cluster]! += value / halves.length));
    for (const cluster of mostImportant(found, taken)) chosen[cluster]! += 1 / halves.length;
  }
  return selectionOf(data, settings, { clusters, chosen, rise, choices: halves.length, taken });
}

/** So many that no more than `falseSelections` clusters without meaning are expected to be chosen often enough. */
function takenOf({ share, falseSelections }: SelectionSettings, clusters: number): number {
  const most = Math.floor(Math.sqrt(falseSelections * (2 * share - 1) * clusters));
  return Math.min(clusters, Math.max(1, most));
}

function thinned(data: Dataset): Dataset {
  const step = Math.ceil(data.rows / ROWS_MAX);
  if (step <= 1) return data;
  const { timeMs, firstRow } = decisionTimesOf(data);
  const ranges: [number, number][] = [];
  for (let time = 0; time < timeMs.length; time += step) ranges.push([firstRow[time]!, firstRow[time + 1]!]);
  return takeRows(data, rowsOfRanges(ranges));
}

interface Half {
  readonly learn: Int32Array;
  readonly ask: Int32Array;
}

/** Both directions of each pair of halves that has enough rows of both classes on either side. */
function halvesOf(data: Dataset, pairs: number, random: Random): Half[] {
  const times = decisionTimesOf(data);
  const blocks = Math.min(BLOCKS, 2 * Math.floor(times.timeMs.length / 2));
  if (blocks < 2) return [];
  const halves: Half[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const order = shuffledRows(blocks, random.fork(`pair ${pair}`));
    const first = order.slice(0, blocks / 2).sort();
    const second = order.slice(blocks / 2).sort();
    halves.push(
      ...[halfOf(data, times, [first, second]), halfOf(data, times, [second, first])].filter((h) => h !== null),
    );
  }
  return halves;
}

function halfOf(data: Dataset, times: DecisionTimes, [learned, asked]: [Int32Array, Int32Array]): Half | null {
  const blocks = learned.length + asked.length;
  const start = (block: number): number => times.firstRow[Math.floor((block * times.timeMs.length) / blocks)]!;
  const rangesOf = (half: Int32Array) => Array.from(half, (block) => [start(block), start(block + 1)] as const);
  const spans = rangesOf(asked).map(([from, to]) => {
    const toMs = data.labelEndTimeMs.subarray(from, to).reduce((last, end) => Math.max(last, end), -Infinity);
    return { fromMs: data.decisionTimeMs[from]!, toMs, embargoToMs: toMs };
  });
  const learn = purgeAround(data, rowsOfRanges(rangesOf(learned)), spans).rows;
  const ask = rowsOfRanges(rangesOf(asked));
  return [learn, ask].every((rows) => isEnough(data, rows)) ? { learn, ask } : null;
}

function isEnough({ y }: Dataset, rows: Int32Array): boolean {
  return rows.length >= HALF_ROWS_MIN && rows.some((row) => y[row] === 1) && rows.some((row) => y[row] === 0);
}

/** Of each cluster the rise of the log-loss over `ask` of a forest that learned from `learn`. */
async function risesOf(
  learn: Dataset,
  ask: Dataset,
  clusters: readonly (readonly number[])[],
  { random, signal, threads }: SelectionContext,
): Promise<number[]> {
  const model = await randomForest.fit(learn, FOREST, {
    random: random.fork('forest'),
    ...(signal === undefined ? {} : { signal }),
    ...(threads === undefined ? {} : { threads }),
  });
  const asked = { featureNames: learn.featureNames, window: 1, predict: model.predict.bind(model) };
  const { features } = permutationImportance(asked, ask, { repeats: 1, random, groups: clusters });
  model.dispose();
  const byName = new Map(features.map(({ name, lossRise }) => [name, lossRise]));
  return clusters.map(([first]) => byName.get(learn.featureNames[first!]!)!);
}

/** The `most` clusters of the greatest rise, none whose rise is not above 0. */
function mostImportant(rises: readonly number[], most: number): number[] {
  const order = rises.map((_, cluster) => cluster).sort((a, b) => rises[b]! - rises[a]! || a - b);
  return order.slice(0, most).filter((cluster) => rises[cluster]! > 0);
}

interface Choices {
  readonly clusters: readonly (readonly number[])[];
  readonly chosen: Float64Array;
  readonly rise: Float64Array;
  readonly choices: number;
  readonly taken: number;
}

function selectionOf(
  { featureNames, width }: Dataset,
  { share, maxFeatures = width }: SelectionSettings,
  { clusters, chosen, rise, choices, taken }: Choices,
): FeatureSelection {
  const order = clusters.map((_, at) => at).sort((a, b) => chosen[b]! - chosen[a]! || rise[b]! - rise[a]! || a - b);
  // Shares are sums of parts: 15 of 20 may miss 0.75 by its rounding.
  const often = order.filter((at) => chosen[at]! >= share - 1e-9);
  const wanted = choices === 0 ? order : often.length > 0 ? often : order.slice(0, 1);
  const kept = new Set(wanted.flatMap((at) => clusters[at]!).slice(0, maxFeatures));
  const nameOf = (column: number): string => featureNames[column]!;
  return {
    kept: featureNames.filter((_, column) => kept.has(column)),
    offered: width,
    choices,
    taken,
    clusters: order.map((at) => ({
      features: clusters[at]!.map(nameOf),
      kept: clusters[at]!.filter((column) => kept.has(column)).map(nameOf),
      share: chosen[at]!,
      lossRise: rise[at]!,
    })),
    finding: findingOf(choices, often.length),
  };
}

function findingOf(choices: number, often: number): string | null {
  if (choices === 0) return 'selection: too few rows of both classes to choose by, so that nothing was chosen';
  return often === 0 ? 'selection: no features stand out from the others; the best of them are kept' : null;
}
