import type { CommandContext } from '../../infra/command.ts';
import { findIdentifier } from '../../infra/mlflow/outbox-store.ts';
import { trainingOf, type ModelVersion } from './model-store.ts';
import { parentKey } from './training-names.ts';

/** What a version came from, and where the tracking server shows it. */
export interface Lineage {
  readonly training: string;
  readonly experimentHash: string;
  /** The run of its training; null until the tracking server was told of it. */
  readonly run: { readonly id: string; readonly address: string | null } | null;
}

/** @returns the address is null where no tracking server is configured here */
export async function lineageOf(
  { config, database }: Pick<CommandContext, 'config' | 'database'>,
  { modelHash, experimentHash }: Pick<ModelVersion, 'modelHash' | 'experimentHash'>,
): Promise<Lineage> {
  const { pool } = await database();
  const training = (await trainingOf(pool, modelHash))!;
  const run = await findIdentifier(pool, 'run', parentKey(training));
  if (run === undefined) return { training, experimentHash, run: null };
  const { remoteId: id, experimentId } = run;
  const address = addressOf(config.mlflowTrackingUri, `/#/experiments/${experimentId ?? '0'}/runs/${id}`);
  return { training, experimentHash, run: { id, address } };
}

/** A page of the tracking server, without what signs in to it. */
function addressOf(server: string | null, page: string): string | null {
  if (server === null) return null;
  const url = new URL(server);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/$/, '') + page;
}
