import { windowOf, type Reading, type ReadingSource } from '../../../infra/alerts/rules/alert-metric.ts';
import { lastActions } from '../../../infra/audit/audit-store.ts';
import { systemClock, type Clock } from '../../../infra/clock.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { AnomalyReadings } from '../../anomalies/anomaly-readings.ts';
import { LATENCY_SPAN_NAMES, recentLatencies, type LatencySpan } from '../latency/latency-store.ts';
import { accountFigures } from '../monitor/account-figures.ts';
import { readPeaks, readSnapshots, type AccountSnapshot } from '../monitor/account-store.ts';
import { listSessions, readLimits, type ListedSession } from '../session-store.ts';
import { mostUsedLimit } from './limit-use.ts';

/** What the audit has of the life of a session's process (`../supervisor/session-life.ts`). */
const LIFE = ['session-start', 'session-restart', 'session-end', 'session-stop', 'session-failed'];
/** After these nothing is to run. */
const IN_ORDER: ReadonlySet<string | undefined> = new Set([undefined, 'session-end', 'session-stop']);

/** Sessions that have not ended, as rules of alerts watch them: their money, how fast they are, whether they run. */
export function sessionReadings(
  database: () => Promise<Pick<Database, 'pool'>>,
  clock: Clock = systemClock,
): ReadingSource {
  const anomalies = new AnomalyReadings();
  return {
    name: 'sessions',
    read: async (windows): Promise<Reading[]> => {
      const { pool } = await database();
      const sessions = (await listSessions(pool)).filter(({ state }) => state !== 'ended');
      const ids = sessions.map(({ id }) => id);
      const [snapshots, peaks] = [await readSnapshots(pool, ids), await readPeaks(pool, ids)];
      const stopped = sessions.filter(({ state }) => state === 'stopped').map(({ id }) => id);
      const lives = await lastActions(pool, stopped, LIFE);
      const readings: Reading[] = [];
      for (const session of sessions) {
        const { id, state } = session;
        const isDown = state === 'stopped' && !IN_ORDER.has(lives.get(id)?.action);
        readings.push({ metric: 'session-down', subject: id, session: id, value: isDown ? 1 : 0 });
        const snapshot = snapshots.get(id);
        if (snapshot === undefined || state !== 'running') continue;
        const { limits } = await readLimits(pool, id);
        readings.push(...moneyReadings(session, { snapshot, peak: peaks.get(id), limits }));
      }
      const running = sessions.filter(({ state }) => state === 'running');
      const runningIds = running.map(({ id }) => id);
      const nowMs = clock();
      for (const seconds of windows ?? DEFAULT_WINDOWS) {
        const spans = await recentLatencies(pool, runningIds, nowMs - 1_000 * seconds);
        readings.push(...latencyReadings(spans, seconds));
      }
      readings.push(...(await anomalies.of(pool, running, { nowMs, windows: windows ?? DEFAULT_WINDOWS })));
      return readings;
    },
  };
}

const latencyMetric = (span: LatencySpan) => `${span}-p99-ms` as const;

/** Over the orders of how long latencies are, where no rule says otherwise. */
const DEFAULT_WINDOWS = [...new Set(LATENCY_SPAN_NAMES.map((span) => windowOf(latencyMetric(span))!))];

function latencyReadings(latencies: Awaited<ReturnType<typeof recentLatencies>>, windowSeconds: number): Reading[] {
  return [...latencies].flatMap(([session, spans]) =>
    LATENCY_SPAN_NAMES.map((span): Reading => {
      return { metric: latencyMetric(span), subject: session, session, value: spans[span] ?? NaN, windowSeconds };
    }),
  );
}

interface Books {
  readonly snapshot: AccountSnapshot;
  readonly peak: number | undefined;
  readonly limits: Awaited<ReturnType<typeof readLimits>>['limits'];
}

function moneyReadings({ id, capital }: ListedSession, { snapshot, peak, limits }: Books): Reading[] {
  const figures = accountFigures(snapshot);
  if (figures === null) return [];
  const { equity, dayReturn, marginRatio, leverage } = figures;
  const highest = Math.max(capital, peak ?? 0, equity);
  const drawdown = 1 - equity / highest;
  const use = limits === null ? null : mostUsedLimit(figures, limits, drawdown);
  const about = { subject: id, session: id };
  return [
    { ...about, metric: 'equity', value: equity },
    { ...about, metric: 'drawdown-ratio', value: drawdown },
    { ...about, metric: 'day-return-ratio', value: dayReturn ?? NaN },
    { ...about, metric: 'margin-used-ratio', value: marginRatio ?? NaN },
    { ...about, metric: 'leverage-ratio', value: leverage ?? NaN },
    ...(use === null ? [] : [{ ...about, metric: 'limit-used-ratio', value: use.share, note: use.limit } as const]),
  ];
}
