import type pg from 'pg';
import type { Instrument } from '../../features/instrument.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { decodeRecords, type JournalEntry } from '../journal/journal-record.ts';
import { quantityDecimals, readBatches } from '../journal/journal-store.ts';
import { ORDER_ROLES } from '../orders/order-terms.ts';
import { Portfolio } from '../portfolio/portfolio.ts';
import type { LedgerEntry } from '../session-result.ts';

/**
 * Books of a session, made again from its journal: the same bookings in the same order by the same portfolio, and so
 * the same numbers.
 */
export class SessionBooks {
  readonly portfolio: Portfolio;
  readonly #symbols: readonly string[];
  /** Of orders with terms, what they are there for: a position in `ORDER_ROLES` plus one. */
  readonly #roles = new Map<number, number>();
  #taken = 0;

  readonly #shared: boolean;

  /** @param decimals of the quantities of each symbol, and whether several strategies share the account */
  constructor(
    { symbols, capital }: Omit<BookedSession, 'id'>,
    { decimals, shared }: { readonly decimals: ReadonlyMap<string, number>; readonly shared: boolean },
  ) {
    this.#symbols = symbols;
    this.#shared = shared;
    const instruments = symbols.map((symbol) => bookedInstrument(symbol, decimals.get(symbol) ?? 0));
    this.portfolio = new Portfolio(instruments, capital);
  }

  /** Books one record; those that move nothing are passed over. */
  take(entry: JournalEntry): void {
    const { portfolio } = this;
    if (entry.kind === 'terms') this.#noteRole(entry);
    else if (entry.kind === 'fill') portfolio.book(entry, this.#roles.get(entry.sequence) ?? 0);
    else if (entry.kind === 'charge')
      portfolio.takeCharge(entry.charge === 'interest' ? null : entry.symbol, -entry.cash);
    else if (entry.kind === 'action') {
      portfolio.takeAction(entry);
      if (portfolio.quantity[entry.symbol] !== entry.quantity) throw unlikeRecord(this.#symbols[entry.symbol]!);
    }
  }

  /** Of a shared account no order of a strategy's own closes a trade: its sub-ledger does. */
  #noteRole({ sequence, role }: Extract<JournalEntry, { kind: 'terms' }>): void {
    if (this.#shared && role === 'order') return;
    this.#roles.set(sequence, ORDER_ROLES.indexOf(role) + 1);
  }

  /** Trades that have closed since the last call, in that order. */
  closed(): LedgerEntry[] {
    const { ledger } = this.portfolio;
    const entries = ledger.entries(this.#symbols, this.#taken);
    this.#taken = ledger.count;
    return entries;
  }

  /** What is still open. */
  open(): LedgerEntry[] {
    return this.portfolio.ledgerEntries(this.#symbols).slice(this.portfolio.ledger.count);
  }
}

function unlikeRecord(symbol: string): SignalboxError {
  return new SignalboxError(`After a split of ${symbol} the journal has another quantity than its fills lead to.`, {
    remedy: 'signalbox fills --session ID has what was traded; the trades cannot be told from it.',
  });
}

/** Quantities of a session are on grids no finer than those that its fills are on. */
function bookedInstrument(symbol: string, decimals: number): Instrument {
  const tick = 10 ** -decimals;
  return { symbol, assetClass: 'unknown', currency: '', tick, lot: tick, sector: null };
}

/** Whose books are made again. */
export interface BookedSession {
  readonly id: string;
  readonly symbols: readonly string[];
  readonly capital: number;
}

/** Books of a session before its first record. */
export async function emptyBooks(client: Pick<pg.ClientBase, 'query'>, session: BookedSession): Promise<SessionBooks> {
  return new SessionBooks(session, await quantityDecimals(client, session.id));
}

/** Records of a session's journal, of which a batch is held at a time. */
export async function* sessionEntries(
  client: Pick<pg.ClientBase, 'query'>,
  { id }: Pick<BookedSession, 'id'>,
): AsyncGenerator<JournalEntry[]> {
  for await (const batch of readBatches(client, id)) yield [...decodeRecords(batch)];
}

/** Trades of a session: a portion for each batch of its journal, and what is open last. */
export async function* sessionTrades(
  client: Pick<pg.ClientBase, 'query'>,
  session: BookedSession,
): AsyncGenerator<LedgerEntry[]> {
  const books = await emptyBooks(client, session);
  for await (const entries of sessionEntries(client, session)) {
    for (const entry of entries) books.take(entry);
    const closed = books.closed();
    if (closed.length > 0) yield closed;
  }
  const open = books.open();
  if (open.length > 0) yield open;
}
