import type pg from 'pg';
import type { Criterion, PromotionDecision } from './promotion-gate.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** Stores a decision inside the caller's transaction and returns its number. */
export async function writeDecision(client: Queryable, decision: PromotionDecision): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO signalbox.promotion_decisions
       (name, version, model_hash, champion_version, outcome, criteria, reason, decided_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000)) RETURNING id`,
    [
      decision.name,
      decision.version,
      decision.modelHash,
      decision.championVersion,
      decision.outcome,
      JSON.stringify(decision.criteria),
      decision.reason,
      decision.decidedAtMs,
    ],
  );
  return rows[0]!.id;
}

/** Offers of versions to the gate: how many, and when the first was decided (null where there was none). */
export interface Offers {
  readonly count: number;
  readonly sinceMs: number | null;
}

/**
 * Distinct offers of versions of `names`, by model and by how many days old its last label was. One of `except` at that
 * age is left out; so is what was decided without criteria (going back, a first champion of old), which is no offer.
 */
export async function countOffers(
  client: Queryable,
  names: readonly string[],
  except: { readonly modelHash: string; readonly ageDays: number },
): Promise<Offers> {
  const { rows } = await client.query<{ offers: number; since: Date | null }>(
    `SELECT count(DISTINCT (model_hash, age))::int AS offers, min(decided_at) AS since
     FROM signalbox.promotion_decisions, LATERAL (
       SELECT (entry ->> 'figure')::float8 AS age FROM jsonb_array_elements(criteria) AS entry WHERE entry ->> 'name' = 'fresh'
     ) AS fresh
     WHERE name = ANY ($1) AND NOT (model_hash = $2 AND age = $3)`,
    [names, except.modelHash, except.ageDays],
  );
  const { offers, since } = rows[0]!;
  return { count: offers, sinceMs: since?.getTime() ?? null };
}

interface DecisionRow {
  readonly name: string;
  readonly version: number;
  readonly model_hash: string;
  readonly champion_version: number | null;
  readonly outcome: PromotionDecision['outcome'];
  readonly criteria: Criterion[];
  readonly reason: string | null;
  readonly decided_at: Date;
}

/** The decisions about a name's versions, or about one model, oldest first. */
export async function readDecisions(
  client: Queryable,
  name: string,
  modelHash: string | null = null,
): Promise<PromotionDecision[]> {
  const { rows } = await client.query<DecisionRow>(
    `SELECT name, version, model_hash, champion_version, outcome, criteria, reason, decided_at
     FROM signalbox.promotion_decisions WHERE name = $1 AND ($2::text IS NULL OR model_hash = $2) ORDER BY id`,
    [name, modelHash],
  );
  return rows.map((row) => ({
    name: row.name,
    version: row.version,
    modelHash: row.model_hash,
    championVersion: row.champion_version,
    outcome: row.outcome,
    criteria: row.criteria,
    reason: row.reason,
    decidedAtMs: row.decided_at.getTime(),
  }));
}
