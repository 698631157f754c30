import type { Lag } from './feed-event.ts';

const KEPT = 4096;

/** Quantiles of the last 4,096 lags. */
export class LagMeter {
  readonly #lags = new Float64Array(KEPT);
  #count = 0;

  add(lagMs: number): void {
    this.#lags[this.#count % KEPT] = lagMs;
    this.#count += 1;
  }

  quantiles(): Lag {
    if (this.#count === 0) return { p50Ms: null, p99Ms: null };
    const sorted = this.#lags.slice(0, Math.min(this.#count, KEPT)).sort();
    const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))]!;
    return { p50Ms: at(0.5), p99Ms: at(0.99) };
  }
}
