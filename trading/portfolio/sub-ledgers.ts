import type { Grid } from '../grid.ts';
import { FifoLots, type LotBooking } from './fifo-lots.ts';
import type { OrderOwner } from '../orders/order-owner.ts';
import { OpenSymbols } from './open-symbols.ts';
import { residueOf, spreadUnits } from './spread-units.ts';
import type { StrategyLimits } from './strategy-limits.ts';

/** A fill as far as it is booked. */
interface BookedFill extends LotBooking {
  readonly sequence: number;
  /** Cost of half spread and slippage, in currency. */
  readonly slippage: number;
}

/** A split or dividend as far as it is booked. */
interface BookedAction {
  readonly symbol: number;
  readonly action: 'split' | 'dividend';
  readonly value: number;
  readonly timeMs: number;
}

/** What sub-ledgers need of the account that they are parts of. */
export interface SharedAccount {
  readonly cash: number;
  readonly price: Float64Array;
  readonly lots: readonly Grid[];
}

/** One of those who share an account: whose part it is, its fraction of the cash, and what it may hold. */
export interface Sharer {
  readonly owner: OrderOwner;
  readonly allocation: number;
  readonly limits: StrategyLimits;
}

/** One part of an account: of a strategy, or of nobody. */
export interface SubLedger {
  /** Null where it is nobody's. */
  readonly owner: OrderOwner | null;
  /** Null for the part that is nobody's, which places no orders. */
  readonly limits: StrategyLimits | null;
  cash: number;
  /** What it was worth at the last close. */
  marked: number;
  fees: number;
  slippage: number;
  /** What holding its positions cost: borrow and funding, earned below 0. */
  holding: number;
  fills: number;
  /** Bookings that closed units, those with a profit, and what they gained and lost: by its lots, net of fees. */
  closings: number;
  wins: number;
  gained: number;
  lost: number;
  /** What it began with, and what it was given since, less what it gave away. */
  readonly allocated: number;
  transferred: number;
  /** Interest on the account's cash that was its share: earned above 0. */
  interest: number;
  /** Signed units by symbol. */
  readonly quantity: Float64Array;
  /** Average price by symbol, of no meaning where nothing is held. */
  readonly averagePrice: Float64Array;
  /**
   * Sequence of the newest order of its signals by symbol (minus the number of one that is executed in parts, before
   * the first), and of the one that works, 0 without one.
   */
  readonly newest: Float64Array;
  readonly working: Float64Array;
  readonly open: OpenSymbols;
  readonly lots: FifoLots;
}

/**
 * The account in parts: one for each strategy, and a last one for what is allocated to none. Each has cash, positions
 * and lots of its own. Every booking of the account is a booking of one part or is shared out, so that the parts add up
 * to the account at any time. An order is its strategy's, and so is what it fills, also late or taken back; what nobody
 * ordered (`flatten`, fills of others) is shared by those who hold the side that it closes, in proportion, and what is
 * left is nobody's.
 */
export class SubLedgers {
  readonly parts: readonly SubLedger[];
  readonly #account: SharedAccount;
  readonly #ownerOf = new Map<number, OrderOwner>();
  /** Units that working orders of an owner may add to its position on one side. */
  openingOf: (owner: OrderOwner, symbol: number, direction: 1 | -1) => number = () => 0;

  constructor(account: SharedAccount, sharers: readonly Sharer[]) {
    const { cash, price } = account;
    const column = (): Float64Array => new Float64Array(price.length);
    const shares = sharers.map(({ allocation }) => allocation * cash);
    const rest = cash - shares.reduce((sum, share) => sum + share, 0);
    this.#account = account;
    this.parts = [...shares, rest].map((allocated, at) => ({
      owner: sharers[at]?.owner ?? null,
      limits: sharers[at]?.limits ?? null,
      cash: allocated,
      marked: allocated,
      fees: 0,
      slippage: 0,
      holding: 0,
      fills: 0,
      closings: 0,
      wins: 0,
      gained: 0,
      lost: 0,
      allocated,
      transferred: 0,
      interest: 0,
      quantity: column(),
      averagePrice: column(),
      newest: column(),
      working: column(),
      open: new OpenSymbols(price.length),
      lots: new FifoLots(price.length),
    }));
  }

  /** Whose order `sequence` is; undefined where it is nobody's. */
  ownerOf(sequence: number): OrderOwner | undefined {
    return this.#ownerOf.get(sequence);
  }

  /** The part of `owner`. */
  partOf({ number }: OrderOwner): SubLedger {
    return this.parts[number - 1]!;
  }

  /** Order `sequence` is of `owner`; `signal`: a signal of its led to it. */
  placed(
    owner: OrderOwner,
    { sequence, symbol }: { readonly sequence: number; readonly symbol: number },
    signal: boolean,
  ): void {
    const part = this.partOf(owner);
    this.#ownerOf.set(sequence, owner);
    if (signal) part.newest[symbol] = part.working[symbol] = sequence;
  }

  /** An order of a signal of `owner` is executed in parts: it is approved, whether one of them is out by now or not. */
  begun(owner: OrderOwner, { number, symbol }: { readonly number: number; readonly symbol: number }): void {
    this.partOf(owner).newest[symbol] = -number;
  }

  /** Bars have closed: what each part is worth is what its sizes are counted from until the next ones do. */
  mark(): void {
    for (const part of this.parts) part.marked = this.equityOf(part);
  }

  /** Order `sequence` has ended: nothing more is to come of it. */
  ended(sequence: number, symbol: number): void {
    const owner = this.#ownerOf.get(sequence);
    const part = owner === undefined ? undefined : this.partOf(owner);
    if (part?.working[symbol] === sequence) part.working[symbol] = 0;
  }

  /** A fill of the account. */
  book(fill: BookedFill): void {
    const owner = this.#ownerOf.get(fill.sequence);
    if (owner !== undefined) return this.#book(this.partOf(owner), fill, 1);
    const { symbol, quantity } = fill;
    const units = spreadUnits(
      quantity,
      this.parts.map((part) => part.quantity[symbol]!),
      this.#account.lots[symbol]!,
    );
    units.forEach((own, at) => {
      if (own !== 0) this.#book(this.parts[at]!, { ...fill, quantity: own }, own / quantity);
    });
  }

  /** A split or dividend of the account, which holds `after` units from here on. */
  takeAction({ symbol, action, value, timeMs }: BookedAction, after: number): void {
    if (action === 'dividend') {
      for (const part of this.parts) this.#dividend(part, symbol, value);
      return;
    }
    const price = this.#account.price[symbol]!;
    const exact = this.parts.map((part) => part.quantity[symbol]! * value);
    const whole = residueOf(exact, after, this.#account.lots[symbol]!);
    this.parts.forEach((part, at) => {
      const [had, has] = [exact[at]!, whole[at]!];
      part.averagePrice[symbol]! /= value;
      const before = part.lots.realised;
      part.lots.split(symbol, value, { units: Math.min(Math.abs(had), Math.abs(has)), price, timeMs });
      if (Math.abs(has) > Math.abs(had)) {
        part.lots.book({ symbol, timeMs, quantity: has - had, price, fee: 0 });
      }
      part.cash += (had - has) * price;
      part.quantity[symbol] = has;
      part.open.set(symbol, has !== 0);
      if (had !== 0 && has === 0) countClosing(part, part.lots.realised - before);
    });
  }

  /**
   * What holding cost the account: in a symbol shared by those who are on the account's side, by units; on its cash
   * (null) by theirs.
   */
  charge(symbol: number | null, cost: number): void {
    if (symbol === null) {
      const { cash } = this.#account;
      for (const part of this.parts) {
        const share = (cost * part.cash) / cash;
        part.cash -= share;
        part.interest -= share;
      }
      return;
    }
    const side = Math.sign(this.parts.reduce((sum, { quantity }) => sum + quantity[symbol]!, 0));
    const holders = this.parts.filter(({ quantity }) => quantity[symbol]! * side > 0);
    const units = holders.reduce((sum, { quantity }) => sum + Math.abs(quantity[symbol]!), 0);
    for (const part of holders) {
      const share = (cost * Math.abs(part.quantity[symbol]!)) / units;
      part.cash -= share;
      part.holding += share;
      part.lots.dividend(symbol, (-side * cost) / units);
    }
  }

  /** Cash and positions of a part at the account's prices, in currency. */
  equityOf({ cash, quantity, open }: SubLedger): number {
    const { price } = this.#account;
    let equity = cash;
    for (let at = 0; at < open.count; at++) equity += quantity[open.symbols[at]!]! * price[open.symbols[at]!]!;
    return equity;
  }

  /** Sum of the absolute values of a part's positions but in `symbol`, its working orders counted as filled. */
  exposureBeside(part: SubLedger, symbol: number): number {
    const { price } = this.#account;
    let exposure = 0;
    for (let other = 0; other < price.length; other++) {
      if (other !== symbol)
        exposure += Math.max(this.reach(part, other, 1), this.reach(part, other, -1)) * price[other]!;
    }
    return exposure;
  }

  /** The most that a part may come to hold of `symbol` on one side, in units, its working orders counted as filled. */
  reach({ owner, quantity }: SubLedger, symbol: number, direction: 1 | -1): number {
    const opening = owner === null ? 0 : this.openingOf(owner, symbol, direction);
    return Math.max(0, direction * quantity[symbol]!) + opening;
  }

  /** Profit of a part's open lots if they were closed at the account's prices. */
  unrealisedOf({ lots, open }: SubLedger): number {
    const symbols = Array.from(open.symbols.subarray(0, open.count));
    return symbols.reduce((sum, symbol) => sum + lots.unrealised(symbol, this.#account.price[symbol]!), 0);
  }

  /**
   * Moves cash between the parts, so that each is worth its fraction of the whole again. Nothing is traded: a part
   * gives away no more than the cash that it has, and what is given is shared by those that are below, in proportion.
   */
  rebalance(allocations: readonly number[]): void {
    const equity = this.parts.map((part) => this.equityOf(part));
    const total = equity.reduce((sum, one) => sum + one, 0);
    if (!(total > 0)) return;
    const rest = 1 - allocations.reduce((sum, one) => sum + one, 0);
    const missing = [...allocations, rest].map((fraction, at) => fraction * total - equity[at]!);
    const given = missing.map((one, at) => Math.min(Math.max(0, -one), Math.max(0, this.parts[at]!.cash)));
    const sum = given.reduce((all, one) => all + one, 0);
    const wanted = missing.reduce((all, one) => all + Math.max(0, one), 0);
    if (!(sum > 0) || !(wanted > 0)) return;
    // What is missing in all is what is too much in all, of which not everything can be given.
    const share = Math.min(1, sum / wanted);
    this.parts.forEach((part, at) => {
      const moved = share * Math.max(0, missing[at]!) - given[at]!;
      part.cash += moved;
      part.transferred += moved;
    });
  }

  #dividend(part: SubLedger, symbol: number, perUnit: number): void {
    part.cash += part.quantity[symbol]! * perUnit;
    part.lots.dividend(symbol, perUnit);
  }

  /** @param share of the fill's fee and slippage */
  #book(part: SubLedger, fill: BookedFill, share: number): void {
    const { symbol, timeMs, quantity, price } = fill;
    const fee = fill.fee * share;
    const after = this.#account.lots[symbol]!.nearest(part.quantity[symbol]! + quantity);
    part.cash -= quantity * price + fee;
    part.fees += fee;
    part.slippage += fill.slippage * share;
    part.fills += 1;
    const had = part.quantity[symbol]!;
    const closes = had * quantity < 0;
    const [held, size] = [Math.abs(had), Math.abs(quantity)];
    if (after * had <= 0) part.averagePrice[symbol] = price;
    else if (!closes) part.averagePrice[symbol] = (part.averagePrice[symbol]! * held + price * size) / (held + size);
    part.quantity[symbol] = after;
    part.open.set(symbol, after !== 0);
    const before = part.lots.realised;
    part.lots.book({ symbol, timeMs, quantity, price, fee });
    if (closes) countClosing(part, part.lots.realised - before);
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    const parts = this.parts.map(({ owner: _, limits: __, allocated: ___, open, lots, ...part }) => {
      return { ...part, open: open.save(), lots: lots.save() };
    });
    return { parts, owners: [...this.#ownerOf].map(([sequence, { number }]) => [sequence, number] as const) };
  }

  /** Takes up what one of the same options has saved. */
  restore({ parts, owners }: ReturnType<SubLedgers['save']>): void {
    parts.forEach(({ quantity, averagePrice, newest, working, open, lots, ...figures }, at) => {
      const part = Object.assign(this.parts[at]!, figures);
      part.quantity.set(quantity);
      part.averagePrice.set(averagePrice);
      part.newest.set(newest);
      part.working.set(working);
      part.open.restore(open);
      part.lots.restore(lots);
    });
    for (const [sequence, number] of owners) this.#ownerOf.set(sequence, this.parts[number - 1]!.owner!);
  }
}

function countClosing(part: SubLedger, profit: number): void {
  part.closings += 1;
  if (profit > 0) {
    part.wins += 1;
    part.gained += profit;
  } else part.lost -= profit;
}
