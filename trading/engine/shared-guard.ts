import type { OrderOwner } from '../orders/order-owner.ts';
import type { PlaceOrder } from '../orders/order-request.ts';
import type { OrderRole } from '../orders/order-terms.ts';
import type { SubLedgers } from '../portfolio/sub-ledgers.ts';
import type { ProtectionRule } from '../risk/protection.ts';
import type { EngineParts } from './engine-parts.ts';
import { PositionGuard, type Guard } from './position-guard.ts';

/**
 * Of an account that several strategies share: keeps the part of each protected by orders of its own, as
 * `PositionGuard` does where one has it all.
 */
export class SharedGuard implements Guard {
  readonly #guards: readonly PositionGuard[];
  readonly #parts: EngineParts;
  readonly #shares: SubLedgers;

  constructor(rule: ProtectionRule, parts: EngineParts, shares: SubLedgers) {
    this.#parts = parts;
    this.#shares = shares;
    const owners = shares.parts.flatMap(({ owner }) => (owner === null ? [] : [owner]));
    this.#guards = owners.map((owner) => new PositionGuard(rule, parts, { owner, of: owners.length }));
  }

  /** What protects the part of `owner`. */
  of({ number }: OrderOwner): PositionGuard {
    return this.#guards[number - 1]!;
  }

  has(symbol: number, sequence: number): boolean {
    return this.#guards.some((guard) => guard.has(symbol, sequence));
  }

  roleOf(symbol: number, sequence: number): OrderRole | null {
    return this.#guards.find((guard) => guard.has(symbol, sequence))?.roleOf(symbol, sequence) ?? null;
  }

  exitOf(symbol: number, sequence: number): number {
    return this.#guards.find((guard) => guard.has(symbol, sequence))?.exitOf(symbol, sequence) ?? 0;
  }

  sequences(symbol: number): readonly number[] {
    return this.#guards.flatMap((guard) => guard.sequences(symbol));
  }

  /** The part of a strategy is not protected as it is now, and no order of a signal is about to close it. */
  isBare(symbol: number): boolean {
    return this.#guards.some((guard) => this.#isDue(guard, symbol));
  }

  /** Protects each part that is not, or was another when it was. */
  cover(symbol: number, timeMs: number): void {
    for (const guard of this.#guards) if (this.#isDue(guard, symbol)) guard.cover(symbol, timeMs);
  }

  uncover(symbol: number, timeMs: number): void {
    for (const guard of this.#guards) guard.uncover(symbol, timeMs);
  }

  drop(symbol: number, sequence: number): void {
    for (const guard of this.#guards) guard.drop(symbol, sequence);
  }

  take(symbol: number): readonly number[] {
    return this.#guards.flatMap((guard) => guard.take(symbol));
  }

  /** What is closed for all of them opens nothing. */
  refusal(): null {
    return null;
  }

  /** An order works in `symbol` that only closes: of a signal of `owner`, or one for all. */
  isLeaving(owner: OrderOwner, symbol: number): boolean {
    const { working: all, reducing } = this.#parts.lanes[symbol]!;
    if (all !== 0 && reducing) return true;
    const working = this.#shares.partOf(owner).working[symbol]!;
    return working !== 0 && this.#parts.risk.reservations.of(working)?.own?.opening === 0;
  }

  restated(symbol: number): void {
    for (const guard of this.#guards) guard.restated(symbol);
  }

  end(): void {
    for (const guard of this.#guards) guard.end();
  }

  #isDue(guard: PositionGuard, symbol: number): boolean {
    return guard.isStale(symbol) && !this.isLeaving(guard.owner!, symbol);
  }

  save() {
    return { guards: this.#guards.map((guard) => guard.save()) };
  }

  restore(state: ReturnType<Guard['save']>): void {
    const { guards } = state as ReturnType<SharedGuard['save']>;
    this.#guards.forEach((guard, at) => guard.restore(guards[at]!));
  }
}

/** What protects positions by `rule`; null where nothing does. */
export function guardOf(rule: ProtectionRule | undefined, parts: EngineParts): Guard | null {
  if (rule === undefined) return null;
  const { shares } = parts.portfolio;
  return shares === null ? new PositionGuard(rule, parts) : new SharedGuard(rule, parts, shares);
}

/** What protects the part that an order of a signal is of; null for any other order. */
export function wardOf(
  guard: Guard | null,
  { owner, signal }: { readonly [key in 'owner' | 'signal']?: PlaceOrder[key] | undefined },
): PositionGuard | null {
  return guard instanceof SharedGuard && owner !== undefined && signal === true ? guard.of(owner) : null;
}
