import type { SignalRecord } from './session-result.ts';
import { HOLD, type Signal } from './strategy.ts';

const KEPT = 64;

/** The newest decisions for people to read: the last BUYs and SELLs, and each symbol's latest word even when it is HOLD. */
export class SignalHistory {
  readonly #symbols: readonly string[];
  readonly #latest: Signal[];
  readonly #latestTimeMs: Float64Array;
  readonly #recent: { symbol: number; timeMs: number; signal: Signal }[] = [];
  #next = 0;

  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
    this.#latest = symbols.map(() => HOLD);
    this.#latestTimeMs = new Float64Array(symbols.length);
  }

  note(symbol: number, at: { readonly timeMs: number }, signal: Signal): void {
    // Quiet bars repeat one shared HOLD: storing the pointer anyway would run the collector's write barrier on every bar.
    if (this.#latest[symbol] !== signal) this.#latest[symbol] = signal;
    this.#latestTimeMs[symbol] = at.timeMs;
    if (signal.action === 'HOLD') return;
    this.#recent[this.#next] = { symbol, timeMs: at.timeMs, signal };
    this.#next = (this.#next + 1) % KEPT;
  }

  /** Newest last. */
  last(): SignalRecord[] {
    const ordered = [...this.#recent.slice(this.#next), ...this.#recent.slice(0, this.#next)];
    const holds = this.#latest.flatMap((signal, symbol) =>
      signal.action === 'HOLD' && this.#latestTimeMs[symbol]! > 0
        ? [{ symbol, timeMs: this.#latestTimeMs[symbol]!, signal }]
        : [],
    );
    return [...ordered, ...holds]
      .sort((a, b) => a.timeMs - b.timeMs || a.symbol - b.symbol)
      .map(({ symbol, timeMs, signal }) => ({
        timeMs,
        symbol: this.#symbols[symbol]!,
        action: signal.action,
        probability: signal.probability,
        confidence: signal.confidence,
        reason: signal.reason,
      }));
  }
}
