import type { ExecutionRule, ExecutionRules } from '../../models/experiment/execution/execution-schema.ts';
import type { Grid } from '../grid.ts';
import type { OrderOwner } from './order-owner.ts';
import type { PlaceOrder } from './order-request.ts';

/** A target, in signed units, that closes or reduces the `held` position, or leaves it. */
export function onlyCloses(held: number, target: number): boolean {
  return target === 0 || (held * target > 0 && Math.abs(target) <= Math.abs(held));
}

/** How the order from what is `held` to a target is executed over time; undefined: at once. */
export function executionOf(
  rules: ExecutionRules | undefined,
  held: number,
  target: number,
): ExecutionRule | undefined {
  return onlyCloses(held, target) ? rules?.exit : rules?.entry;
}

/** What a signal of one of several strategies wants, in signed units, and how its order is executed. */
interface Wanted {
  readonly held: number;
  readonly target: number;
  readonly rules: ExecutionRules | undefined;
  readonly lots: Grid;
}

/** The order of a signal of `owner` from what is held to its target, at once or over time; null where that is there. */
export function signalOrder(
  owner: OrderOwner,
  label: string,
  { held, target, rules, lots }: Wanted,
): PlaceOrder | null {
  const execution = executionOf(rules, held, target);
  // What is executed in parts is cut to the lot with them.
  const units = execution === undefined ? lots.nearest(target - held) : target - held;
  if (units === 0) return null;
  const side = units > 0 ? 'buy' : 'sell';
  const order = { do: 'place', label, side, size: { units: Math.abs(units) }, type: 'market' } as const;
  return { ...order, owner, signal: true, ...(execution === undefined ? {} : { execution }) };
}
