import type { Clock } from '../../../infra/clock.ts';
import { heardAnew, type DurableJournal } from '../../journal/durable-journal.ts';

/**
 * Steps of an order, in their order: its bar closed, the bar was here, the engine decided, that was on record, the
 * request was handed to the venue's limiter, the venue answered, the first execution was booked.
 */
export const LATENCY_STEPS = ['closed', 'arrived', 'decided', 'committed', 'sent', 'acknowledged', 'filled'] as const;
export type LatencyStep = (typeof LATENCY_STEPS)[number];

/** When an order took its steps, in wall-clock ms; absent for steps that it did not take yet. */
export type StepTimes = Partial<Record<LatencyStep, number>>;

/** Times of orders by their sequence. */
export type LatencyRows = ReadonlyMap<number, StepTimes>;

/** Orders of which more steps are awaited, at the most: those before are not watched any more. */
const WATCHED_MAX = 10_000;

interface LatencyOptions {
  readonly clock: Clock;
  readonly write: (rows: LatencyRows) => Promise<void>;
  /** Hears of each step when it is taken. */
  readonly hear?: (sequence: number, times: StepTimes) => void;
}

/** Notes when orders take their steps. Wall time: it is no part of the journal, and no decision rests on it. */
export class OrderLatencies {
  readonly #options: LatencyOptions;
  readonly #rows = new Map<number, StepTimes>();
  readonly #changed = new Set<number>();
  #bar: Pick<StepTimes, 'closed' | 'arrived'> = {};
  #closeMs = NaN;

  constructor(options: LatencyOptions) {
    this.#options = options;
  }

  /** Bars that closed at `closeTimeMs` are here. Only of live ones is that a moment of the wall clock. */
  arrived(closeTimeMs: number, isLive: boolean): void {
    this.#closeMs = closeTimeMs;
    this.#bar = { ...(isLive ? { closed: closeTimeMs } : {}), arrived: this.#options.clock() };
  }

  /** Order `sequence` was decided on: at a bar, or between bars. */
  decided(sequence: number, timeMs: number): void {
    const isOfBar = timeMs === this.#closeMs;
    this.#note(sequence, { ...(isOfBar ? this.#bar : {}), decided: this.#options.clock() });
  }

  /** Order `sequence` took a step; only the first time counts. */
  mark(sequence: number, step: LatencyStep): void {
    if (this.#rows.get(sequence)?.[step] === undefined) this.#note(sequence, { [step]: this.#options.clock() });
  }

  #note(sequence: number, times: StepTimes): void {
    this.#rows.set(sequence, { ...times, ...this.#rows.get(sequence) });
    this.#options.hear?.(sequence, times);
    this.#changed.add(sequence);
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > WATCHED_MAX && !this.#changed.has(oldest!)) this.#rows.delete(oldest!);
  }

  /** Stores what has changed. */
  async flush(): Promise<void> {
    if (this.#changed.size === 0) return;
    const rows = new Map([...this.#changed].map((sequence) => [sequence, this.#rows.get(sequence)!]));
    this.#changed.clear();
    await this.#options.write(rows);
  }
}

/** The same journal; first executions that are recorded anew are noted. */
export function heardFills(journal: DurableJournal, latencies: OrderLatencies): DurableJournal {
  return heardAnew(journal, (effect) => {
    if (effect.kind === 'fill' && effect.sequence > 0) latencies.mark(effect.sequence, 'filled');
  });
}
