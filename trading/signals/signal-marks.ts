import { createHash } from 'node:crypto';
import type { Timeframe } from '../../features/timeframe.ts';
import { DEFAULT_STRENGTHS, type StrengthThresholds } from '../../models/experiment/signals-schema.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { closeAfter } from '../../pipelines/calendars/close-after.ts';
import type { Signal } from '../strategies/strategy.ts';

/** What is said of a session's signals besides: nothing of it decides. */
export interface SignalMarks {
  readonly strength: StrengthThresholds;
  /** Bars after which what came of a signal is looked at. */
  readonly horizonBars: number;
  /** When a signal is too old to count, by the close that it rests on; null where that cannot be told. */
  expiresMs(decidedAtMs: number, strategy: string | null): number | null;
}

/** Of sessions that no experiment describes. */
export const PLAIN_MARKS: SignalMarks = { strength: DEFAULT_STRENGTHS, horizonBars: 1, expiresMs: () => null };

/**
 * The marks of an experiment's signals. One counts until more than `maxAgeBars` bars, of the strategy's own size, have
 * closed after the close that it rests on.
 */
export function signalMarks(
  { signals, data, labels, strategies = [] }: Pick<Experiment, 'signals' | 'data' | 'labels' | 'strategies'>,
  calendar: Calendar,
): SignalMarks {
  const ownTimeframes = new Map(strategies.map(({ name, timeframe }) => [name, timeframe as Timeframe | undefined]));
  // The symbols of a panel share their closes.
  let newest = { decidedAtMs: NaN, timeframe: data.timeframe as Timeframe, expiresMs: null as number | null };
  return {
    strength: signals.strength ?? DEFAULT_STRENGTHS,
    horizonBars: labels.horizonBars,
    expiresMs: (decidedAtMs, strategy) => {
      const timeframe = (strategy === null ? undefined : ownTimeframes.get(strategy)) ?? data.timeframe;
      if (newest.decidedAtMs === decidedAtMs && newest.timeframe === timeframe) return newest.expiresMs;
      const expiresMs = closeAfter(calendar, timeframe, decidedAtMs, signals.maxAgeBars + 1);
      newest = { decidedAtMs, timeframe, expiresMs };
      return expiresMs;
    },
  };
}

/** What a signal is made from. */
export interface SignalOrigin {
  /** Hash of the experiment, or else the session. */
  readonly source: string;
  /** Of several that share an account. */
  readonly strategy: string | null;
  readonly symbol: string;
  /** Close at which it was said. */
  readonly timeMs: number;
}

/**
 * Name of a signal, 32 hexadecimal digits: a pure function of what it is made from and of what it says. A restart, a
 * replay and another session of the same experiment give the same signal the same name.
 */
export function signalId({ source, strategy, symbol, timeMs }: SignalOrigin, signal: Signal): string {
  const { action, probability, confidence, decidedAtMs = timeMs, model = null, target = null } = signal;
  const said = [strategy, symbol, timeMs, decidedAtMs, model, action, probability, confidence, target];
  return createHash('sha256')
    .update(JSON.stringify(['signal/1', source, ...said]))
    .digest('hex')
    .slice(0, 32);
}
