import type { Reading } from '../../infra/alerts/rules/alert-metric.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { anomalyText, type Anomaly } from './anomaly.ts';
import { sessionAnomalies } from './session-anomalies.ts';

/** What is known of a session is looked at anew after so long, or once it was given another bar. */
const AGAIN_MS = 30_000;

/** A session that runs. */
interface Running {
  readonly id: string;
  readonly symbols: readonly string[];
  readonly lastClose: Date | null;
}

interface Known {
  readonly lastCloseMs: number | undefined;
  readonly atMs: number;
  readonly anomalies: readonly Anomaly[];
}

/** How many anomalies sessions had in the last while, as rules of alerts watch them. */
export class AnomalyReadings {
  readonly #known = new Map<string, Known>();

  /** @param windows over which they are counted, in seconds */
  async of(
    pool: Database['pool'],
    running: readonly Running[],
    { nowMs, windows }: { readonly nowMs: number; readonly windows: readonly number[] },
  ): Promise<Reading[]> {
    const ids = new Set(running.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    const readings: Reading[] = [];
    for (const session of windows.length === 0 ? [] : running) {
      const { anomalies } = await this.#lookedAt(pool, session, nowMs);
      for (const windowSeconds of windows) {
        const recent = anomalies.filter(({ timeMs }) => timeMs >= nowMs - 1_000 * windowSeconds);
        const newest = recent.at(-1);
        const note = newest === undefined ? {} : { note: anomalyText(newest) };
        const about = { metric: 'anomalies', subject: session.id, session: session.id } as const;
        readings.push({ ...about, value: recent.length, windowSeconds, ...note });
      }
    }
    return readings;
  }

  async #lookedAt(pool: Database['pool'], session: Running, nowMs: number): Promise<Known> {
    const { id, lastClose } = session;
    const lastCloseMs = lastClose?.getTime();
    const known = this.#known.get(id);
    if (known !== undefined && known.lastCloseMs === lastCloseMs && nowMs - known.atMs < AGAIN_MS) return known;
    const { anomalies } = await sessionAnomalies(pool, session);
    const now = { lastCloseMs, atMs: nowMs, anomalies };
    this.#known.set(id, now);
    return now;
  }
}
