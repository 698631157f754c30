import type { VenueExecution, VenueOrder } from '../brokers/venue/request-verdict.ts';
import type { EngineEvent } from '../effect.ts';
import type { TrackedOrder } from './tracked-order.ts';

/**
 * The times of what a venue says happened at `theirsMs` of its clock. By ours it is no later than now; by its own, too,
 * as far as that is known: what it dates in the future would hide what comes after it from whoever asks since then.
 * @param offsetMs the venue's clock minus ours
 */
export function timesOf(
  theirsMs: number,
  { nowMs, offsetMs }: { readonly nowMs: number; readonly offsetMs: number },
): { readonly timeMs: number; readonly theirsMs?: number } {
  if (!Number.isFinite(theirsMs)) return { timeMs: nowMs };
  return { timeMs: Math.min(nowMs, theirsMs - offsetMs), theirsMs: Math.min(nowMs + offsetMs, theirsMs) };
}

/** Units that the venue took as a fee. */
export function* feeOf(
  { executionId, price, feeUnits = 0 }: VenueExecution,
  symbol: number,
  timeMs: number,
): Generator<EngineEvent> {
  if (!(feeUnits > 0)) return;
  const base = { kind: 'execution', sequence: 0, timeMs, symbol, executionId, price, fee: 0 } as const;
  yield { ...base, quantity: -feeUnits, takenAsFee: true };
}

/**
 * An order that had ended works. Only an answer to a question tells: what the stream says of a moment before may come
 * late, and `beganMs` is null.
 */
export function* worksAfterAll(
  { sequence }: TrackedOrder,
  beganMs: number | null,
  timeMs: number,
): Generator<EngineEvent> {
  if (beganMs === null) return;
  const orders = [{ sequence, state: 'ACCEPTED' as const }];
  yield { kind: 'snapshot', beganMs, timeMs, complete: false, orders, executions: [], positions: [] };
}

/** What the venue tells of an order that is another than was sent: each order is told of once. */
export class Contradictions {
  readonly #symbols: readonly string[];
  readonly #told = new Set<number>();

  /** @param symbols by place */
  constructor(symbols: readonly string[]) {
    this.#symbols = symbols;
  }

  /** It is of another symbol, or of the other side. */
  has({ symbol, side }: TrackedOrder, told: Pick<VenueOrder, 'symbol' | 'side'>): boolean {
    return told.symbol !== this.#symbols[symbol] || told.side !== side;
  }

  /** Nothing is concluded from it: the order is asked for on and on. */
  *tell(tracked: TrackedOrder, timeMs: number): Generator<EngineEvent> {
    const { sequence } = tracked;
    tracked.missing = true;
    if (!this.#told.has(sequence)) yield { kind: 'contradiction', sequence, timeMs };
  }

  /** One is on record, replayed ones too. */
  note(sequence: number): void {
    this.#told.add(sequence);
  }
}
