import type { JournalEntry } from '../../journal/journal-record.ts';
import type { Market } from '../../market.ts';
import { FINAL_STATES } from '../../orders/order-state.ts';
import type { OrderRole } from '../../orders/order-terms.ts';
import type { RefusalCode } from '../../refusal.ts';

/** An execution in units after the last split. */
interface ParityFill {
  readonly timeMs: number;
  /** Bars of the symbol that had closed by then. */
  readonly bar: number;
  quantity: number;
  price: number;
  readonly fee: number;
}

/** An order and what came of it. */
export interface ParityOrder {
  /** Number within its session; 0 for executions of no order of it. */
  readonly sequence: number;
  readonly symbol: number;
  readonly timeMs: number;
  readonly bar: number;
  readonly side: 1 | -1;
  /** What it is there for; null for one that follows a signal. */
  role: OrderRole | null;
  /** It takes the price that there is. */
  atMarket: boolean;
  readonly fills: ParityFill[];
  /** What the venue took for it and told apart from its executions, in currency. */
  charged: number;
  /** Why it ended without all of it, or else how, where that is on record. */
  ended: string | null;
}

/** What a session's journal says, order by order, and what it is worth at the last close. */
export interface ParityBooks {
  readonly orders: readonly ParityOrder[];
  /** Codes with which something of the symbol was refused at a bar. */
  readonly refusals: ReadonlyMap<string, RefusalCode>;
  readonly equity: number;
}

/** The bars that were traded. */
export interface ParityMarket {
  /** By symbol, those that have closed. */
  readonly closeMs: readonly Float64Array[];
  readonly openMs: readonly Float64Array[];
  readonly open: readonly Float64Array[];
  readonly close: readonly Float64Array[];
}

/** The bars of a market up to where it stands. */
export function parityMarket({ series }: Pick<Market, 'series'>): ParityMarket {
  const column = (name: 'closeTimeMs' | 'openTimeMs' | 'open' | 'close'): Float64Array[] =>
    series.map(({ bars, last }) => bars[name].slice(0, last + 1));
  return { closeMs: column('closeTimeMs'), openMs: column('openTimeMs'), open: column('open'), close: column('close') };
}

/** Bars of a symbol that had closed at a moment. */
function barAt(closeMs: Float64Array, timeMs: number): number {
  let [low, high] = [0, closeMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (closeMs[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Name of a symbol's bar among refusals. */
export const placeOf = ({ symbol, bar }: Pick<ParityOrder, 'symbol' | 'bar'>): string => `${symbol} ${bar}`;

/** The books that a journal leads to. @param capital cash that it began with */
export function parityBooks(entries: Iterable<JournalEntry>, market: ParityMarket, capital: number): ParityBooks {
  const books = new Books(market, capital);
  for (const entry of entries) books.take(entry);
  return books.done();
}

class Books {
  readonly #market: ParityMarket;
  readonly #orders = new Map<number, ParityOrder>();
  readonly #refusals = new Map<string, RefusalCode>();
  readonly #quantity: number[];
  #cash: number;

  constructor(market: ParityMarket, capital: number) {
    this.#market = market;
    this.#cash = capital;
    this.#quantity = market.closeMs.map(() => 0);
  }

  take(entry: JournalEntry): void {
    if (entry.kind === 'order') {
      const { sequence, symbol, timeMs, direction: side } = entry;
      this.#orders.set(sequence, { ...this.#blank({ sequence, symbol, timeMs }), side });
    } else if (entry.kind === 'terms') {
      const order = this.#orders.get(entry.sequence);
      if (order === undefined) return;
      order.role = entry.role;
      order.atMarket = entry.type === 'market';
    } else if (entry.kind === 'fill') this.#fill(entry);
    else if (entry.kind === 'order-update') {
      const order = this.#orders.get(entry.sequence);
      if (order !== undefined && FINAL_STATES.includes(entry.state))
        order.ended = entry.code ?? entry.state.toLowerCase();
    } else if (entry.kind === 'refusal') {
      const bar = this.#bar(entry.symbol, entry.timeMs);
      this.#refusals.set(placeOf({ symbol: entry.symbol, bar }), entry.code);
    } else if (entry.kind === 'charge') {
      this.#cash += entry.cash;
      if (entry.charge === 'fee') this.#fee(entry);
    } else if (entry.kind === 'action') {
      this.#cash += entry.cash;
      this.#quantity[entry.symbol] = entry.quantity;
      if (entry.action === 'split') this.#split(entry.symbol, entry.value);
    }
  }

  done(): ParityBooks {
    const worth = this.#quantity.map((quantity, symbol) =>
      quantity === 0 ? 0 : quantity * (this.#market.close[symbol]!.at(-1) ?? 0),
    );
    const equity = worth.reduce((sum, value) => sum + value, this.#cash);
    return { orders: [...this.#orders.values()], refusals: this.#refusals, equity };
  }

  #bar(symbol: number, timeMs: number): number {
    return barAt(this.#market.closeMs[symbol]!, timeMs);
  }

  #blank(of: Pick<ParityOrder, 'sequence' | 'symbol' | 'timeMs'>): Omit<ParityOrder, 'side'> {
    return {
      ...of,
      bar: this.#bar(of.symbol, of.timeMs),
      role: null,
      atMarket: true,
      fills: [],
      charged: 0,
      ended: null,
    };
  }

  /** What is charged for no order that is known stands by itself, by symbol: it was for a sale. */
  #fee({ sequence = 0, symbol, timeMs, cash }: JournalEntry & { kind: 'charge' }): void {
    const known = this.#orders.get(sequence);
    const order = known ?? this.#foreign(-(3 * symbol + 3), { symbol, timeMs, side: -1 });
    order.charged -= cash;
  }

  /** What is of no order of the session stands together. */
  #foreign(key: number, { side, ...of }: Pick<ParityOrder, 'symbol' | 'timeMs' | 'side'>): ParityOrder {
    const order = this.#orders.get(key) ?? { ...this.#blank({ sequence: 0, ...of }), side };
    this.#orders.set(key, order);
    return order;
  }

  #fill({ sequence, symbol, timeMs, quantity, price, fee }: JournalEntry & { kind: 'fill' }): void {
    this.#cash -= quantity * price + fee;
    this.#quantity[symbol]! += quantity;
    // Executions of no order of the session stand together by symbol and side.
    const side = quantity > 0 ? 1 : -1;
    const known = sequence > 0 ? this.#orders.get(sequence) : undefined;
    const order = known ?? this.#foreign(-(3 * symbol + (side > 0 ? 1 : 2)), { symbol, timeMs, side });
    order.fills.push({ timeMs, bar: this.#bar(symbol, timeMs), quantity, price, fee });
  }

  /** What was executed before, in new units. */
  #split(symbol: number, ratio: number): void {
    for (const order of this.#orders.values()) {
      if (order.symbol !== symbol) continue;
      for (const fill of order.fills) {
        fill.quantity *= ratio;
        fill.price /= ratio;
      }
    }
  }
}
