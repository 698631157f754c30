import { abs, big, exact, type Books, type Plain } from './reference-risk.ts';

/** What a venue takes, in whole numbers. */
export interface ReferenceCosts {
  readonly concessionBps: number;
  readonly makerBps: number;
  readonly takerBps: number;
  /** Hundredths of a unit of currency a unit, and the least an order costs; both 0: a share of the value alone. */
  readonly perShareCents: number;
  readonly minimumCents: number;
  /** With the first execution of an order; and the most that it costs, in thousandths of what it traded. */
  readonly perOrderCents: number;
  readonly mostPermille: number | null;
  /** Other rates from a value traded on. */
  readonly tier: { readonly from: number; readonly makerBps: number; readonly takerBps: number } | null;
  /** Of a purchase, what is charged is not received. */
  readonly inBase: boolean;
  readonly volumePercent: number | null;
  readonly latencyMs: number;
  readonly fill: 'next-open' | 'next-close';
  readonly stopFill: 'gap' | 'exact' | 'in-range';
  readonly intrabar: 'stop-first' | 'open-high-low-close';
}

const CENT = 10_000_000_000n;

/** What an execution costs: what the order owes after it, less what it has paid. */
export function chargeOf(
  order: Pick<Plain, 'due' | 'value' | 'charged'>,
  { units, price, maker, traded }: { units: number; price: bigint; maker: boolean; traded: bigint },
  costs: ReferenceCosts,
): bigint {
  const value = big(units) * price;
  const rates = costs.tier !== null && traded >= exact(costs.tier.from) ? costs.tier : costs;
  const bps = maker ? rates.makerBps : rates.takerBps;
  if (order.value === 0n) order.due = big(costs.perOrderCents) * CENT;
  // A rebate comes beside what the broker charges, and its least.
  const paid = (value * big(Math.max(0, -bps))) / 10_000n;
  order.due += big(units * costs.perShareCents) * CENT + (value * big(Math.max(0, bps))) / 10_000n;
  order.value += value;
  const least = big(costs.minimumCents) * CENT;
  const before = order.charged;
  order.charged = order.due > least ? order.due : least;
  if (costs.mostPermille !== null) {
    const most = (order.value * big(costs.mostPermille)) / 1_000n;
    if (order.charged > most) order.charged = most;
  }
  return order.charged - before - paid;
}

/** Units of a purchase that its charge takes. */
export function takenInBase(
  order: Pick<Plain, 'due' | 'value' | 'charged' | 'dir'>,
  trade: { units: number; price: bigint; maker: boolean; traded: bigint },
  costs: ReferenceCosts,
): number {
  if (!costs.inBase || order.dir < 0) return 0;
  const charge = chargeOf({ ...order }, trade, costs);
  return charge > 0n ? Number((charge + trade.price - 1n) / trade.price) : 0;
}

/** Units of those wanted that the cash pays for, beside what is held of that side. */
export function payable(
  { cash, held, mark, traded }: Books,
  { sym, price, dir, wanted }: { sym: number; price: bigint; dir: number; wanted: number },
  costs: ReferenceCosts,
): number {
  if (wanted === 0) return 0;
  const dearest = big(Math.max(0, costs.makerBps, costs.takerBps));
  let free = cash + big(held[sym]!) * price - (abs(big(held[sym]!) * price) * dearest) / 10_000n;
  held.forEach((units, other) => {
    const worth = big(units) * mark[other]!;
    if (other !== sym) free += worth - abs(worth);
  });
  free -= big(Math.max(0, held[sym]! * dir)) * price;
  const rates = costs.tier !== null && traded >= exact(costs.tier.from) ? costs.tier : costs;
  const maker = rates.makerBps > rates.takerBps;
  const cost = (units: number): bigint => {
    const charge = chargeOf({ due: 0n, value: 0n, charged: 0n }, { units, price, maker, traded }, costs);
    return big(units) * price + (charge > 0n ? charge : 0n);
  };
  if (cost(wanted) <= free) return wanted;
  if (free <= 0n) return 0;
  const most = Number((free * 10_000n) / (price * (10_000n + dearest)));
  const over = cost(most) - free;
  if (most === 0 || over <= 0n) return Math.min(wanted, most);
  // Charges by unit and order: fewer, by what is too much and one more.
  const fewer = Number(over / price) + (over % price === 0n ? 0 : 1) + 1;
  return Math.min(wanted, Math.max(0, most - fewer));
}
