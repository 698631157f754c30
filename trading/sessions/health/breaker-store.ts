import type pg from 'pg';
import { maskSecrets } from '../../../infra/logging/mask-secrets.ts';
import type { BreakerChange, BreakerName, BreakerState } from '../../execution/breakers/circuit-watch.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** A change of a breaker at its moment. */
export interface StoredBreakerChange extends BreakerChange {
  readonly at: Date;
}

const REASON_MAX = 500;

/** Puts a change on record. */
export async function noteBreaker(
  client: Queryable,
  id: string,
  { breaker, state, reason, at }: StoredBreakerChange,
): Promise<void> {
  await client.query(
    'INSERT INTO signalbox.breaker_changes (session_id, breaker, state, at, reason) VALUES ($1, $2, $3, $4, $5)',
    [id, breaker, state, at, maskSecrets(reason, REASON_MAX)],
  );
}

/** How the breakers of a session stand, by their last change, and their last changes, the newest first. */
export async function readBreakers(
  client: Queryable,
  id: string,
  limit = 20,
): Promise<{
  readonly states: Readonly<Partial<Record<BreakerName, BreakerState>>>;
  readonly changes: readonly StoredBreakerChange[];
}> {
  const { rows: changes } = await client.query<StoredBreakerChange>(
    `SELECT breaker, state, at, reason FROM signalbox.breaker_changes WHERE session_id = $1 ORDER BY id DESC LIMIT $2`,
    [id, limit],
  );
  const { rows } = await client.query<{ breaker: BreakerName; state: BreakerState }>(
    `SELECT DISTINCT ON (breaker) breaker, state FROM signalbox.breaker_changes
     WHERE session_id = $1 ORDER BY breaker, id DESC`,
    [id],
  );
  return { states: Object.fromEntries(rows.map(({ breaker, state }) => [breaker, state])), changes };
}
