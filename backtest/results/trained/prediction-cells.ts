import type { Cell, ExportTable } from '../../../infra/export/export-table.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { DEFAULT_INTERVALS } from '../../../models/intervals/intervals-schema.ts';
import { returnIntervals } from '../../../models/intervals/return-intervals.ts';
import type { PredictionRow, StoredPredictions } from '../../../models/registry/prediction-columns.ts';
import { predictionFolds, readPredictions } from '../../../models/registry/prediction-store.ts';
import { readTraining } from '../../../models/registry/training-store.ts';
import { tradedPredictions } from '../../../trading/sessions/experiment-session.ts';

/** Rows, with what is said of them. */
interface PredictionTable extends ExportTable {
  readonly what: 'predictions';
  readonly none: string;
  readonly notes: readonly string[];
}

/**
 * What a training predicted out of sample, fold by fold, with the interval of the return that follows as it was given
 * then. @throws SignalboxError where the training is not there any more
 */
export async function predictionsOf({ pool }: Database, training: string): Promise<PredictionTable> {
  const { experiment } = await readTraining(pool, training);
  const { intervals = DEFAULT_INTERVALS, labels } = experiment;
  const traded = tradedPredictions(experiment, await readPredictions(pool, training));
  const bounds = new Bounds(traded, returnIntervals(traded, { ...intervals, horizonBars: labels.horizonBars }));
  const share = `${Number((100 * intervals.level).toFixed(2))} %`;
  return {
    what: 'predictions',
    columns: [
      { name: 'time', kind: 'time', unit: 'UTC, close of the bar' },
      { name: 'symbol', kind: 'text', unit: null },
      { name: 'fold', kind: 'integer', unit: null },
      { name: 'path', kind: 'integer', unit: null },
      { name: 'probability', kind: 'number', unit: 'probability of up, 0 to 1' },
      { name: 'score', kind: 'number', unit: null },
      { name: 'label', kind: 'integer', unit: '1 up, 0 not' },
      { name: 'realisedReturn', kind: 'number', unit: 'fraction, over the horizon of the label' },
      { name: 'novelty', kind: 'number', unit: 'fraction of training rows nearer to their centre' },
      { name: 'disagreement', kind: 'number', unit: 'difference of probabilities' },
      { name: 'reasons', kind: 'text', unit: null },
      { name: 'low', kind: 'number', unit: `fraction: ${share} of returns are to lie from here` },
      { name: 'high', kind: 'number', unit: 'fraction: to here' },
    ],
    portions: predictionCells(predictionFolds(pool, training), bounds),
    none: 'No prediction.',
    notes: [
      'low and high are empty where too few outcomes were known by then, and for rows that no session trades: those of ' +
        'other paths of a combinatorial split.',
    ],
  };
}

async function* predictionCells(folds: AsyncIterable<PredictionRow[]>, bounds: Bounds): AsyncGenerator<Cell[][]> {
  for await (const rows of folds) {
    yield rows.map((row) => [
      ...[Math.round(row.time_ms), row.symbol, row.fold, row.path, row.probability, row.score, row.label],
      ...[row.realised_return, row.novelty, row.disagreement ?? null, row.reasons, ...bounds.of(row)],
    ]);
  }
}

/** Intervals of predictions that are traded, found by row: these ascend in decision time. */
class Bounds {
  readonly #traded: StoredPredictions;
  readonly #intervals: ReturnType<typeof returnIntervals>;

  constructor(traded: StoredPredictions, intervals: ReturnType<typeof returnIntervals>) {
    this.#traded = traded;
    this.#intervals = intervals;
  }

  of(row: PredictionRow): [number | null, number | null] {
    const at = this.#placeOf(row);
    const { low, high } = this.#intervals;
    return at === null || Number.isNaN(low[at]!) ? [null, null] : [low[at]!, high[at]!];
  }

  #placeOf({ time_ms, symbol, fold, path }: PredictionRow): number | null {
    const { decisionTimeMs, length, ...columns } = this.#traded;
    const timeMs = Math.round(time_ms);
    let [from, to] = [0, length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (decisionTimeMs[middle]! < timeMs) from = middle + 1;
      else to = middle;
    }
    for (let at = from; at < length && decisionTimeMs[at] === timeMs; at++) {
      if (columns.symbol[at] === symbol && columns.fold[at] === fold && columns.path[at] === path) return at;
    }
    return null;
  }
}
