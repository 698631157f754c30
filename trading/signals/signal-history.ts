import type { SignalRecord } from '../session-result.ts';
import { DEFAULT_STRENGTHS, type StrengthThresholds } from '../../models/experiment/signals-schema.ts';
import { strengthOf } from './signal-strength.ts';
import type { SignalRules } from './signal-validator.ts';
import { HOLD, type Signal } from '../strategies/strategy.ts';

const KEPT = 64;

/**
 * The newest decisions for people to read: the last BUYs and SELLs, and each symbol's latest word even when it is HOLD.
 */
export class SignalHistory {
  readonly #symbols: readonly string[];
  readonly #maxAgeBars: number;
  readonly #strength: StrengthThresholds;
  readonly #hold: Signal = HOLD;
  readonly #latest: Signal[];
  readonly #latestTimeMs: Float64Array;
  /** Rings of the newest BUYs and SELLs. */
  readonly #recentSymbol = new Int32Array(KEPT);
  readonly #recentTimeMs = new Float64Array(KEPT);
  readonly #recent: Signal[] = [];
  #next = 0;

  /** @param rules.maxAgeBars age above which a signal is stale and left out */
  constructor(
    symbols: readonly string[],
    { maxAgeBars, strength = DEFAULT_STRENGTHS }: Pick<SignalRules, 'maxAgeBars' | 'strength'>,
  ) {
    this.#symbols = symbols;
    this.#strength = strength;
    this.#maxAgeBars = maxAgeBars;
    this.#latest = symbols.map(() => HOLD);
    this.#latestTimeMs = new Float64Array(symbols.length);
  }

  /** A symbol said the shared HOLD. */
  noteHold(symbol: number, at: { readonly timeMs: number }): void {
    this.#latestTimeMs[symbol] = at.timeMs;
    // Storing the pointer anyway would run the collector's write barrier on every quiet bar.
    if (this.#latest[symbol] !== this.#hold) this.#latest[symbol] = this.#hold;
  }

  /**
   * A symbol said something. It stands at the close that it rests on: what the bars after it repeat is the same word,
   * and stale once it is too old.
   */
  note(symbol: number, at: { readonly timeMs: number }, signal: Signal): void {
    const { ageBars, decidedAtMs: timeMs = at.timeMs } = signal;
    if (ageBars > this.#maxAgeBars || (ageBars > 0 && this.#latestTimeMs[symbol] === timeMs)) return;
    this.#latest[symbol] = signal;
    this.#latestTimeMs[symbol] = timeMs;
    if (signal.action === 'HOLD') return;
    const row = this.#next;
    this.#recentSymbol[row] = symbol;
    this.#recentTimeMs[row] = timeMs;
    if (this.#recent[row] !== signal) this.#recent[row] = signal;
    this.#next = (row + 1) % KEPT;
  }

  /** Newest last. */
  last(): SignalRecord[] {
    const recent = this.#recent.map((signal, row) => ({
      symbol: this.#recentSymbol[row]!,
      timeMs: this.#recentTimeMs[row]!,
      signal,
    }));
    const ordered = [...recent.slice(this.#next), ...recent.slice(0, this.#next)];
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
        model: signal.model ?? null,
        novelty: signal.novelty ?? null,
        disagreement: signal.disagreement ?? null,
        strength: strengthOf(signal.confidence, this.#strength),
      }));
  }
}
