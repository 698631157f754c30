import type { Instrument } from '../../features/instrument.ts';
import type { CorporateActionEvent, Fill } from '../effect.ts';
import { EquityCurve } from './equity-curve.ts';
import { Grid } from '../grid.ts';
import { Ledger } from './ledger.ts';
import type { LedgerEntry } from '../session-result.ts';
import { OpenSymbols } from './open-symbols.ts';
import type { OrderFields } from '../orders/approved-order.ts';
import type { OrderOwner } from '../orders/order-owner.ts';
import type { SubLedgers } from './sub-ledgers.ts';

/** What working orders may lead to in the parts of an account. */
interface WorkingOrders {
  openingUnits(owner: number, symbol: number, direction: 1 | -1): number;
  of(sequence: number): { readonly own?: { readonly opening: number } } | null;
}

/** What a simulated broker may know of the account whose orders it fills. */
export interface Account {
  readonly cash: number;
  /** Signed units per symbol. */
  readonly quantity: Float64Array;
  /**
   * Last marked price per symbol, 0 before the first. Whoever sets prices marks the portfolio before anything is
   * decided.
   */
  readonly price: Float64Array;
  /** Symbols with a position. */
  readonly open: OpenSymbols;
  /** What equity may hold, in multiples of itself: 1 without credit. */
  readonly buyingPower: number;
  /**
   * Of an order that only closes the part of one of the strategies that share it: what is left of that part to be
   * closed; null for any other.
   */
  ownBound?(order: Pick<OrderFields, 'sequence' | 'symbol' | 'direction' | 'terms'>): number | null;
}

/**
 * Cash, positions by average price, the ledger and the equity curve. Booked by fills and corporate actions only, marked
 * at closes.
 */
export class Portfolio implements Account {
  // Fields that change are born as numbers: one declared without a value starts as undefined, and every number stored
  // in it from then on is boxed (16 bytes and, at the equity of each mark, a tenth of a backtest).
  cash = 0;
  buyingPower = 1;
  readonly quantity: Float64Array;
  readonly price: Float64Array;
  readonly open: OpenSymbols;
  readonly averagePrice: Float64Array;
  readonly realised: Float64Array;
  readonly ledger = new Ledger();
  readonly curve: EquityCurve;
  /**
   * Equity and exposures in currency at the last mark; `gross` grows with every fill since, so that it is never less
   * than what is held.
   */
  equity = 0;
  gross = 0;
  net = 0;
  fills = 0;
  fees = 0;
  slippage = 0;
  tradedNotional = 0;
  readonly #entryFees: Float64Array;
  /** Cash that the open position has brought besides its price: dividends, what splits left over, less charges. */
  readonly #income: Float64Array;
  readonly #entryTimeMs: Float64Array;
  readonly lots: readonly Grid[];
  /** The parts of the strategies that share the account; null where one has it. They hear of every booking. */
  shares: SubLedgers | null = null;
  readonly #alone: boolean = false;
  #working: WorkingOrders | null = null;

  constructor(instruments: readonly Instrument[], capital: number, markTimes?: Float64Array) {
    const column = (): Float64Array => new Float64Array(instruments.length);
    this.#alone = instruments.length === 1;
    this.cash = capital;
    this.equity = capital;
    this.quantity = column();
    this.price = column();
    this.open = new OpenSymbols(instruments.length);
    this.averagePrice = column();
    this.realised = column();
    this.#entryFees = column();
    this.#income = column();
    this.#entryTimeMs = column();
    this.lots = instruments.map((instrument) => new Grid(instrument.lot));
    this.curve = new EquityCurve({ symbols: instruments.length, times: markTimes });
  }

  /** Several strategies share it from here on. `working` tells what their orders may add to what they hold. */
  share(shares: SubLedgers, working: WorkingOrders): void {
    this.shares = shares;
    this.#working = working;
    shares.openingOf = ({ number }, symbol, direction) => working.openingUnits(number, symbol, direction);
  }

  ownBound({ sequence, symbol, direction, terms }: Parameters<NonNullable<Account['ownBound']>>[0]): number | null {
    if (terms?.owner === undefined || this.shares === null) return null;
    const closes = terms.role !== 'order' || this.#working?.of(sequence)?.own?.opening === 0;
    return closes ? Math.max(0, -direction * this.heldBy(terms.owner, symbol)) : null;
  }

  heldBy(owner: OrderOwner, symbol: number): number {
    return this.shares!.partOf(owner).quantity[symbol]!;
  }

  /**
   * Books a fill: cash, average price, and the ledger for what it closes. A fill through zero closes and opens at one
   * price. `exit` says what closes a position: 0 for the strategy, else the position in `ORDER_ROLES` plus one.
   */
  book(fill: Fill, exit = 0): void {
    const { symbol, quantity, price, fee } = fill;
    const before = this.quantity[symbol]!;
    const size = quantity < 0 ? -quantity : quantity;
    if (this.shares !== null) this.shares.book(fill);
    this.cash -= quantity * price + fee;
    this.fills += 1;
    this.fees += fee;
    this.slippage += fill.slippage;
    this.tradedNotional += size * price;
    // Snapped to the lot, so that 0.3 - 0.1 - 0.2 is flat and not 2.8e-17 long.
    const after = this.lots[symbol]!.nearest(before + quantity);
    this.quantity[symbol] = after;
    this.gross += size * this.price[symbol]!;
    if ((before === 0) !== (after === 0)) this.open.set(symbol, after !== 0);
    if (before * quantity >= 0) {
      if (before === 0) this.#entryTimeMs[symbol] = fill.timeMs;
      const held = before < 0 ? -before : before;
      this.averagePrice[symbol] =
        held === 0 ? price : (this.averagePrice[symbol]! * held + price * size) / (held + size);
      this.#entryFees[symbol]! += fee;
      return;
    }
    this.#close(fill, before, size, exit);
    if (after === 0) this.#entryFees[symbol] = 0;
    if (after * quantity > 0) {
      this.averagePrice[symbol] = price;
      this.#entryTimeMs[symbol] = fill.timeMs;
      this.#entryFees[symbol] = (fee * Math.abs(after)) / size;
    }
  }

  /**
   * Books a corporate action, and values the position as before: a split multiplies the units and divides the prices,
   * whereby what is no whole lot is paid out at the last price; a dividend is credited on the ex-date (the payment
   * comes weeks later) and leaves the price. Short positions pay. Returns the cash credited.
   */
  takeAction(event: CorporateActionEvent): number {
    const { symbol, action, value, timeMs } = event;
    const before = this.quantity[symbol]!;
    if (action === 'dividend') {
      const cash = before * value;
      this.cash += cash;
      this.#income[symbol]! += cash;
      this.price[symbol] = Math.max(this.price[symbol]! - value, 0);
      this.shares?.takeAction(event, before);
      return cash;
    }
    const exact = before * value;
    const size = this.lots[symbol]!.floor(exact < 0 ? -exact : exact);
    const after = exact < 0 ? -size : size;
    this.price[symbol]! /= value;
    this.averagePrice[symbol]! /= value;
    this.quantity[symbol] = after;
    this.shares?.takeAction(event, after);
    if (before !== 0) this.open.set(symbol, after !== 0);
    const left = exact - after;
    const cash = left * this.price[symbol]!;
    this.cash += cash;
    this.#income[symbol]! += left * (this.price[symbol]! - this.averagePrice[symbol]!);
    if (before !== 0 && after === 0) this.#endPaidOut(symbol, exact, timeMs);
    return cash;
  }

  /** Books what holding cost: to the position of `symbol`, or (null) to the account alone. */
  takeCharge(symbol: number | null, cost: number): void {
    this.shares?.charge(symbol, cost);
    this.cash -= cost;
    if (symbol !== null) this.#income[symbol]! -= cost;
  }

  /** A position that a reverse split left less than a lot of has ended: what it earned is no part of the next one. */
  #endPaidOut(symbol: number, units: number, timeMs: number): void {
    const fees = this.#entryFees[symbol]!;
    const pnl = this.#income[symbol]! - fees;
    this.#income[symbol] = 0;
    this.#entryFees[symbol] = 0;
    this.realised[symbol]! += pnl;
    this.ledger.add({
      symbol,
      long: units > 0,
      quantity: Math.abs(units),
      entryTimeMs: this.#entryTimeMs[symbol]!,
      entryPrice: this.averagePrice[symbol]!,
      exitTimeMs: timeMs,
      exitPrice: this.price[symbol]!,
      pnl,
      fees,
      exit: 0,
    });
  }

  /** Values every position at its last price and appends to the curve. Small: it is inlined at every bar. */
  mark(at: { readonly timeMs: number }): void {
    let gross = 0;
    let net = 0;
    if (this.#alone) {
      const value = this.quantity[0]! * this.price[0]!;
      net += value;
      gross += value < 0 ? -value : value;
    } else {
      this.#valueOpen();
      ({ gross, net } = this);
    }
    const equity = this.cash + net;
    this.equity = equity;
    this.gross = gross;
    this.net = net;
    this.curve.add(at, this);
  }

  /** `mark` once more at the moment of the last one, at which something has been booked since. */
  remark(at: { readonly timeMs: number }): void {
    this.curve.takeBack();
    this.mark(at);
  }

  /** `mark` at each close from `from` to `to` (excluded) of the only symbol, between which nothing was booked. */
  markQuiet(
    bars: { readonly close: Float64Array; readonly closeTimeMs: Float64Array },
    rows: { readonly from: number; readonly to: number },
  ): void {
    const { cash } = this;
    const quantity = this.quantity[0]!;
    const price = this.curve.addQuiet(bars, rows, { cash, quantity, price: this.price[0]! });
    const net = quantity * price;
    this.price[0] = price;
    this.equity = cash + net;
    this.gross = net < 0 ? -net : net;
    this.net = net;
  }

  /** Sums what is open: of other symbols a position is worth 0. */
  #valueOpen(): void {
    const { symbols, count } = this.open;
    let gross = 0;
    let net = 0;
    for (let at = 0; at < count; at++) {
      const symbol = symbols[at]!;
      const value = this.quantity[symbol]! * this.price[symbol]!;
      net += value;
      gross += value < 0 ? -value : value;
    }
    this.gross = gross;
    this.net = net;
  }

  /** Round trips in closing order, then what is still open, marked at its last price. */
  ledgerEntries(symbols: readonly string[]): LedgerEntry[] {
    const entries = this.ledger.entries(symbols);
    this.quantity.forEach((quantity, symbol) => {
      if (quantity === 0) return;
      const fees = this.#entryFees[symbol]!;
      const exitPrice = this.price[symbol]!;
      entries.push({
        symbol: symbols[symbol]!,
        side: quantity > 0 ? 'long' : 'short',
        quantity: Math.abs(quantity),
        entryTimeMs: this.#entryTimeMs[symbol]!,
        entryPrice: this.averagePrice[symbol]!,
        exitTimeMs: null,
        exitPrice,
        exit: null,
        pnl: (exitPrice - this.averagePrice[symbol]!) * quantity + this.#income[symbol]! - fees,
        fees,
      });
    });
    return entries;
  }

  #close(fill: Fill, before: number, size: number, exit: number): void {
    const { symbol, price } = fill;
    const held = before < 0 ? -before : before;
    const closed = size < held ? size : held;
    const entryFees = (this.#entryFees[symbol]! * closed) / held;
    const fees = entryFees + (fill.fee * closed) / size;
    const entryPrice = this.averagePrice[symbol]!;
    const income = (this.#income[symbol]! * closed) / held;
    const pnl = (before > 0 ? price - entryPrice : entryPrice - price) * closed + income - fees;
    this.#income[symbol]! -= income;
    this.#entryFees[symbol]! -= entryFees;
    this.realised[symbol]! += pnl;
    this.ledger.add({
      symbol,
      long: before > 0,
      quantity: closed,
      entryTimeMs: this.#entryTimeMs[symbol]!,
      entryPrice,
      exitTimeMs: fill.timeMs,
      exitPrice: price,
      pnl,
      fees,
      exit,
    });
  }

  get #columns(): Float64Array[] {
    const { quantity, price, averagePrice, realised } = this;
    return [quantity, price, averagePrice, realised, this.#entryFees, this.#income, this.#entryTimeMs];
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    const { cash, equity, gross, net, fills, fees, slippage, tradedNotional } = this;
    return {
      figures: { cash, equity, gross, net, fills, fees, slippage, tradedNotional },
      columns: this.#columns,
      open: this.open.save(),
      ledger: this.ledger.save(),
      curve: this.curve.save(),
      shares: this.shares?.save() ?? null,
    };
  }

  /** Takes up what one of the same options has saved. */
  restore({ figures, columns, open, ledger, curve, shares }: ReturnType<Portfolio['save']>): void {
    Object.assign(this, figures);
    this.#columns.forEach((column, at) => column.set(columns[at]!));
    this.open.restore(open);
    this.ledger.restore(ledger);
    this.curve.restore(curve);
    if (shares !== null) this.shares!.restore(shares);
  }
}
