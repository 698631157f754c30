import type pg from 'pg';
import { LATENCY_STEPS, type LatencyRows, type LatencyStep, type StepTimes } from './order-latencies.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

const COLUMNS = LATENCY_STEPS.map((step) => `${step}_ms`);

/** Adds times of orders; a time that is stored already stays. */
export async function writeLatencies(client: Queryable, sessionId: string, rows: LatencyRows): Promise<void> {
  const lists = LATENCY_STEPS.map((step) => [...rows.values()].map((times) => times[step] ?? null));
  await client.query(
    `INSERT INTO signalbox.order_latencies AS kept (session_id, sequence, ${COLUMNS.join(', ')})
     SELECT $1, * FROM unnest($2::bigint[], ${COLUMNS.map((_, at) => `$${at + 3}::float8[]`).join(', ')})
     ON CONFLICT (session_id, sequence) DO UPDATE SET
       ${COLUMNS.map((name) => `${name} = coalesce(kept.${name}, excluded.${name})`).join(', ')}`,
    [sessionId, [...rows.keys()], ...lists],
  );
}

/** When orders of a session took their steps, by sequence. */
export async function readLatencies(
  client: Queryable,
  sessionId: string,
  sequences: readonly number[],
): Promise<LatencyRows> {
  const { rows } = await client.query<{ sequence: number } & Record<LatencyStep, number | null>>(
    `SELECT sequence::float8 AS sequence, ${LATENCY_STEPS.map((step) => `${step}_ms AS ${step}`).join(', ')}
     FROM signalbox.order_latencies WHERE session_id = $1 AND sequence = ANY($2)`,
    [sessionId, sequences],
  );
  return new Map(rows.map(({ sequence, ...times }) => [sequence, known(times)]));
}

function known(times: Record<LatencyStep, number | null>): StepTimes {
  return Object.fromEntries(Object.entries(times).filter(([, time]) => time !== null));
}

/** How long one step took after the one before, over the orders of a session that took both, in ms. */
export interface LatencyFigures {
  readonly step: LatencyStep;
  readonly orders: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The step before; an execution may come before the answer, and where nobody answers after the request. */
function beforeSql(at: number): string {
  const before = `${LATENCY_STEPS[at]!}_ms`;
  return LATENCY_STEPS[at + 1] === 'filled' ? `coalesce(${before}, sent_ms)` : before;
}

/** Median and 99th percentile of each step of a session's orders, in ms; steps that no order took are left out. */
export async function latencyFigures(client: Queryable, sessionId: string): Promise<LatencyFigures[]> {
  const steps = LATENCY_STEPS.slice(1).map(
    (step, at) => `SELECT ${at + 1} AS place, '${step}' AS step, ${step}_ms - ${beforeSql(at)} AS took
       FROM signalbox.order_latencies WHERE session_id = $1`,
  );
  const { rows } = await client.query<LatencyFigures>(
    `SELECT step, count(took)::int AS orders, percentile_disc(0.5) WITHIN GROUP (ORDER BY took) AS "p50Ms",
            percentile_disc(0.99) WITHIN GROUP (ORDER BY took) AS "p99Ms"
     FROM (${steps.join(' UNION ALL ')}) AS steps GROUP BY place, step HAVING count(took) > 0 ORDER BY place`,
    [sessionId],
  );
  return rows;
}

/** What of an order's way is watched, from one of its steps to another. */
const LATENCY_SPANS = {
  'close-to-feed': ['closed', 'arrived'],
  'feed-to-decision': ['arrived', 'decided'],
  'decision-to-request': ['decided', 'sent'],
  'decision-to-acknowledgement': ['decided', 'acknowledged'],
  'decision-to-fill': ['decided', 'filled'],
} as const satisfies Record<string, readonly [LatencyStep, LatencyStep]>;

export type LatencySpan = keyof typeof LATENCY_SPANS;
export const LATENCY_SPAN_NAMES = Object.keys(LATENCY_SPANS) as LatencySpan[];

/** Orders of a session that are looked at, at the most: it is asked every two seconds. */
const RECENT_MAX = 1_000;

/**
 * 99th percentiles, in ms, over the last orders of sessions that were decided on since `sinceMs`; null for a span that
 * none of them took. Sessions without such an order are left out.
 */
export async function recentLatencies(
  client: Queryable,
  sessionIds: readonly string[],
  sinceMs: number,
): Promise<ReadonlyMap<string, Readonly<Record<LatencySpan, number | null>>>> {
  const figures = LATENCY_SPAN_NAMES.map((span) => {
    const [from, to] = LATENCY_SPANS[span];
    return `percentile_disc(0.99) WITHIN GROUP (ORDER BY greatest(0, ${to}_ms - ${from}_ms))
              FILTER (WHERE ${to}_ms - ${from}_ms IS NOT NULL) AS "${span}"`;
  });
  const { rows } = await client.query<{ session: string } & Record<LatencySpan, number | null>>(
    `SELECT asked.session, ${figures.join(', ')}
     FROM unnest($1::text[]) AS asked(session) CROSS JOIN LATERAL (
       SELECT * FROM signalbox.order_latencies WHERE session_id = asked.session ORDER BY sequence DESC LIMIT $2
     ) AS recent
     WHERE decided_ms >= $3 GROUP BY asked.session`,
    [sessionIds, RECENT_MAX, sinceMs],
  );
  return new Map(rows.map(({ session, ...spans }) => [session, spans]));
}
