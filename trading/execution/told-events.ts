import type { VenueExecution, VenueOrder, VenuePosition } from '../brokers/venue/request-verdict.ts';
import type { EngineEvent } from '../effect.ts';
import type { DeskMessage } from './desk-message.ts';
import type { OrderState } from '../orders/order-state.ts';

/** The state in which an order has ended, by how the venue says so. */
export const FINAL: Partial<Readonly<Record<VenueOrder['status'], OrderState>>> = {
  // All of it: what was executed comes as executions. Where less was sent than ordered, the rest has ended.
  filled: 'CANCELED',
  canceled: 'CANCELED',
  replaced: 'CANCELED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
};

/**
 * An order that has ended works at the venue. Only an answer to a question tells: what the stream says of a moment
 * before may come late.
 */
export function* worksAfterAll(sequence: number, beganMs: number | null, timeMs: number): Generator<EngineEvent> {
  if (beganMs === null) return;
  const orders = [{ sequence, state: 'ACCEPTED' as const }];
  yield { kind: 'snapshot', beganMs, timeMs, complete: false, orders, executions: [], positions: [] };
}

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

/** A call for margin of a symbol of the session. */
export function* marginCall(
  { symbol: name, ...call }: DeskMessage & { kind: 'margin-call' },
  symbols: ReadonlyMap<string, number>,
  timeMs: number,
): Generator<EngineEvent> {
  const symbol = symbols.get(name);
  if (symbol !== undefined) yield { ...call, symbol, timeMs };
}

/** Units that the venue took as a fee. */
export function* feeEvents(
  { executionId, price, feeUnits = 0 }: VenueExecution,
  symbol: number,
  timeMs: number,
): Generator<EngineEvent> {
  if (!(feeUnits > 0)) return;
  const base = { kind: 'execution', sequence: 0, timeMs, symbol, executionId, price, fee: 0 } as const;
  yield { ...base, quantity: -feeUnits, takenAsFee: true };
}

/** All that is held of the session's symbols, and its orders that work. */
export function heldSnapshot(
  { beganMs, timeMs }: { readonly beganMs: number; readonly timeMs: number },
  working: readonly { readonly sequence: number }[],
  positions: readonly VenuePosition[],
  symbols: ReadonlyMap<string, number>,
): EngineEvent {
  const orders = working.map(({ sequence }) => ({ sequence, state: 'ACCEPTED' as const }));
  const held = positions.flatMap(({ symbol: name, quantity, price }) => {
    const symbol = symbols.get(name);
    return symbol === undefined ? [] : [{ symbol, quantity, price }];
  });
  return { kind: 'snapshot', beganMs, timeMs, complete: true, orders, executions: [], positions: held };
}
