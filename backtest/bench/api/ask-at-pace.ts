import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import { quantilesOf } from '../console/quantiles.ts';

/** What is asked, by whom and how fast. */
export interface Pace {
  readonly path: string;
  readonly tokens: readonly string[];
  readonly seconds: number;
  /** Requests a second, evenly, whatever the answers take. */
  readonly rate: number;
  readonly connections: number;
}

export interface PacedAnswers {
  readonly answers: number;
  /** Answered by another status than 200, or not at all. */
  readonly faults: number;
  readonly seconds: number;
  readonly p99Ms: number;
}

/**
 * Asks at an even pace, as many clients do who know nothing of each other. How long an answer took counts from when its
 * request was due, so that a server that stands still is not spared what would have come meanwhile. (autocannon sends
 * all that is due in a second at its beginning, and counts a wait of 100 ms as a hundred waits.)
 */
export async function askAtPace(address: string, pace: Pace): Promise<PacedAnswers> {
  const { tokens, seconds, rate, connections } = pace;
  const pool = new Pool(address, { connections, pipelining: 1 });
  const count = Math.round(rate * seconds);
  const tookMs = new Float64Array(count);
  let [answers, faults] = [0, 0];
  const ask = async (at: number, dueMs: number): Promise<void> => {
    const isAnswered = await answered(pool, pace.path, tokens[at % tokens.length]!);
    tookMs[at] = performance.now() - dueMs;
    if (isAnswered) answers += 1;
    else faults += 1;
  };
  // Connections are there before the first request is due.
  await Promise.all(Array.from({ length: connections }, (_, at) => ask(at, performance.now())));
  [answers, faults] = [0, 0];
  const asked: Promise<void>[] = [];
  const beganMs = performance.now();
  while (asked.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - beganMs) * rate) / 1_000));
    while (asked.length < due) asked.push(ask(asked.length, beganMs + (asked.length * 1_000) / rate));
    await pause(1);
  }
  await Promise.all(asked);
  const took = (performance.now() - beganMs) / 1_000;
  await pool.close();
  return { answers, faults, seconds: took, p99Ms: quantilesOf([...tookMs]).p99Ms };
}

/** Whether a request is answered by 200. Nothing is made of the answer: who asks is to cost less than who answers. */
function answered(pool: Pool, path: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    let status = 0;
    pool.dispatch(
      { path, method: 'GET', headers: { authorization: `Bearer ${token}` } },
      {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, statusCode) => void (status = statusCode),
        onResponseData: () => undefined,
        onResponseEnd: () => resolve(status === 200),
        onResponseError: () => resolve(false),
      },
    );
  });
}
