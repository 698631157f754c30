import { OpenSymbols } from '../portfolio/open-symbols.ts';
import type { Portfolio } from '../portfolio/portfolio.ts';

/** What one order of a strategy's own may lead to. */
export interface Reserved {
  readonly symbol: number;
  readonly group: number;
  readonly direction: 1 | -1;
  /** Units that it would close, without a sign. */
  exit: number;
  /** Units that it would open, and their price. */
  opening: number;
  readonly price: number;
  /** Of an account that several strategies share: what it may lead to in the part of its own. */
  readonly own?: OwnReserved;
}

/** What an order would close and open of the part of one strategy, in units. */
export interface OwnReserved {
  /** Its number. */
  readonly owner: number;
  readonly exit: number;
  readonly opening: number;
}

/** Which orders share what they close: those of a group, of the account or of one of its strategies. */
interface ExitsOf {
  readonly symbol: number;
  /** Orders of this group do not count. */
  readonly group: number;
  /** Number of a strategy, 0 for the account. */
  readonly owner?: number;
}

/**
 * What working orders may lead to, so that it counts as if it had happened: the notional of openings by symbol, and the
 * units that exits would close, so that two of them never sell the same share.
 */
export class Reservations {
  /** Notional that the position of each symbol may come to; 0 where nothing that opens works. */
  readonly notional: Float64Array;
  /** The most and the least that it may come to, with a sign. */
  readonly #high: Float64Array;
  readonly #low: Float64Array;
  /** Sum of `notional` up to rounding. */
  total = 0;
  /** What other symbols, and those of the same sector, take up: set by `sumOthers`, which allocates nothing. */
  others = 0;
  sectorOthers = 0;
  /** Symbols that have a reservation. */
  readonly #held: OpenSymbols;
  readonly #portfolio: Portfolio;
  /** Sector number per symbol, -1 without one. */
  readonly #sector: Int32Array;
  readonly #orders = new Map<number, Reserved>();

  constructor(portfolio: Portfolio, sector: Int32Array) {
    this.notional = new Float64Array(sector.length);
    this.#high = new Float64Array(sector.length);
    this.#low = new Float64Array(sector.length);
    this.#held = new OpenSymbols(sector.length);
    this.#portfolio = portfolio;
    this.#sector = sector;
  }

  /** The position of `symbol` may come to `notional`, on the side of `direction`. */
  reserve(symbol: number, notional: number, direction: number): void {
    const before = this.notional[symbol]!;
    this.notional[symbol] = notional;
    this.#high[symbol] = direction > 0 ? notional : 0;
    this.#low[symbol] = direction > 0 ? 0 : -notional;
    this.#held.set(symbol, notional !== 0);
    // Rounding must not pile up: nothing reserved is exactly 0.
    this.total = this.#held.count === 0 ? 0 : this.total + notional - before;
  }

  /** Order `sequence` works: what it would close and open. */
  add(sequence: number, reserved: Reserved): void {
    this.#orders.set(sequence, { ...reserved });
    this.restate(reserved.symbol);
  }

  /** `units` of order `sequence` were executed: what it closes goes first. */
  filled(sequence: number, units: number): void {
    const order = this.#orders.get(sequence);
    if (order === undefined) return;
    const closed = Math.min(order.exit, units);
    order.exit -= closed;
    order.opening = Math.max(0, order.opening - (units - closed));
    if (order.own !== undefined) this.#orders.set(sequence, { ...order, own: ownAfter(order.own, units) });
    this.restate(order.symbol);
  }

  /** Order `sequence` has ended. */
  end(sequence: number): void {
    const order = this.#orders.get(sequence);
    if (order === undefined) return;
    this.#orders.delete(sequence);
    this.restate(order.symbol);
  }

  /** What order `sequence` holds; null where it holds nothing. */
  of(sequence: number): Reserved | null {
    const order = this.#orders.get(sequence);
    return order === undefined ? null : { ...order };
  }

  /** Orders of strategies' own, and parts of parent orders, that would open something. */
  openings(): { readonly sequence: number; readonly symbol: number }[] {
    return [...this.#orders].flatMap(([sequence, { symbol, opening }]) => (opening > 0 ? [{ sequence, symbol }] : []));
  }

  /** Order `sequence` is again what it was when it held so much, of which `units` were executed since. */
  reinstate(sequence: number, reserved: Reserved | null, units: number): void {
    if (reserved === null) return;
    this.add(sequence, reserved);
    this.filled(sequence, units);
  }

  /** Takes out what order `sequence` holds, to be decided anew; null where it holds nothing. */
  take(sequence: number): Reserved | null {
    const order = this.#orders.get(sequence) ?? null;
    this.end(sequence);
    return order;
  }

  /** A split: exits are counted in new units; the notional of openings stays. */
  split(symbol: number, ratio: number): void {
    for (const [sequence, order] of this.#orders) {
      if (order.symbol !== symbol) continue;
      const { exit, opening, price, own } = order;
      const after = { ...order, exit: exit * ratio, opening: opening * ratio, price: price / ratio };
      const mine = own && { ...own, exit: own.exit * ratio, opening: own.opening * ratio };
      this.#orders.set(sequence, mine === undefined ? after : { ...after, own: mine });
    }
  }

  /** Units of a symbol that exits would close; of those of one group the largest. */
  exitUnits({ symbol, group, owner = 0 }: ExitsOf): number {
    let sum = 0;
    const largest = new Map<number, number>();
    for (const order of this.#orders.values()) {
      const exit = owner === 0 ? order.exit : order.own?.owner === owner ? order.own.exit : 0;
      if (order.symbol !== symbol || exit === 0 || (group !== 0 && order.group === group)) continue;
      if (order.group === 0) sum += exit;
      else largest.set(order.group, Math.max(largest.get(order.group) ?? 0, exit));
    }
    for (const units of largest.values()) sum += units;
    return sum;
  }

  /** Units that working orders of strategy `owner` may add to its position in `symbol`, on the side of `direction`. */
  openingUnits(owner: number, symbol: number, direction: 1 | -1): number {
    let sum = 0;
    for (const order of this.#orders.values()) {
      const isIts = order.symbol === symbol && order.direction === direction && order.own?.owner === owner;
      if (isIts) sum += order.own.opening;
    }
    return sum;
  }

  /**
   * The most that the position of `symbol` may come to on the side of `direction` by orders of a strategy's own, in
   * currency: what is held of the other side is closed before anything opens. Of exits of one strategy that end each
   * other, which open where others hold the other side, the largest counts; those of `group` do not.
   */
  potential(symbol: number, direction: 1 | -1, group = 0): number {
    const value = direction * this.#portfolio.quantity[symbol]! * this.#portfolio.price[symbol]!;
    let opening = 0;
    let largest: Map<number, number> | null = null;
    for (const order of this.#orders.values()) {
      if (order.symbol !== symbol || order.direction !== direction) continue;
      const notional = order.opening * order.price;
      if (order.own === undefined || order.own.opening > 0 || order.group === 0) opening += notional;
      else if (order.group !== group) {
        largest ??= new Map();
        largest.set(order.group, Math.max(largest.get(order.group) ?? 0, notional));
      }
    }
    for (const notional of largest?.values() ?? []) opening += notional;
    return Math.max(0, value) + opening;
  }

  /** What the orders of a strategy's own in `symbol` may lead to; nothing where none works. */
  restate(symbol: number): void {
    let opens = false;
    for (const order of this.#orders.values()) opens ||= order.symbol === symbol && order.opening > 0;
    if (!opens) return this.reserve(symbol, 0, 1);
    const [high, low] = [this.potential(symbol, 1), this.potential(symbol, -1)];
    this.reserve(symbol, Math.max(high, low), 1);
    this.#high[symbol] = high;
    this.#low[symbol] = -low;
  }

  /**
   * Every other symbol that is held or may be, with the most and the least that its position may come to: signed, in
   * currency.
   */
  eachOther(symbol: number, visit: (other: number, high: number, low: number) => void): void {
    const { open, quantity, price } = this.#portfolio;
    for (let at = 0; at < open.count; at++) {
      const other = open.symbols[at]!;
      if (other === symbol) continue;
      const value = quantity[other]! * price[other]!;
      const works = this.notional[other] !== 0;
      const [high, low] = works ? [this.#high[other]!, this.#low[other]!] : [value, value];
      visit(other, Math.max(value, high), Math.min(value, low));
    }
    for (let at = 0; at < this.#held.count; at++) {
      const other = this.#held.symbols[at]!;
      if (other !== symbol && quantity[other] === 0) visit(other, this.#high[other]!, this.#low[other]!);
    }
  }

  /**
   * Sums what the other symbols, and those of the same sector, take up: of those with a position or a working order,
   * others add 0.
   */
  sumOthers(symbol: number): void {
    const { open, quantity, price } = this.#portfolio;
    const { symbols: positions, count: positionCount } = open;
    const { symbols: orders, count: orderCount } = this.#held;
    const sectors = this.#sector;
    const sector = sectors[symbol]!;
    let others = 0;
    let sectorOthers = 0;
    let next = 0;
    // Both lists together, in universe order, a symbol that is in both once.
    for (let at = 0; at < positionCount; at++) {
      const other = positions[at]!;
      for (; next < orderCount && orders[next]! < other; next++) {
        const waiting = orders[next]!;
        if (waiting === symbol) continue;
        others += this.notional[waiting]!;
        if (sectors[waiting] === sector) sectorOthers += this.notional[waiting]!;
      }
      const reserved = next < orderCount && orders[next] === other ? this.notional[orders[next++]!]! : 0;
      if (other === symbol) continue;
      const value = quantity[other]! * price[other]!;
      const size = value < 0 ? -value : value;
      const exposure = size > reserved ? size : reserved;
      others += exposure;
      if (sectors[other] === sector) sectorOthers += exposure;
    }
    for (; next < orderCount; next++) {
      const waiting = orders[next]!;
      if (waiting === symbol) continue;
      others += this.notional[waiting]!;
      if (sectors[waiting] === sector) sectorOthers += this.notional[waiting]!;
    }
    this.others = others;
    this.sectorOthers = sectorOthers;
  }

  /** What this returns takes back what is added and reserved from here on; nothing of it may have been filled. */
  mark(): () => void {
    const { columns, ...kept } = this.save();
    const before = { ...kept, columns: columns.map((column) => column.slice()) };
    return () => {
      this.#orders.clear();
      this.restore(before);
    };
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    const { notional, total } = this;
    return {
      columns: [notional, this.#high, this.#low],
      total,
      held: this.#held.save(),
      orders: [...this.#orders],
    };
  }

  /** Takes up what one of the same options has saved. */
  restore({ columns, total, held, orders }: ReturnType<Reservations['save']>): void {
    [this.notional, this.#high, this.#low].forEach((column, at) => column.set(columns[at]!));
    this.total = total;
    this.#held.restore(held);
    for (const [sequence, reserved] of orders) this.#orders.set(sequence, reserved);
  }
}

/** `units` were executed: what it closes goes first. */
function ownAfter({ owner, exit, opening }: OwnReserved, units: number): OwnReserved {
  const closed = Math.min(exit, units);
  return { owner, exit: exit - closed, opening: Math.max(0, opening - (units - closed)) };
}
