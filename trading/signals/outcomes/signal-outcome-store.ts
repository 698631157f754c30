import type pg from 'pg';
import type { SignalStrength } from '../signal-strength.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What came of one recorded signal. */
export interface SignalOutcome {
  /** Its position in the session's journal. */
  readonly record: number;
  readonly symbol: string;
  readonly action: 'BUY' | 'SELL';
  readonly strength: SignalStrength;
  readonly model: string | null;
  readonly strategy: string | null;
  readonly probability: number | null;
  /** Why it was not let through; null for one that was. */
  readonly refused: string | null;
  readonly decidedAtMs: number;
  readonly horizonBars: number;
  /** Close at which its horizon had passed. */
  readonly knownAtMs: number;
  /** Simple return from the close that it rests on to that one. */
  readonly realisedReturn: number;
}

/** Stores outcomes that are not there yet. Returns how many were new. */
export async function writeSignalOutcomes(
  client: Queryable,
  sessionId: string,
  outcomes: readonly SignalOutcome[],
): Promise<number> {
  if (outcomes.length === 0) return 0;
  const of = <T>(value: (outcome: SignalOutcome) => T): T[] => outcomes.map(value);
  const { rowCount } = await client.query(
    `INSERT INTO signalbox.signal_outcomes (session_id, record, symbol, action, strength, model, strategy, probability,
                                            refused, decided_at, horizon_bars, known_at, label, realised_return)
     SELECT $1, record, symbol, action, strength, model, strategy, probability, refused,
            to_timestamp(decided / 1000), horizon, to_timestamp(known / 1000), (realised > 0)::int, realised
     FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::text[],
                 $10::float8[], $11::int[], $12::float8[], $13::float8[])
       AS outcome (record, symbol, action, strength, model, strategy, probability, refused, decided, horizon, known,
                   realised)
     ON CONFLICT (session_id, record) DO NOTHING`,
    [
      sessionId,
      of(({ record }) => record),
      of(({ symbol }) => symbol),
      of(({ action }) => action),
      of(({ strength }) => strength),
      of(({ model }) => model),
      of(({ strategy }) => strategy),
      of(({ probability }) => probability),
      of(({ refused }) => refused),
      of(({ decidedAtMs }) => decidedAtMs),
      of(({ horizonBars }) => horizonBars),
      of(({ knownAtMs }) => knownAtMs),
      of(({ realisedReturn }) => realisedReturn),
    ],
  );
  return rowCount ?? 0;
}

/** Outcomes of one class of a session's signals, added up. */
export interface OutcomeSum {
  readonly session: string;
  /** The version that said so, or the strategy; null for a rule that has the session to itself. */
  readonly by: string | null;
  readonly action: 'BUY' | 'SELL';
  readonly strength: SignalStrength;
  readonly letThrough: boolean;
  readonly known: number;
  /** Share of those whose price went the way that they said. */
  readonly hitRate: number;
  /** Mean simple return in their direction: of a SELL with its sign turned round. */
  readonly meanReturn: number;
}

/** Outcomes by session, version or strategy, action, strength, and whether they were let through. */
export async function sumSignalOutcomes(client: Queryable, sessionIds: readonly string[]): Promise<OutcomeSum[]> {
  const { rows } = await client.query<OutcomeSum>(
    `SELECT session_id AS session, coalesce(model, strategy) AS by, action, strength, refused IS NULL AS "letThrough",
            count(*)::int AS known,
            avg((CASE action WHEN 'BUY' THEN realised_return > 0 ELSE realised_return < 0 END)::int)::float8 AS "hitRate",
            avg(CASE action WHEN 'BUY' THEN realised_return ELSE -realised_return END) AS "meanReturn"
     FROM signalbox.signal_outcomes WHERE session_id = ANY($1)
     GROUP BY session_id, 2, action, strength, 5
     ORDER BY session_id, 2 NULLS FIRST, action, array_position(ARRAY['strong', 'moderate', 'weak'], strength), 5 DESC`,
    [sessionIds],
  );
  return rows;
}
