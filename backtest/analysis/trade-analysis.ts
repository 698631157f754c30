import type { BarColumns } from '../../features/bar.ts';
import { HOUR_MS } from '../../features/timeframe.ts';
import type { LedgerEntry, SessionResult } from '../../trading/session-result.ts';
import { mean, median } from '../statistics/moments.ts';
import { excursionOf, type Excursion } from './excursions.ts';

interface Spread {
  readonly mean: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** `tradeAnalysis` of the result document: closed trades, money in currency, excursions as fractions of the entry. */
export interface TradeAnalysis {
  readonly closed: number;
  readonly wins: number;
  readonly losses: number;
  /** Net profit of a winning and of a losing trade (below 0), and the first over the size of the second. */
  readonly averageWin: number | null;
  readonly averageLoss: number | null;
  readonly payoff: number | null;
  readonly largestWin: number | null;
  readonly largestLoss: number | null;
  /** Mean of net profit over the notional of the entry. */
  readonly averageReturn: number;
  /** Longest runs of trades, in the order in which they closed, that won or did not. */
  readonly longestWinStreak: number;
  readonly longestLossStreak: number;
  readonly durationHours: Spread;
  /** Whole bars inside a trade. */
  readonly durationBars: Spread;
  /** Null where splits or dividends restate prices while trades are held. */
  readonly adverseExcursion: Spread | null;
  readonly favourableExcursion: Spread | null;
  /** The same means over winners and losers: what a stop or a target would have cut. */
  readonly adverseOfWins: number | null;
  readonly favourableOfLosses: number | null;
}

export interface TradeInput {
  readonly session: Pick<SessionResult, 'ledger' | 'symbols'>;
  readonly bars: readonly BarColumns[];
  /** Bars are as traded, and splits come between them. */
  readonly restated: boolean;
}

/** What trades were like; null with a reason where none was closed. */
export function tradeAnalysis({ session, bars, restated }: TradeInput): {
  section: TradeAnalysis | null;
  reasons: string[];
} {
  const closed = session.ledger.filter((entry) => entry.exitTimeMs !== null);
  if (closed.length === 0) return { section: null, reasons: ['tradeAnalysis: no trade was closed.'] };
  const barsOf = new Map(session.symbols.map((symbol, at) => [symbol, bars[at]!]));
  const excursions = closed.map((trade) => excursionOf(trade, barsOf.get(trade.symbol)!));
  const section = { ...profits(closed), ...durations(closed, excursions), ...ranges(closed, excursions, restated) };
  return { section, reasons: reasonsOf(section, restated) };
}

type Profits = Omit<TradeAnalysis, keyof ReturnType<typeof durations> | keyof ReturnType<typeof ranges>>;

function profits(closed: readonly LedgerEntry[]): Profits {
  const won = closed.filter(({ pnl }) => pnl > 0).map(({ pnl }) => pnl);
  const lost = closed.filter(({ pnl }) => pnl < 0).map(({ pnl }) => pnl);
  const averageWin = won.length === 0 ? null : mean(won);
  const averageLoss = lost.length === 0 ? null : mean(lost);
  return {
    closed: closed.length,
    wins: won.length,
    losses: lost.length,
    averageWin,
    averageLoss,
    payoff: averageWin === null || averageLoss === null ? null : averageWin / -averageLoss,
    largestWin: won.length === 0 ? null : greatest(won),
    largestLoss: lost.length === 0 ? null : -greatest(lost.map((pnl) => -pnl)),
    averageReturn: mean(closed.map(gainOf)),
    longestWinStreak: longestRun(closed, ({ pnl }) => pnl > 0),
    longestLossStreak: longestRun(closed, ({ pnl }) => !(pnl > 0)),
  };
}

function durations(
  closed: readonly LedgerEntry[],
  excursions: readonly Excursion[],
): Pick<TradeAnalysis, 'durationHours' | 'durationBars'> {
  return {
    durationHours: spreadOf(closed.map(({ entryTimeMs, exitTimeMs }) => (exitTimeMs! - entryTimeMs) / HOUR_MS)),
    durationBars: spreadOf(excursions.map(({ bars }) => bars)),
  };
}

function ranges(
  closed: readonly LedgerEntry[],
  excursions: readonly Excursion[],
  restated: boolean,
): Pick<TradeAnalysis, 'adverseExcursion' | 'favourableExcursion' | 'adverseOfWins' | 'favourableOfLosses'> {
  const over = (name: 'adverse' | 'favourable', kept: (trade: LedgerEntry) => boolean): number | null => {
    const values = excursions.filter((_, at) => kept(closed[at]!)).map((excursion) => excursion[name]);
    return restated || values.length === 0 ? null : mean(values);
  };
  return {
    adverseExcursion: restated ? null : spreadOf(excursions.map(({ adverse }) => adverse)),
    favourableExcursion: restated ? null : spreadOf(excursions.map(({ favourable }) => favourable)),
    adverseOfWins: over('adverse', ({ pnl }) => pnl > 0),
    favourableOfLosses: over('favourable', ({ pnl }) => pnl < 0),
  };
}

function spreadOf(values: readonly number[]): Spread {
  return {
    mean: mean(values),
    median: median(values),
    least: -greatest(values.map((v) => -v)),
    most: greatest(values),
  };
}

/** Spreading half a million values into arguments overflows the stack. */
function greatest(values: readonly number[]): number {
  // Adding 0 turns the -0 of a negated 0 round.
  return values.reduce((most, value) => Math.max(most, value), -Infinity) + 0;
}

function longestRun(trades: readonly LedgerEntry[], counts: (trade: LedgerEntry) => boolean): number {
  let longest = 0;
  let run = 0;
  for (const trade of trades) {
    run = counts(trade) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function reasonsOf(section: TradeAnalysis, restated: boolean): string[] {
  const reasons: string[] = [];
  if (section.wins === 0) reasons.push('tradeAnalysis: averageWin, largestWin, payoff, adverseOfWins: no trade won.');
  if (section.losses === 0) {
    reasons.push('tradeAnalysis: averageLoss, largestLoss, payoff, favourableOfLosses: no trade lost.');
  }
  if (restated) {
    const names = 'adverseExcursion, favourableExcursion, adverseOfWins, favourableOfLosses';
    reasons.push(`tradeAnalysis: ${names}: splits or dividends restate prices while trades are held.`);
  }
  return reasons;
}

/** Net profit of a trade over the notional of its entry. */
export const gainOf = ({ pnl, quantity, entryPrice }: LedgerEntry): number => pnl / (quantity * entryPrice);
