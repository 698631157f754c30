import type { Database } from '../../infra/postgres/database.ts';
import { createRandom } from '../../infra/random.ts';
import { readLeakageReports, writeLeakageReport, type LeakageReport } from '../../models/promotion/leakage-store.ts';
import { huntInFeatures, type LookAheadReport } from './look-ahead.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';

/** Times from which the bars are corrupted: a feature that looks ahead at all shows at each of them. */
const CUTS = 2;

/** Hunts for look-ahead in features and labels of what a training rests on, once, and stores what it found. */
export async function huntOnce(
  database: Database,
  prepared: Pick<PreparedExperiment, 'experiment' | 'bars' | 'actions' | 'calendar' | 'ingested'>,
  trainingHash: string,
): Promise<void> {
  const earlier = await readLeakageReports(database.pool, trainingHash);
  if (earlier.some(({ hunt }) => hunt === 'features-and-labels')) return;
  const { bars, actions, calendar, ingested } = prepared;
  // Files given by --bars may have another bar size than the experiment says.
  const data = { ...prepared.experiment.data, timeframe: ingested.series[0]!.timeframe };
  const experiment = { ...prepared.experiment, data };
  const random = createRandom(experiment.seed).fork('leakage hunt');
  const report = huntInFeatures({ experiment, bars, actions, calendar }, { cuts: CUTS, random });
  await writeLeakageReport(database.pool, trainingHash, storedReport('features-and-labels', report));
}

/** What a hunt found, in the words that are stored. */
export function storedReport(hunt: LeakageReport['hunt'], { compared, findings }: LookAheadReport): LeakageReport {
  return { hunt, compared, findings: findings.map(({ stage, what }) => `${stage}: ${what}`) };
}
