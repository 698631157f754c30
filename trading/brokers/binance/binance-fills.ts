import type { VenueExecution } from '../venue/request-verdict.ts';
import { amountNumber, productNumber } from './asset-amount.ts';

/** An execution as Binance tells it, by stream or when asked. Amounts in units of 1e-8. */
export interface BinanceFill {
  readonly symbol: string;
  readonly tradeId: string;
  readonly orderId: string;
  readonly clientOrderId: string | null;
  readonly side: 1 | -1;
  readonly quantity: bigint;
  readonly price: bigint;
  readonly commission: bigint;
  readonly commissionAsset: string;
  readonly timeMs: number;
}

/** What a symbol is made of. */
export interface Pair {
  readonly name: string;
  readonly base: string;
  readonly quote: string;
}

/** Fills of orders that are remembered. */
const ORDERS_MAX = 10_000;

/**
 * What of each order was executed, as the account has it: a commission in the asset that was bought is not received. It
 * is booked as units less and a fee worth them, so that cash and units are those of the account to the last digit.
 */
export class BinanceFills {
  /** Units by trade, by order. */
  readonly #orders = new Map<string, Map<string, { readonly quantity: bigint; readonly withheld: bigint }>>();

  note({ symbol, orderId, tradeId, side, quantity, commission, commissionAsset }: BinanceFill, { base }: Pair): void {
    const key = `${symbol}/${orderId}`;
    const known = this.#orders.get(key) ?? new Map<string, { quantity: bigint; withheld: bigint }>();
    this.#orders.set(key, known);
    known.set(tradeId, { quantity, withheld: side > 0 && commissionAsset === base ? commission : 0n });
    if (this.#orders.size > ORDERS_MAX) this.#orders.delete(this.#orders.keys().next().value!);
  }

  /** Every trade of the first `executed` units of a purchase is known. */
  isWhole(symbol: string, orderId: string, executed: bigint): boolean {
    let known = 0n;
    for (const { quantity } of this.#orders.get(`${symbol}/${orderId}`)?.values() ?? []) known += quantity;
    return known >= executed;
  }

  /** What was received of `executed` units, by the trades that are known. */
  received(symbol: string, orderId: string, executed: bigint): number {
    let withheld = 0n;
    for (const one of this.#orders.get(`${symbol}/${orderId}`)?.values() ?? []) withheld += one.withheld;
    return amountNumber(executed > withheld ? executed - withheld : 0n);
  }
}

/**
 * An execution in the account's terms.
 * @param worth of one unit of an asset that is neither side of the pair, in the quote asset
 */
export function executionOf(fill: BinanceFill, { name, base, quote }: Pair, worth: number): VenueExecution {
  const { side, quantity, price, commission, commissionAsset } = fill;
  const inBase = commissionAsset === base && side > 0;
  const fee =
    commission === 0n
      ? 0
      : commissionAsset === base
        ? productNumber(commission, price)
        : amountNumber(commission) * (commissionAsset === quote ? 1 : worth);
  const units = amountNumber(inBase ? quantity - commission : quantity);
  return {
    // Trades are numbered by symbol.
    executionId: `${fill.symbol}/${fill.tradeId}`,
    venueOrderId: fill.orderId,
    clientOrderId: fill.clientOrderId,
    symbol: name,
    quantity: side * units,
    price: amountNumber(price),
    timeMs: fill.timeMs,
    // Trades do not say it when they are asked for, and one that says less would hold back the next.
    cumulative: null,
    fee,
  };
}
