import { DAY_MS } from '../../features/timeframe.ts';
import type { ClosedLot } from './fifo-lots.ts';
import type { SubLedgers } from './sub-ledgers.ts';

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
  return ledgers.parts.map((part) => {
    const { owner, allocated, transferred, cash, fees, fills, lots } = part;
    const equity = ledgers.equityOf(part);
    return {
      name: owner?.name ?? null,
      allocated,
      transferred,
      cash,
      equity,
      profit: equity - allocated - transferred,
      realised: lots.realised,
      unrealised: ledgers.unrealisedOf(part),
      interest: part.interest,
      fees,
      fills,
      lots: lotFigures(lots.closed),
    };
  });
}
