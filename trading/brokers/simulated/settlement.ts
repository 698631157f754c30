import { Grid } from '../../grid.ts';
import type { Market } from '../../market.ts';
import type { ApprovedOrder } from '../../orders/approved-order.ts';
import type { Account } from '../../portfolio/portfolio.ts';
import { priceGridOf, type PriceGrid } from '../../price-grid.ts';
import type { RefusalCode } from '../../refusal.ts';
import type { CostModel } from './cost-model.ts';

/**
 * Share of the price that spread and slippage can take. Laws of slippage were measured on orders that a market can
 * take; of 10,000 times what a bar traded they ask for more than the price.
 */
const CONCESSION_MAX = 1;

/** What of an order was not executed, and why. */
export interface Shortfall {
  readonly code: RefusalCode;
  readonly asked: number;
  readonly limit: number;
}

/** The size and price at which an order is executed: what the account pays for, and what a market concedes. */
export class Settlement {
  /** Size, signed, and price of the execution in hand: fields, because numbers in a returned object are boxed. */
  quantity = 0;
  price = 0;
  readonly lots: readonly Grid[];
  readonly #account: Account;
  readonly #cost: CostModel;
  /** Null where the tick is a guess. */
  readonly ticks: readonly (PriceGrid | null)[];

  constructor({ instruments }: Pick<Market, 'instruments'>, account: Account, cost: CostModel) {
    this.#account = account;
    this.#cost = cost;
    this.ticks = instruments.map(priceGridOf);
    this.lots = instruments.map((instrument) => new Grid(instrument.lot));
  }

  /** Sets the size and price of an execution at `reference`; says what is missing to what was asked. */
  resolve(order: ApprovedOrder, index: number, reference: number): Shortfall | null {
    const { symbol, direction } = order;
    if (order.reduces) {
      this.quantity = order.quantity;
      return this.concede(order, index, reference, Math.abs(order.quantity));
    }
    const position = this.#account.quantity[symbol]!;
    const closing = position * direction < 0 ? Math.abs(position) : 0;
    const guess = order.fraction > 0 ? closing + this.#account.cash / reference : Math.abs(order.quantity);
    const beyond = this.concede(order, index, reference, guess);
    if (beyond !== null) {
      this.quantity = 0;
      return beyond;
    }
    const { price } = this;
    const asked = order.fraction > 0 ? 0 : Math.abs(order.quantity) - closing;
    if (order.fraction > 0) {
      const opening = this.openingOf(order, price);
      this.quantity = direction * (closing + opening);
      return opening > 0 ? null : this.lessThanALot(order, price);
    }
    const opening = this.#paidFor(symbol, price, asked, this.#budget(symbol, price).cash);
    this.quantity = direction * (closing + opening);
    return opening < asked ? { code: 'cash', asked, limit: opening } : null;
  }

  /**
   * Units by which an order at `price` may grow the position, of `asked`: what cash pays for beside it. All of them
   * where it was sized by what its decision knew: what its price has moved since is owed.
   */
  opening({ symbol, direction, fraction }: ApprovedOrder, price: number, asked: number): number {
    if (fraction > 0 && this.#cost.sizedAtDecision) return asked;
    const held = Math.max(0, this.#account.quantity[symbol]! * direction);
    return this.#paidFor(symbol, price, asked, this.#budget(symbol, price).cash - held * price);
  }

  /** Units that an order's share of the equity opens, as far as cash pays for them, at `price` or at its decision's. */
  openingOf(order: ApprovedOrder, price: number): number {
    const { symbol } = order;
    if (!this.#cost.sizedAtDecision) return this.#affordable(symbol, price, this.#moneyFor(order, price));
    const money = this.#moneyFor(order, order.price);
    const { step } = this.lots[symbol]!;
    const { commission } = this.#cost;
    let units = this.#affordable(symbol, order.price, money);
    // To the last lot, as other engines count: what is left out for rounding is put back while it is paid for.
    const costs = (size: number): number => size * order.price + commission.most(size, order.price);
    for (let more = 0; more < 2 && units > 0 && costs(units + step) <= money; more++) units += step;
    return units;
  }

  /** That an order for a share of the equity buys no lot, or none beside what it has bought, at `price`. */
  lessThanALot(order: ApprovedOrder, price: number): Shortfall {
    const { symbol, direction } = order;
    const had = Math.max(0, this.#account.quantity[symbol]! * direction);
    const asked = Math.max(0, this.#moneyFor(order, price) / this.#each(price) - had);
    return { code: 'below-lot', asked, limit: this.lots[symbol]!.step };
  }

  /** What an order may spend that is for a share of the equity. */
  #moneyFor({ symbol, fraction }: ApprovedOrder, price: number): number {
    const budget = this.#budget(symbol, price);
    return Math.max(0, Math.min(fraction * budget.equity, budget.cash));
  }

  /** Sets the price of an execution; says so where spread and slippage would leave nothing of it. */
  concede(order: ApprovedOrder, index: number, reference: number, units: number): Shortfall | null {
    const concession = this.#cost.concession(order.symbol, index, units);
    const { halfSpread } = this.#cost;
    this.price = reference;
    if (concession === 0 && halfSpread === 0) return null;
    const asked = concession + halfSpread / reference;
    if (!(asked < CONCESSION_MAX)) return { code: 'no-market', asked, limit: CONCESSION_MAX };
    const price = reference * (1 + order.direction * concession) + order.direction * halfSpread;
    this.price = this.ticks[order.symbol]?.against(reference, price, order.direction) ?? price;
    return null;
  }

  #paidFor(symbol: number, price: number, asked: number, cash: number): number {
    const { flatRate } = this.#cost.commission;
    const cost =
      flatRate === null ? asked * price + this.#cost.commission.most(asked, price) : asked * price * (1 + flatRate);
    return cost <= cash ? asked : Math.min(asked, this.#affordable(symbol, price, cash));
  }

  /**
   * Equity once the position of `symbol` has closed at `price`, and what of it, or of what margin makes of it, is not
   * tied up in other positions.
   */
  #budget(symbol: number, price: number): { equity: number; cash: number } {
    const { quantity, price: marks, cash, open, buyingPower } = this.#account;
    const held = quantity[symbol]!;
    const closed = cash + held * price - Math.abs(held) * price * this.#cost.feeRate;
    let net = 0;
    let gross = 0;
    for (let at = 0; at < open.count; at++) {
      const other = open.symbols[at]!;
      if (other === symbol) continue;
      const value = quantity[other]! * marks[other]!;
      net += value;
      gross += value < 0 ? -value : value;
    }
    const equity = closed + net;
    return { equity, cash: (buyingPower - this.#cost.cashBuffer) * equity - gross };
  }

  /** Most lots whose price and charges `budget` pays for. */
  #affordable(symbol: number, price: number, budget: number): number {
    if (!(budget > 0)) return 0;
    const lots = this.lots[symbol]!;
    const most = lots.floor(budget / this.#each(price));
    const { commission } = this.#cost;
    if (commission.flatRate !== null || most === 0) return most;
    const over = most * price + commission.most(most, price) - budget;
    // Charges by unit and order: fewer lots, by what is too much and one more for the rounding.
    if (over <= 0) return most;
    const less = Math.max(0, lots.floor(most - over / price - lots.step));
    // A user's charges need not fall with the size: what still costs too much is not bought.
    return less * price + commission.most(less, price) <= budget ? less : 0;
  }

  /** Cash that one unit takes. */
  #each(price: number): number {
    return price * (1 + this.#cost.feeRate);
  }
}
