import { HOUR_MS } from '../../../features/timeframe.ts';
import type { Clock } from '../../../infra/clock.ts';
import type { Sleep } from '../../../infra/sleep.ts';
import type { HoursAt } from './session-hours.ts';

/** How a run of the session ended: its exit code, or the signal that ended it. */
export interface RunEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A run of the session in a process of its own. */
export interface SessionRun {
  /** Null where it could not be started. */
  readonly pid: number | null;
  readonly ended: Promise<RunEnd>;
  /** Asks it to end between two bars. */
  stop(): void;
  /** Ends it as it stands, which it is built for: nothing is lost that was committed. */
  kill(): void;
}

export interface SuperviseOptions {
  readonly start: () => SessionRun;
  readonly hours: HoursAt;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Aborted when the session is to end. */
  readonly signal: AbortSignal;
  /** Says what it is about. */
  readonly say: (doing: string, restarts: number) => Promise<void>;
  /** Told of every run that failed, before anything is said of it. */
  readonly onFailure?: () => Promise<void>;
  /** Restarts within an hour after which it gives up. */
  readonly restartsMax: number;
}

/** Why supervision ended. */
export interface SuperviseEnd {
  readonly why: 'stopped' | 'ended' | 'refused' | 'gave-up';
  readonly restarts: number;
}

const WAIT_MS = 1_000;
const WAIT_MS_MAX = 300_000;
/** A run ends by itself within 20 s of being asked to. */
const STOP_MS_MAX = 30_000;
/** How often the calendar is looked at: the machine's clock may be set. */
const LOOK_MS = 60_000;

/**
 * Keeps a session running while its market is open: starts it, ends it after the close, and starts it again when it
 * dies, after 1 s, 2 s, 4 s and so on up to five minutes. A run that ends well is the session's end; one of exit code 2
 * was refused for what it was asked, and asking again changes nothing. It gives up after more restarts within an hour
 * than allowed.
 */
export async function supervise(options: SuperviseOptions): Promise<SuperviseEnd> {
  const { clock, signal, say, restartsMax } = options;
  const died: number[] = [];
  let restarts = 0;
  while (!signal.aborted) {
    if (!(await untilOpen(options, restarts))) break;
    const run = options.start();
    await say(`runs as process ${run.pid}`, restarts);
    const end = await runOnce(run, options);
    if (signal.aborted) break;
    if (end === 'closed') continue;
    if (end.code === 0) return { why: 'ended', restarts };
    await options.onFailure?.();
    if (end.code === 2) {
      await say('was refused for what it was asked', restarts);
      return { why: 'refused', restarts };
    }
    const nowMs = clock();
    died.push(nowMs);
    while (died[0]! < nowMs - HOUR_MS) died.shift();
    const words = end.signal === null ? `with exit code ${end.code}` : `by ${end.signal}`;
    if (died.length > restartsMax) {
      await say(`gave up: it died ${words}, ${died.length} times within an hour`, restarts);
      return { why: 'gave-up', restarts };
    }
    restarts += 1;
    const waitMs = Math.min(WAIT_MS_MAX, WAIT_MS * 2 ** (died.length - 1));
    await say(`died ${words}: starts again in ${waitMs / 1000} s (${died.length} of ${restartsMax} an hour)`, restarts);
    await pause(options, waitMs);
  }
  await say('stopped', restarts);
  return { why: 'stopped', restarts };
}

/** Waits for the market. False where the session is to end before. */
async function untilOpen(options: SuperviseOptions, restarts: number): Promise<boolean> {
  const { hours, clock, signal, say } = options;
  let saidMs = NaN;
  for (let at = hours(clock()); !at.open && !signal.aborted; at = hours(clock())) {
    if (at.untilMs !== saidMs) await say(`waits for the market until ${new Date(at.untilMs).toISOString()}`, restarts);
    saidMs = at.untilMs;
    await pause(options, Math.min(LOOK_MS, Math.max(1, at.untilMs - clock())));
  }
  return !signal.aborted;
}

/** One run, which is ended when the market has closed or the session is to end. */
async function runOnce(run: SessionRun, options: SuperviseOptions): Promise<RunEnd | 'closed'> {
  const { hours, clock, signal } = options;
  const over = new AbortController();
  const ended = run.ended.finally(() => over.abort());
  const either = AbortSignal.any([signal, over.signal]);
  for (let at = hours(clock()); at.open && !either.aborted; at = hours(clock())) {
    await pause({ ...options, signal: either }, Math.min(LOOK_MS, Math.max(1, at.untilMs - clock())));
  }
  if (over.signal.aborted) return ended;
  run.stop();
  await pause({ ...options, signal: over.signal }, STOP_MS_MAX);
  if (!over.signal.aborted) run.kill();
  const end = await ended;
  // What ended well by itself at that very moment has ended.
  return end.code === 2 ? end : 'closed';
}

/** A pause that ends early, and without an error, where the session is to end. */
async function pause({ sleep, signal }: Pick<SuperviseOptions, 'sleep' | 'signal'>, ms: number): Promise<void> {
  try {
    await sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
