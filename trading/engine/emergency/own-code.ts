import type { Sizer } from '../../risk/sizing.ts';
import type { Silence } from '../../strategies/own/silence.ts';
import type { StrategySession } from '../../strategies/strategy.ts';

/** What may be code of a user's in an engine: what it says of itself, and whether it still answers. */
export class OwnCode {
  readonly #strategy: StrategySession;
  readonly #sizer: Sizer;

  constructor(strategy: StrategySession, sizer: Sizer) {
    this.#strategy = strategy;
    this.#sizer = sizer;
  }

  /** What strategy and sizer say of the session besides: mistakes of a user's files. */
  notes(): readonly string[] {
    return [...(this.#strategy.notes?.() ?? []), ...(this.#sizer.notes?.() ?? [])];
  }

  /** Why one of them decides nothing any more; null while all is well. */
  failure(): Error | null {
    return this.#strategy.failure?.() ?? this.#sizer.failure?.() ?? null;
  }

  /** What is known not to answer, told before the first bar: it is not asked again. */
  expect(known: readonly Silence[]): void {
    this.#strategy.expect?.(known);
    this.#sizer.expect?.(known);
  }

  /** The strategy that has just been refused, at its question `asked`, for not answering. */
  silent(asked: number): Pick<Silence, 'by' | 'asked'> {
    return { by: this.#strategy.silences?.().at(-1)?.by ?? 0, asked };
  }
}
