import type { LedgerEntry } from '../../trading/session-result.ts';

/** What one feature had to do with the trades of a model. */
interface FeatureAttributionRow {
  /** The feature, a member of the ensemble that is told as a whole, or what the model knows without features. */
  readonly name: string;
  /** Trades whose prediction it moved. */
  readonly trades: number;
  /** Mean of what it added to the log-odds of the side that was traded; against that side it is below 0. */
  readonly meanMove: number;
  /** Of all that moved the predictions, for or against. */
  readonly share: number;
  /** Of the trades' net profit. */
  readonly pnl: number;
}

/**
 * Profit of a model's trades by what moved the predictions behind their entries, open ones at their last mark. The
 * `pnl` of the features, `cancelled` and `unknown` add up to `total`; `meanMove` of the features to that of the whole.
 */
export interface FeatureAttribution {
  readonly total: number;
  /** Trades whose prediction is known. */
  readonly trades: number;
  /** Mean of the log-odds of the side that was traded, before they were calibrated. */
  readonly meanMove: number;
  /** By profit, the largest first. */
  readonly features: readonly FeatureAttributionRow[];
  /** What nobody earned: features that moved a prediction against each other. */
  readonly cancelled: number;
  /** Of trades that no prediction led to, or of which nothing was kept. */
  readonly unknown: number;
}

/**
 * Splits what trades made among the features that moved the predictions behind them. Of a trade's profit a feature is
 * given as large a part as its move is of all moves, for or against: with the sign of the profit where it spoke for the
 * side that was traded, with the other where it spoke against it. What is left where features spoke against each other
 * belongs to none, and is told as `cancelled`.
 *
 * @param names of the features, the members of the ensemble and the base rate, in the order of the moves
 * @param movesOf what moved the log-odds of up in the prediction behind an entry; null where that is not known
 */
export function featureAttribution(
  ledger: readonly LedgerEntry[],
  names: readonly string[],
  movesOf: (trade: number) => Float64Array | null,
): FeatureAttribution {
  const sums = names.map(() => ({ trades: 0, move: 0, size: 0, pnl: 0 }));
  let [total, trades, cancelled, unknown] = [0, 0, 0, 0];
  ledger.forEach(({ pnl, side }, at) => {
    total += pnl;
    const moves = movesOf(at);
    const size = moves === null ? 0 : moves.reduce((sum, move) => sum + Math.abs(move), 0);
    if (moves === null || moves.length !== names.length || size === 0) {
      unknown += pnl;
      return;
    }
    trades++;
    let given = 0;
    moves.forEach((up, place) => {
      if (up === 0) return;
      const move = side === 'long' ? up : -up;
      const part = (pnl * move) / size;
      const sum = sums[place]!;
      sum.trades++;
      sum.move += move;
      sum.size += Math.abs(move);
      sum.pnl += part;
      given += part;
    });
    cancelled += pnl - given;
  });
  const moved = sums.reduce((all, { size }) => all + size, 0);
  const rows = sums.flatMap((sum, place): FeatureAttributionRow[] => {
    if (sum.trades === 0) return [];
    const meanMove = sum.move / trades;
    return [{ name: names[place]!, trades: sum.trades, meanMove, share: sum.size / moved, pnl: sum.pnl }];
  });
  const meanMove = trades === 0 ? 0 : sums.reduce((all, { move }) => all + move, 0) / trades;
  const features = rows.sort((a, b) => b.pnl - a.pnl || (a.name < b.name ? -1 : 1));
  return { total, trades, meanMove, features, cancelled, unknown };
}
