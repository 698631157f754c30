import type { LatencyRows, LatencyStep, StepTimes } from '../latency/order-latencies.ts';

/** How long an order took from one step to the next, or in all. */
interface StageTime {
  readonly stage: (typeof STAGES)[number];
  readonly ms: number;
}

/** What each stage ends with, and what it began with: the first that was noted. */
const BETWEEN = [
  ['arrived', ['closed']],
  ['decided', ['arrived']],
  ['committed', ['decided']],
  ['sent', ['committed']],
  ['acknowledged', ['sent']],
  ['filled', ['acknowledged', 'sent', 'committed']],
] as const satisfies readonly (readonly [LatencyStep, readonly LatencyStep[]])[];

export const STAGES = [...BETWEEN.map(([end]) => end), 'bar-to-sent', 'bar-to-fill'] as const;

/** Orders that are kept in mind, so that none of their stages is told twice. */
const KEPT_MAX = 20_000;

/** Tells each stage of an order once, as soon as both of its ends are known. */
export class StageTimes {
  readonly #told = new Map<number, Set<string>>();

  /** Stages that are known now and were not told before. */
  *fresh(rows: LatencyRows): Generator<StageTime> {
    for (const [sequence, times] of rows) {
      const told = this.#told.get(sequence) ?? new Set();
      this.#told.set(sequence, told);
      for (const one of stagesOf(times)) {
        if (told.has(one.stage)) continue;
        told.add(one.stage);
        yield one;
      }
    }
    for (const sequence of this.#told.keys()) {
      if (this.#told.size <= KEPT_MAX) break;
      this.#told.delete(sequence);
    }
  }
}

function* stagesOf(times: StepTimes): Generator<StageTime> {
  for (const [stage, begins] of BETWEEN) {
    const from = begins.map((step) => times[step]).find((ms) => ms !== undefined);
    const to = times[stage];
    if (from !== undefined && to !== undefined) yield { stage, ms: Math.max(0, to - from) };
  }
  const bar = times.arrived;
  if (bar === undefined) return;
  if (times.sent !== undefined) yield { stage: 'bar-to-sent', ms: Math.max(0, times.sent - bar) };
  if (times.filled !== undefined) yield { stage: 'bar-to-fill', ms: Math.max(0, times.filled - bar) };
}
