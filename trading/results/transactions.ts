import type { JournalEntry } from '../journal/journal-record.ts';

/** What moved cash or units. Amounts in currency of the account. */
export interface Transaction {
  readonly timeMs: number;
  /** `bust`: the venue took an execution back. `split` moves cash only for what was no whole lot. */
  readonly kind:
    'buy' | 'sell' | 'bust' | 'dividend' | 'split' | 'borrow' | 'funding' | 'interest' | 'clearance' | 'fee';
  /** Null for what is the account's. */
  readonly symbol: string | null;
  /** Signed units that were booked; null where none were, and for a split. */
  readonly quantity: number | null;
  /** Of a trade; of a dividend its cash a unit; of a split its new units for each old one. */
  readonly price: number | null;
  readonly fee: number;
  /** Credited, below 0 where it was paid, fees taken off. */
  readonly cash: number;
  /** Cash of the account after it. */
  readonly balance: number;
  readonly executionId: string | null;
}

/** Every transaction of a session, in the order in which they were booked, from its capital on. */
export class Transactions {
  readonly #symbols: readonly string[];
  #balance: number;

  constructor(symbols: readonly string[], capital: number) {
    this.#symbols = symbols;
    this.#balance = capital;
  }

  /** The transaction that a record is; null for one that moves nothing. */
  of(entry: JournalEntry): Transaction | null {
    if (entry.kind === 'fill') return this.#fill(entry);
    if (entry.kind === 'action') return this.#action(entry);
    if (entry.kind !== 'charge') return null;
    const { timeMs, charge, cash } = entry;
    const symbol = charge === 'interest' ? null : this.#symbols[entry.symbol]!;
    return this.#after({ timeMs, kind: charge, symbol, quantity: null, price: null, fee: 0, cash, executionId: null });
  }

  #fill({ timeMs, symbol, quantity, price, fee, takesBack, ...of }: Kind<'fill'>): Transaction {
    const side = quantity > 0 ? 'buy' : 'sell';
    const kind = takesBack === true ? 'bust' : side;
    const cash = -quantity * price - fee;
    const executionId = of.executionId ?? null;
    return this.#after({ timeMs, kind, symbol: this.#symbols[symbol]!, quantity, price, fee, cash, executionId });
  }

  #action({ timeMs, action, symbol, value, cash }: Kind<'action'>): Transaction | null {
    // One of a symbol that was not held moves nothing.
    if (action === 'dividend' && cash === 0) return null;
    const of = { quantity: null, price: value, fee: 0, executionId: null };
    return this.#after({ timeMs, kind: action, symbol: this.#symbols[symbol]!, cash, ...of });
  }

  #after(transaction: Omit<Transaction, 'balance'>): Transaction {
    this.#balance += transaction.cash;
    return { ...transaction, balance: this.#balance };
  }
}

type Kind<K extends JournalEntry['kind']> = Extract<JournalEntry, { kind: K }>;
