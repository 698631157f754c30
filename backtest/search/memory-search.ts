import { learnedSearch } from '../../models/search/apply-parameters.ts';
import type { BarColumns } from '../../features/bar.ts';
import { computeFeatures } from '../../features/feature-matrix.ts';
import { experimentFeatures } from '../../models/experiment/experiment-features.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { buildDataset } from '../../models/training/build-dataset.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { objectiveOf } from '../../models/search/objective.ts';
import type { JournalRow, SearchPlan } from '../../models/search/search-store.ts';
import { experimentFolds } from '../../models/splits/experiment-folds.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { computeJob } from './optimize-job.ts';
import { optimizeResult, recordsOf, type OptimizeResult } from './optimize-result.ts';
import { nextJobs } from './optimize.ts';
import { fileInstrument } from '../../pipelines/sources/files/file-instrument.ts';
import type { TrialData } from './trial-evidence.ts';
import { historyOf, type TrialHistory } from '../judgement/trial-history.ts';

export interface MemorySearchOptions {
  /** With a search section. */
  readonly experiment: Experiment;
  /** One per symbol of the universe. */
  readonly bars: readonly BarColumns[];
  readonly calendar: Calendar;
}

/**
 * The plan of a search over bars in memory, and what its trials are run on. SignalboxError without a search section.
 */
export function planInMemory({ experiment, bars, calendar }: MemorySearchOptions): {
  plan: SearchPlan;
  data: TrialData;
} {
  const { search } = experiment;
  if (search === null) throw new SignalboxError('The experiment has no search section.');
  const symbols = bars.map(({ symbol }) => symbol);
  const hours = marketHours(calendar);
  const set = experimentFeatures(experiment, { timeframe: experiment.data.timeframe, symbols, hours });
  const matrices = computeFeatures(set, bars);
  const { dataset } = buildDataset({ matrices, bars, experiment, judgedByReturns: true });
  const data = { dataHash: 'memory', featureSetHash: set.hash, series: [], fromMs: null, toMs: null };
  const folds = experimentFolds(dataset, experiment).length;
  return {
    plan: { experiment, search: learnedSearch(search), data: { ...data, rows: dataset.rows, backend: 'none' }, folds },
    data: {
      dataset,
      bars,
      actions: bars.map(() => []),
      calendar,
      instruments: symbols.map((symbol) => fileInstrument(symbol, { calendar: 'none', lot: 1 })),
    },
  };
}

/**
 * A whole search without a queue or a database: the jobs, scores and verdicts of `optimize`, one job after the other,
 * on data on which nothing was tried before. The journal comes with it, and what its trials say about the best of them.
 */
export async function searchInMemory(
  options: MemorySearchOptions,
): Promise<OptimizeResult & { readonly journal: readonly JournalRow[]; readonly history: TrialHistory }> {
  const { plan, data } = planInMemory(options);
  const journal: JournalRow[] = [];
  for (let jobs = nextJobs(plan, journal); jobs.length > 0; jobs = nextJobs(plan, journal)) {
    for (const job of jobs) {
      const result = await computeJob({ plan, data }, job, { threads: 1 });
      const objective = result.evidence === null ? null : objectiveOf(plan.search.objective, result.evidence);
      journal.push({ ...job, objective, result });
    }
  }
  const finished = { hash: 'search', plan, journal };
  const records = recordsOf(finished, data);
  const history = historyOf(records.trials);
  return { ...optimizeResult(finished, records, { data, history }), journal, history };
}
