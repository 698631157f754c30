import type { Database } from '../../infra/postgres/database.ts';
import { loadEnsemble, predictRows } from '../../models/ensemble/ensemble-model.ts';
import { decodeEnsemble } from '../../models/ensemble/serialised-ensemble.ts';
import { rowReasons } from '../../models/explain/row-reasons.ts';
import { noveltyOf } from '../../models/monitoring/novelty.ts';
import { findVersion, readModel } from '../../models/registry/model-store.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';

/** What a version says at each decision time, computed in one batch from the stored features of all bars. */
export async function answersInOneBatch(
  { pool }: Pick<Database, 'pool'>,
  version: string,
  { dataset, inferenceRows }: Pick<PreparedExperiment, 'dataset' | 'inferenceRows'>,
): Promise<Map<number, { probability: number; reasons: string; novelty: number }>> {
  const { modelHash } = await findVersion(pool, version);
  const model = await loadEnsemble(decodeEnsemble((await readModel(pool, modelHash)).content));
  const answers = new Map<number, { probability: number; reasons: string; novelty: number }>();
  for (const rows of [dataset, inferenceRows]) {
    const { probability } = predictRows(model, rows);
    const [reasons, novelty] = [rowReasons(model, rows), noveltyOf(model.serialised.reference!.novelty!, rows)];
    rows.decisionTimeMs.forEach((timeMs, row) => {
      answers.set(timeMs, { probability: probability[row]!, reasons: reasons[row]!, novelty: novelty[row]! });
    });
  }
  model.dispose();
  return answers;
}
