import { MINUTE_MS } from '../../../features/timeframe.ts';
import { amountText } from '../../../trading/amount-text.ts';
import type { LedgerEntry } from '../../../trading/session-result.ts';
import type { ExcursionColumns } from '../../analysis/excursions.ts';
import { gainOf } from '../../analysis/trade-analysis.ts';

/** Trades as columns, as exactly as they are shown: what the table and the prices of a page are made from. */
export interface PackedLedger {
  readonly symbols: readonly string[];
  readonly exits: readonly string[];
  readonly columns: {
    /** Number of the first trade in the whole ledger, from 1. */
    readonly first: number;
    readonly symbol: readonly number[];
    readonly long: readonly number[];
    readonly quantity: readonly number[];
    /** Minutes since 1970 for the first, since the entry before for the others. */
    readonly entered: readonly number[];
    readonly entry: readonly number[];
    /** Minutes from the entry; null while it is open. */
    readonly held: readonly (number | null)[];
    readonly exit: readonly number[];
    /** Of `exits`; -1 while it is open. */
    readonly by: readonly number[];
    readonly pnl: readonly number[];
    /** Net profit over the notional of the entry, and excursions: hundredths of it. */
    readonly gain: readonly number[];
    readonly fees: readonly number[];
    readonly worst: readonly number[] | null;
    readonly best: readonly number[] | null;
  };
}

const shown = (value: number): number => Number(amountText(value));
const hundredths = (share: number): number => Number((share * 100).toFixed(2));

/** Packs the trades of `ledger` from `first` (an index) on, with their excursions where those are known. */
export function packLedger(
  ledger: readonly LedgerEntry[],
  first: number,
  excursions: ExcursionColumns | null,
): PackedLedger {
  const told = ledger.slice(first);
  const symbols = [...new Set(told.map(({ symbol }) => symbol))].sort();
  const exits = [...new Set(told.flatMap(({ exit }) => (exit === null ? [] : [exit])))].sort();
  const minutes = told.map(({ entryTimeMs }) => Math.floor(entryTimeMs / MINUTE_MS));
  const ends = told.map(({ exitTimeMs }) => (exitTimeMs === null ? null : Math.floor(exitTimeMs / MINUTE_MS)));
  return {
    symbols,
    exits,
    columns: {
      first: first + 1,
      symbol: told.map(({ symbol }) => symbols.indexOf(symbol)),
      long: told.map(({ side }) => (side === 'long' ? 1 : 0)),
      quantity: told.map(({ quantity }) => Number(quantity.toFixed(8))),
      entered: minutes.map((minute, at) => minute - (minutes[at - 1] ?? 0)),
      entry: told.map(({ entryPrice }) => shown(entryPrice)),
      held: ends.map((end, at) => (end === null ? null : end - minutes[at]!)),
      exit: told.map(({ exitPrice }) => shown(exitPrice)),
      by: told.map(({ exit }) => (exit === null ? -1 : exits.indexOf(exit))),
      pnl: told.map(({ pnl }) => shown(pnl)),
      gain: told.map((trade) => hundredths(gainOf(trade))),
      fees: told.map(({ fees }) => shown(fees)),
      worst: excursions === null ? null : excursions.adverse.slice(first).map(hundredths),
      best: excursions === null ? null : excursions.favourable.slice(first).map(hundredths),
    },
  };
}
