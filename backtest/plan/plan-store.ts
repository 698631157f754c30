import type { Database } from '../../infra/postgres/database.ts';
import type { PlanSection } from './compare-plan.ts';
import type { Plan, RegisteredPlan } from './plan-schema.ts';

/** What came of a plan: the section of one result. */
export interface PlanOutcome {
  readonly kind: OutcomeKind;
  readonly experimentHash: string;
  readonly dataHash: string;
  readonly madeAt: Date;
  readonly compared: PlanSection;
}

export type OutcomeKind = 'backtest' | 'search';

type Pool = Pick<Database, 'pool'>;

interface PlanRow {
  readonly id: string;
  readonly experiment_name: string;
  readonly registered_at: Date;
  readonly experiment_hash: string;
  readonly data_hash: string;
  readonly plan: Plan;
  readonly experiment: Record<string, unknown>;
  readonly trials_seen: number;
}

const planOf = (row: PlanRow): RegisteredPlan => ({
  id: Number(row.id),
  experimentName: row.experiment_name,
  registeredAt: row.registered_at,
  experimentHash: row.experiment_hash,
  dataHash: row.data_hash,
  plan: row.plan,
  experiment: row.experiment,
  trialsSeen: row.trials_seen,
});

/** Adds a plan; one of the same name before it stays on record. */
export async function writePlan(
  { pool }: Pool,
  plan: Omit<RegisteredPlan, 'id' | 'registeredAt'>,
): Promise<RegisteredPlan> {
  const { rows } = await pool.query<PlanRow>(
    `INSERT INTO signalbox.plans (experiment_name, experiment_hash, data_hash, plan, experiment, trials_seen)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING *`,
    [
      plan.experimentName,
      plan.experimentHash,
      plan.dataHash,
      JSON.stringify(plan.plan),
      JSON.stringify(plan.experiment),
      plan.trialsSeen,
    ],
  );
  return planOf(rows[0]!);
}

/** The plans of an experiment's name, or all of them, the first registered first. */
export async function readPlans({ pool }: Pool, experimentName: string | null = null): Promise<RegisteredPlan[]> {
  const { rows } = await pool.query<PlanRow>(
    'SELECT * FROM signalbox.plans WHERE $1::text IS NULL OR experiment_name = $1 ORDER BY id',
    [experimentName],
  );
  return rows.map(planOf);
}

/** Keeps what a result made of a plan, once for the same experiment and data: what was seen first stays. */
export async function keepOutcome({ pool }: Pool, planId: number, outcome: Omit<PlanOutcome, 'madeAt'>): Promise<void> {
  await pool.query(
    `INSERT INTO signalbox.plan_outcomes (plan_id, kind, experiment_hash, data_hash, compared)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [planId, outcome.kind, outcome.experimentHash, outcome.dataHash, JSON.stringify(outcome.compared)],
  );
}

/** What came of a plan, the first first. */
export async function readOutcomes({ pool }: Pool, planId: number): Promise<PlanOutcome[]> {
  const { rows } = await pool.query<{
    kind: OutcomeKind;
    experiment_hash: string;
    data_hash: string;
    made_at: Date;
    compared: PlanSection;
  }>('SELECT * FROM signalbox.plan_outcomes WHERE plan_id = $1 ORDER BY made_at, kind', [planId]);
  return rows.map((row) => ({
    kind: row.kind,
    experimentHash: row.experiment_hash,
    dataHash: row.data_hash,
    madeAt: row.made_at,
    compared: row.compared,
  }));
}
