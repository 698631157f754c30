import type pg from 'pg';
import type { Signal } from '../../strategies/strategy.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What a shadow said at a close, beside what the session's own strategy said. */
export interface ShadowSignal {
  readonly shadow: string;
  readonly timeMs: number;
  readonly symbol: string;
  readonly signal: Pick<Signal, 'action' | 'probability' | 'confidence' | 'reason'>;
  readonly own: Signal['action'];
}

/** Writes what is not there yet: a restarted session says the same again. */
export async function writeShadowSignals(
  client: Queryable,
  sessionId: string,
  signals: readonly ShadowSignal[],
): Promise<void> {
  await client.query(
    `INSERT INTO signalbox.shadow_signals
       (session_id, shadow, time, symbol, action, own_action, probability, confidence, reason)
     SELECT $1, shadow, to_timestamp(time_ms / 1000.0), symbol, action, own, probability, confidence, reason
     FROM unnest($2::text[], $3::float8[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[], $9::text[])
       AS entry (shadow, time_ms, symbol, action, own, probability, confidence, reason)
     ON CONFLICT DO NOTHING`,
    [
      sessionId,
      signals.map(({ shadow }) => shadow),
      signals.map(({ timeMs }) => timeMs),
      signals.map(({ symbol }) => symbol),
      signals.map(({ signal }) => signal.action),
      signals.map(({ own }) => own),
      signals.map(({ signal }) => signal.probability),
      signals.map(({ signal }) => signal.confidence),
      signals.map(({ signal }) => signal.reason),
    ],
  );
}

/** How a shadow compares with the session's own strategy, by closes at which one of the two asked for something. */
export interface ShadowSummary {
  readonly shadow: string;
  readonly closes: number;
  readonly same: number;
  readonly opposite: number;
  /** Only the shadow asked for something, and only the session's own strategy. */
  readonly alone: number;
  readonly silent: number;
  readonly last: Date;
  readonly lastAction: Signal['action'];
}

/** The shadows of a session beside its own strategy, by name. */
export async function readShadows(client: Queryable, sessionId: string): Promise<ShadowSummary[]> {
  const { rows } = await client.query<ShadowSummary>(
    `SELECT shadow, count(*)::int AS closes, (count(*) FILTER (WHERE action = own_action))::int AS same,
            (count(*) FILTER (WHERE action <> own_action AND action <> 'HOLD' AND own_action <> 'HOLD'))::int AS opposite,
            (count(*) FILTER (WHERE action <> 'HOLD' AND own_action = 'HOLD'))::int AS alone,
            (count(*) FILTER (WHERE action = 'HOLD' AND own_action <> 'HOLD'))::int AS silent,
            max(time) AS last, (array_agg(action ORDER BY time DESC))[1] AS "lastAction"
     FROM signalbox.shadow_signals WHERE session_id = $1 GROUP BY shadow ORDER BY shadow`,
    [sessionId],
  );
  return rows;
}

/** A signal of a shadow as it is listed. */
export interface ListedShadowSignal {
  readonly shadow: string;
  readonly time: Date;
  readonly symbol: string;
  readonly action: Signal['action'];
  readonly ownAction: Signal['action'];
  readonly probability: number | null;
  readonly confidence: number;
  readonly reason: string;
}

/** The newest signals of a session's shadows. */
export async function readShadowSignals(
  client: Queryable,
  sessionId: string,
  { limit, symbol }: { readonly limit: number; readonly symbol?: string | undefined },
): Promise<ListedShadowSignal[]> {
  const { rows } = await client.query<ListedShadowSignal>(
    `SELECT shadow, time, symbol, action, own_action AS "ownAction", probability, confidence, reason
     FROM signalbox.shadow_signals WHERE session_id = $1 AND ($3::text IS NULL OR symbol = $3)
     ORDER BY time DESC, shadow, symbol LIMIT $2`,
    [sessionId, limit, symbol ?? null],
  );
  return rows;
}
