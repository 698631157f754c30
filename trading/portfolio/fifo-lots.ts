/** What a booking says of its symbol. `quantity` is signed, `fee` in currency. */
export interface LotBooking {
  readonly symbol: number;
  readonly timeMs: number;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
}

/** New units for each old one, the signed units held after it, and the cash for what was no whole lot. */
interface BookedSplit {
  readonly symbol: number;
  readonly timeMs: number;
  readonly value: number;
  readonly quantity: number;
  readonly cash: number;
}

/** Units bought (or sold short) at one time and price, as far as they are still held. */
export interface OpenLot {
  readonly timeMs: number;
  /** Without a sign. */
  readonly quantity: number;
  readonly price: number;
  /** Of what is left of it, in currency: fees paid, dividends received (negative where they were paid). */
  readonly fees: number;
  readonly income: number;
}

/** A lot, or a part of one, that was closed. Money in currency, `profit` net of `fees` and with its dividends. */
export interface ClosedLot {
  readonly symbol: number;
  readonly long: boolean;
  readonly quantity: number;
  readonly openTimeMs: number;
  readonly openPrice: number;
  readonly closeTimeMs: number;
  readonly closePrice: number;
  readonly profit: number;
  readonly fees: number;
}

type Mutable = { -readonly [Key in keyof OpenLot]: OpenLot[Key] };

/** Lots of one symbol, the oldest first. Those before `first` are gone. */
export interface Queue {
  long: boolean;
  first: number;
  lots: Mutable[];
}

/** Share of what was bought by which parts of a lot may miss it: a rest below is rounding. */
const ROUNDING = 1e-9;
/** Lots that are gone before the list is shortened. */
const GONE_MAX = 1_000;

/**
 * Positions as lots, of which the oldest is closed first (first in, first out, as tax offices count where nothing else
 * is said). Each closed part has its own profit and holding period; a fee is shared by units.
 */
export class FifoLots {
  /** In the order in which they were closed. */
  readonly closed: ClosedLot[] = [];
  /** Profit of all that was closed. */
  realised = 0;
  readonly #queues: Queue[];

  constructor(symbols: number) {
    this.#queues = Array.from({ length: symbols }, () => ({ long: true, first: 0, lots: [] }));
  }

  /** Closes the oldest lots of the other side, and opens one with what is left. */
  book({ symbol, timeMs, quantity, price, fee }: LotBooking): void {
    const queue = this.#queues[symbol]!;
    const size = Math.abs(quantity);
    if (size === 0) return;
    const long = quantity > 0;
    const left = this.isFlat(symbol) || queue.long === long ? size : this.#close(symbol, size, { timeMs, price, fee });
    if (left <= size * ROUNDING) return;
    queue.long = long;
    queue.lots.push({ timeMs, quantity: left, price, fees: (fee * left) / size, income: 0 });
  }

  /** Cash for each unit held; short lots pay. */
  dividend(symbol: number, perUnit: number): void {
    const queue = this.#queues[symbol]!;
    for (const lot of this.open(symbol) as Mutable[]) lot.income += (queue.long ? perUnit : -perUnit) * lot.quantity;
  }

  /** A split: units times `ratio`, and what is more than `units` of them, without a sign, is paid out at `price`. */
  split(
    symbol: number,
    ratio: number,
    rest: { readonly units: number; readonly price: number; readonly timeMs: number },
  ): void {
    let held = 0;
    for (const lot of this.open(symbol) as Mutable[]) {
      lot.quantity *= ratio;
      lot.price /= ratio;
      held += lot.quantity;
    }
    const out = held - rest.units;
    if (out > held * ROUNDING) this.#close(symbol, out, { timeMs: rest.timeMs, price: rest.price, fee: 0 });
  }

  /** A split as it was booked: what was no whole lot was paid out at the price that its cash tells. */
  takeSplit({ symbol, timeMs, value, quantity, cash }: BookedSplit): void {
    const out = this.units(symbol) * value - quantity;
    this.split(symbol, value, { units: Math.abs(quantity), price: out === 0 ? 0 : cash / out, timeMs });
  }

  /** Lots of `symbol` that are open, the oldest first. */
  open(symbol: number): readonly OpenLot[] {
    const { lots, first } = this.#queues[symbol]!;
    return first === 0 ? lots : lots.slice(first);
  }

  isFlat(symbol: number): boolean {
    const { lots, first } = this.#queues[symbol]!;
    return first === lots.length;
  }

  /** Signed units of `symbol`. */
  units(symbol: number): number {
    const sum = this.open(symbol).reduce((units, { quantity }) => units + quantity, 0);
    return this.#queues[symbol]!.long ? sum : -sum;
  }

  /** Profit of what is open if it were closed at `price` without a further fee. */
  unrealised(symbol: number, price: number): number {
    const side = this.#queues[symbol]!.long ? 1 : -1;
    return this.open(symbol).reduce(
      (sum, lot) => sum + side * (price - lot.price) * lot.quantity + lot.income - lot.fees,
      0,
    );
  }

  /** Closes `size` units, the oldest first. Returns what there was no lot for. */
  #close(symbol: number, size: number, at: { timeMs: number; price: number; fee: number }): number {
    const queue = this.#queues[symbol]!;
    let left = size;
    while (left > size * ROUNDING && queue.first < queue.lots.length) {
      const lot = queue.lots[queue.first]!;
      const whole = lot.quantity <= left * (1 + ROUNDING);
      const part = whole ? lot.quantity : left;
      this.#closePart(symbol, lot, { ...at, part, share: (at.fee * part) / size });
      left -= part;
      if (whole) queue.first += 1;
    }
    if (queue.first === queue.lots.length || queue.first > GONE_MAX) {
      queue.lots = queue.lots.slice(queue.first);
      queue.first = 0;
    }
    return Math.max(0, left);
  }

  #closePart(symbol: number, lot: Mutable, at: { timeMs: number; price: number; part: number; share: number }): void {
    const { timeMs, price, part, share } = at;
    const { long } = this.#queues[symbol]!;
    const of = part >= lot.quantity ? 1 : part / lot.quantity;
    const [fees, income] = [lot.fees * of + share, lot.income * of];
    const profit = (long ? price - lot.price : lot.price - price) * part + income - fees;
    this.realised += profit;
    this.closed.push({
      symbol,
      long,
      quantity: part,
      openTimeMs: lot.timeMs,
      openPrice: lot.price,
      closeTimeMs: timeMs,
      closePrice: price,
      profit,
      fees,
    });
    lot.quantity -= part;
    lot.fees -= lot.fees * of;
    lot.income -= income;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { closed: this.closed, realised: this.realised, queues: this.#queues };
  }

  /** Takes up what one of the same options has saved. */
  restore({ closed, realised, queues }: ReturnType<FifoLots['save']>): void {
    this.closed.push(...closed);
    this.realised = realised;
    queues.forEach((queue, symbol) => Object.assign(this.#queues[symbol]!, queue));
  }
}
