import { DAY_MS } from '../../features/timeframe.ts';
import type { ClosedLot } from './fifo-lots.ts';
import type { SubLedger, SubLedgers } from './sub-ledgers.ts';

/** What came of a strategy's part of the account; money in currency. Profit is realised, unrealised and interest. */
export interface StrategyShare {
  /** Null for the part that is allocated to none. */
  readonly name: string | null;
  readonly allocated: number;
  /** Cash that rebalancing gave it, less what it took. */
  readonly transferred: number;
  readonly cash: number;
  readonly equity: number;
  readonly profit: number;
  /** Of closed lots, first in, first out, net of fees, with dividends and what holding cost. */
  readonly realised: number;
  readonly unrealised: number;
  /** On cash; below 0 where it was paid. */
  readonly interest: number;
  readonly fees: number;
  readonly fills: number;
  readonly lots: LotFigures;
  /** Cost of half spread and slippage, and of holding positions (borrow and funding; earned below 0). */
  readonly slippage: number;
  readonly holding: number;
  /** Fills that closed units of its own, and positions that are open: opposite ones of others are not set off. */
  readonly trades: number;
  /** Of the closed ones, by its lots; null where none was closed. */
  readonly winRate: number | null;
  /** What the winners made over what the losers lost; null where nothing was lost. */
  readonly profitFactor: number | null;
  /** Of the account's profit: all parts have 1 together; null where the account neither made nor lost anything. */
  readonly share: number | null;
}

/** Closed lots in figures; null where there is none. */
export interface LotFigures {
  readonly closed: number;
  /** Share of them with a profit. */
  readonly winRate: number | null;
  readonly holdingDays: { readonly least: number; readonly median: number; readonly most: number } | null;
}

/** Figures of lots that were closed, first in, first out. */
export function lotFigures(closed: readonly ClosedLot[]): LotFigures {
  const days = closed.map(({ openTimeMs, closeTimeMs }) => (closeTimeMs - openTimeMs) / DAY_MS).sort((a, b) => a - b);
  if (days.length === 0) return { closed: 0, winRate: null, holdingDays: null };
  const middle = (days.length - 1) / 2;
  return {
    closed: days.length,
    winRate: closed.filter(({ profit }) => profit > 0).length / days.length,
    holdingDays: {
      least: days[0]!,
      median: (days[Math.floor(middle)]! + days[Math.ceil(middle)]!) / 2,
      most: days.at(-1)!,
    },
  };
}

/** What came of each part of an account, strategies in the order of the experiment, what is nobody's last. */
export function strategyShares(ledgers: SubLedgers): StrategyShare[] {
  const profitOf = (part: SubLedger): number => ledgers.equityOf(part) - part.allocated - part.transferred;
  const all = ledgers.parts.reduce((sum, part) => sum + profitOf(part), 0);
  return ledgers.parts.map((part) => {
    const { owner, allocated, transferred, cash, fees, fills, lots, closings, lost } = part;
    const profit = profitOf(part);
    return {
      name: owner?.name ?? null,
      allocated,
      transferred,
      cash,
      equity: ledgers.equityOf(part),
      profit,
      realised: lots.realised,
      unrealised: ledgers.unrealisedOf(part),
      interest: part.interest,
      fees,
      fills,
      lots: lotFigures(lots.closed),
      slippage: part.slippage,
      holding: part.holding,
      trades: closings + part.open.count,
      winRate: closings === 0 ? null : part.wins / closings,
      profitFactor: lost > 0 ? part.gained / lost : null,
      share: all === 0 ? null : profit / all,
    };
  });
}
