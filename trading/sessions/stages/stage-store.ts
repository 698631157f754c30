import type pg from 'pg';
import { appendAudit } from '../../../infra/audit/audit-store.ts';
import { operatorOf } from '../../../infra/audit/operator.ts';
import type { Stage, StageEvidence } from './stage-gate.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A move of an experiment from one stage to another. */
export interface StageChange {
  readonly experiment: string;
  readonly experimentHash: string;
  readonly from: Stage;
  readonly to: Stage;
  readonly operator: string;
  readonly evidence: StageEvidence;
  readonly missing: readonly string[];
  /** Why it was moved though something was missing; null where nothing was. */
  readonly consent: string | null;
}

/** The stage that an experiment has as it stands: that of its last move, `backtest` before the first. */
export async function stageOf(client: Queryable, experiment: string, experimentHash: string): Promise<Stage> {
  const { rows } = await client.query<{ to_stage: Stage }>(
    `SELECT to_stage FROM signalbox.stage_changes WHERE experiment = $1 AND experiment_hash = $2
     ORDER BY id DESC LIMIT 1`,
    [experiment, experimentHash],
  );
  return rows[0]?.to_stage ?? 'backtest';
}

/** Puts a move on record, here and in the audit, in the caller's transaction: the one place where stages change. */
export async function recordStageChange(client: Queryable, change: StageChange): Promise<void> {
  const { experiment, experimentHash, from, to, operator, evidence, missing, consent } = change;
  await client.query(
    `INSERT INTO signalbox.stage_changes
       (experiment, experiment_hash, from_stage, to_stage, operator, evidence, missing, consent)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [experiment, experimentHash, from, to, operator, JSON.stringify(evidence), missing, consent],
  );
  const details = { experiment, experimentHash, from, to, missing };
  const note = { action: 'stage-change', sessionId: null, reason: consent ?? '', details };
  await appendAudit(client, [{ actor: operatorOf({ operator }), ...note }]);
}
