import type { Costs } from '../../brokers/simulated/cost-model.ts';
import { executedOf, type OrderPair } from './compare-books.ts';
import type { ParityMarket, ParityOrder } from './parity-books.ts';

/** What executions cost beside the price that the backtest starts from, and the costs that would say as much. */
export interface CostEstimate {
  /** Orders at the market that both executed in the same bar: what is measured is measured on them. */
  readonly orders: number;
  /** Half spread and slippage, in basis points of the bar's price before them; null without an order. */
  readonly slippageBps: { readonly session: number; readonly backtest: number } | null;
  /** Charges, in basis points of the value. */
  readonly feeBps: { readonly session: number; readonly backtest: number } | null;
  /** Keys of the experiment's `costs` that would have cost what the session paid; null where none is proposed. */
  readonly proposal: { readonly feeBps?: number; readonly slippage?: { readonly bps: number } } | null;
  /** Why none is, or what it rests on. */
  readonly reason: string;
}

/** Orders below which nothing is proposed. */
const ORDERS_MIN = 20;
const BPS = 1e4;
/** A proposal is made from a tenth of a basis point on. */
const STEP_BPS = 0.1;

/** Re-estimates slippage and charges from what the session paid. */
export function estimateCosts(
  pairs: readonly OrderPair[],
  market: ParityMarket,
  costs: Costs | undefined,
): CostEstimate {
  const measured = { base: 0, session: 0, backtest: 0, value: 0, fee: 0, backtestFee: 0, orders: 0 };
  for (const { session, backtest } of pairs) {
    if (session === null || backtest?.atMarket !== true) continue;
    const [found, expected] = [executedOf(session), executedOf(backtest)];
    const base = basePrice(backtest, market);
    if (base === null || found.units === 0 || found.bar !== expected.bar) continue;
    const { side } = session;
    measured.orders += 1;
    measured.base += found.units * base;
    measured.session += side * found.units * (found.price - base);
    measured.backtest += side * found.units * (expected.price - base);
    measured.value += found.units * found.price;
    measured.fee += found.fee;
    measured.backtestFee += (expected.fee * found.units) / expected.units;
  }
  const { orders, base, value } = measured;
  if (orders === 0) {
    const reason = 'no order at the market was executed by both in the same bar';
    return { orders, slippageBps: null, feeBps: null, proposal: null, reason };
  }
  const slippageBps = { session: (BPS * measured.session) / base, backtest: (BPS * measured.backtest) / base };
  const feeBps = { session: (BPS * measured.fee) / value, backtest: (BPS * measured.backtestFee) / value };
  return { orders, slippageBps, feeBps, ...proposed({ orders, slippageBps, feeBps }, costs) };
}

/** The price that a backtest's execution starts from: the open that it took, or else the close. */
function basePrice({ symbol, fills }: ParityOrder, market: ParityMarket): number | null {
  const [first] = fills;
  if (first === undefined) return null;
  const opened = market.openMs[symbol]!.indexOf(first.timeMs);
  if (opened >= 0) return market.open[symbol]![opened]!;
  const closed = market.closeMs[symbol]!.indexOf(first.timeMs);
  return closed < 0 ? null : market.close[symbol]![closed]!;
}

function proposed(
  {
    orders,
    slippageBps,
    feeBps,
  }: { orders: number } & Record<'slippageBps' | 'feeBps', NonNullable<CostEstimate['feeBps']>>,
  costs: Costs | undefined,
): Pick<CostEstimate, 'proposal' | 'reason'> {
  const of = `${orders} ${orders === 1 ? 'order' : 'orders'}`;
  if (costs === undefined) return { proposal: null, reason: 'the costs of the experiment are not known' };
  if (orders < ORDERS_MIN) return { proposal: null, reason: `${of} say too little: ${ORDERS_MIN} are wanted` };
  const rounded = (value: number): number => Math.max(0, Math.round(value / STEP_BPS) * STEP_BPS);
  const tidy = (value: number): number => Number(rounded(value).toFixed(1));
  const differs = ({ session, backtest }: { session: number; backtest: number }): boolean =>
    Math.abs(session - backtest) >= STEP_BPS;
  const slips = differs(slippageBps) && costs.slippage.kind === 'fixed';
  const charges = differs(feeBps) && costs.commission === undefined && costs.own === undefined;
  if (!slips && !charges) {
    const same = !differs(slippageBps) && !differs(feeBps);
    const reason = same
      ? `${of} cost what the experiment says`
      : 'the costs are of a kind that one number does not tell';
    return { proposal: null, reason };
  }
  const bps = tidy(costs.slippage.bps + slippageBps.session - slippageBps.backtest);
  return {
    proposal: {
      ...(charges ? { feeBps: tidy(costs.feeBps + feeBps.session - feeBps.backtest) } : {}),
      ...(slips ? { slippage: { bps } } : {}),
    },
    reason: `from ${of} at the market`,
  };
}
