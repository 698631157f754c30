import { SignalboxError } from '../../infra/errors.ts';
import { enqueue } from '../../infra/mlflow/outbox-store.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { finalModelOf, registerVersion, setAlias } from '../registry/model-store.ts';
import { lifeMsOf, plannedSpans } from '../promotion/model-life.ts';
import { FINAL_FOLD } from '../registry/training-names.ts';
import type { FoldSummary } from './fold/fold-summary.ts';
import { registrationEntries } from './tracking-entries.ts';
import { streamOf } from '../registry/training-names.ts';
import { isAssembled, markAssembled, readFoldResults, readTraining } from '../registry/training-store.ts';

/**
 * Puts a finished training together: registers its final model as the next version of the experiment's name and its
 * `challenger`, the first one too: only the gate makes a champion. Once: a repeat changes nothing.
 */
export async function assembleTraining(database: Database, trainingHash: string): Promise<void> {
  const plan = await readTraining(database.pool, trainingHash);
  await database.transaction(async (client) => {
    if (await isAssembled(client, trainingHash)) return;
    const results = await readFoldResults<FoldSummary>(client, trainingHash);
    const missing = [...plan.folds.map(({ index }) => index), FINAL_FOLD].filter((fold) => !results.has(fold));
    const model = await finalModelOf(client, trainingHash);
    if (missing.length > 0 || model === null) {
      throw new SignalboxError(`Training ${trainingHash.slice(0, 12)} lacks folds ${missing.join(', ')}.`, {
        remedy: 'Run the experiment again: it trains what is missing.',
      });
    }
    const { name } = plan.experiment;
    const version = await registerVersion(client, {
      name,
      modelHash: model.hash,
      experimentHash: plan.experimentHash,
      expiresAtMs: model.trainToMs + lifeMsOf(plan.experiment, plannedSpans(plan.folds)),
      evidence: { trainingHash },
    });
    const alias = 'challenger';
    await setAlias(client, name, alias, version);
    await enqueue(client, streamOf(trainingHash), registrationEntries(trainingHash, plan, { version, alias }));
    await markAssembled(client, trainingHash);
  });
}
