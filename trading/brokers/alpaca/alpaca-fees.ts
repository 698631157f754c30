import { z } from 'zod';
import { DAY_MS } from '../../../features/timeframe.ts';
import type { VenueExecution } from '../venue/request-verdict.ts';
import { amount, instant, pairName } from './alpaca-answer.ts';

/** The largest share of a sale that Alpaca takes (docs.alpaca.markets, crypto fees), and what rounding adds. */
const RATE_MAX = 0.0025;
const CENT = 0.01;

/** What Alpaca took for a sale of coins: told apart from the sale, in dollars, often of no order and no symbol. */
export interface DollarFee {
  readonly paymentId: string;
  /** Above 0: what it cost. */
  readonly cost: number;
  readonly venueOrderId: string | null;
  readonly symbol: string | null;
  /** No sale that it is for was later. */
  readonly timeMs: number;
}

const feeSchema = z
  .object({
    id: z.string().min(1),
    activity_type: z.literal('CFEE'),
    order_id: z.string().min(1).nullish(),
    symbol: pairName.nullish(),
    qty: amount.nullish(),
    net_amount: amount.nullish(),
    status: z.string().nullish(),
    created_at: instant.nullish(),
    date: instant.nullish(),
  })
  .transform((row) => {
    // One in coins has units, and costs no dollars.
    const isDollars = (row.qty ?? 0) === 0 && (row.net_amount ?? 0) !== 0 && row.status !== 'canceled';
    const symbol = row.symbol?.includes('/') === true ? row.symbol : null;
    const timeMs = row.created_at ?? (row.date ?? NaN) + DAY_MS;
    const fee: DollarFee = {
      paymentId: row.id.split('::').at(-1)!,
      cost: -(row.net_amount ?? 0),
      venueOrderId: row.order_id ?? null,
      symbol,
      timeMs,
    };
    return { token: row.id, fee: isDollars ? fee : null };
  });

/** Fees of coins, as activities list them. */
export const FEES = z.array(feeSchema);

/** The sale that a fee was taken for: its symbol, and its order where only one can be meant. */
export interface FeeOf {
  readonly symbol: string;
  readonly venueOrderId: string | null;
}

/** How long before a fee is told its sale may have been, in ms: they are posted at the end of the day at the latest. */
export const FEE_LATE_MS = 2 * DAY_MS;

/**
 * What a fee that names no order was taken for, among executions of before: a sale for dollars that is large enough.
 * Null where there is none: then it is of somebody else.
 */
export function saleOf(fee: DollarFee, executions: readonly VenueExecution[]): FeeOf | null {
  const sales = new Map<string, { symbol: string; worth: number; timeMs: number }>();
  for (const { venueOrderId, symbol, quantity, price, timeMs } of executions) {
    const isSale = quantity < 0 && symbol.endsWith('/USD') && (fee.symbol === null || fee.symbol === symbol);
    if (!isSale || timeMs > fee.timeMs || timeMs < fee.timeMs - FEE_LATE_MS) continue;
    const worth = (sales.get(venueOrderId)?.worth ?? 0) - quantity * price;
    sales.set(venueOrderId, { symbol, worth, timeMs });
  }
  const fitting = [...sales].filter(([, { worth }]) => fee.cost <= RATE_MAX * worth + CENT);
  const newest = fitting.sort(([, one], [, other]) => other.timeMs - one.timeMs)[0];
  if (newest === undefined) return fee.symbol === null ? null : { symbol: fee.symbol, venueOrderId: null };
  return { symbol: newest[1].symbol, venueOrderId: fitting.length === 1 ? newest[0] : null };
}
