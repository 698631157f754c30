import { MOMENTS } from './bar-moments.ts';
import { correlationOf } from './information-coefficient.ts';
import { areaOf } from './probability-scores.ts';
import type { ResampleTable } from './resample-table.ts';
import { scored, unscored, type Score, type Scores } from './score.ts';

/** Sums over the rows of a resample in rising order of score. */
interface Ranked {
  /** Correctly ordered pairs, ties counting one half. */
  readonly ordered: number;
  readonly positives: number;
  /** Sum of squared centred ranks. */
  readonly squares: number;
}

/**
 * The scores of resamples of one table, each given as how often every bar was drawn. The same figures as those of the
 * rows written out, but for the order of summation: pairs of an AUC are counted exactly, correlations differ in the
 * last digits. Ranks are kept doubled and centred, which makes them integers: twice the rows below, plus the rows tied,
 * less all rows.
 */
export class ResampledScores {
  readonly #table: ResampleTable;
  /** Ranks by score of the resample in hand, in the order of `outcomePlaces`. */
  readonly #scoreRanks: Int32Array;
  /** Those at each place of `byOutcome`, times how often the row was drawn. */
  readonly #outcomeRanks: Float64Array;

  constructor(table: ResampleTable) {
    this.#table = table;
    this.#scoreRanks = new Int32Array(table.rows);
    this.#outcomeRanks = new Float64Array(table.rows);
  }

  /** @param counts how often each bar was drawn */
  scores(counts: Int32Array): Scores {
    const { bars, moments } = this.#table;
    let rows = 0;
    const losses = new Float64Array(3);
    for (let bar = 0; bar < bars; bar++) {
      const count = counts[bar]!;
      if (count === 0) continue;
      const at = bar * MOMENTS;
      rows += count * moments[at]!;
      for (let loss = 0; loss < 3; loss++) losses[loss]! += count * moments[at + 6 + loss]!;
    }
    const ranked = this.#rankByScore(counts, rows);
    const mean = (sum: number): Score => (rows === 0 ? unscored('There are no rows') : scored(sum / rows));
    return {
      informationCoefficient: this.#correlation(counts, rows),
      rankInformationCoefficient: this.#rankCorrelation(counts, rows, ranked.squares),
      logLoss: mean(losses[0]!),
      auc: areaOf({ ...ranked, negatives: rows - ranked.positives }),
      brier: mean(losses[1]!),
      hitRate: mean(losses[2]!),
    };
  }

  #correlation(counts: Int32Array, rows: number): Score {
    const { bars, moments } = this.#table;
    let meanA = 0;
    let meanB = 0;
    for (let bar = 0, at = 0; bar < bars; bar++, at += MOMENTS) {
      const count = counts[bar]! * moments[at]!;
      if (count === 0) continue;
      meanA += count * moments[at + 1]!;
      meanB += count * moments[at + 2]!;
    }
    meanA /= rows;
    meanB /= rows;
    let [ab, aa, bb] = [0, 0, 0];
    for (let bar = 0, at = 0; bar < bars; bar++, at += MOMENTS) {
      const count = counts[bar]!;
      if (count === 0) continue;
      const size = moments[at]!;
      const a = moments[at + 1]! - meanA;
      const b = moments[at + 2]! - meanB;
      aa += count * (moments[at + 3]! + size * a * a);
      bb += count * (moments[at + 4]! + size * b * b);
      ab += count * (moments[at + 5]! + size * a * b);
    }
    return correlationOf({ n: rows, meanA, meanB, aa, bb, ab });
  }

  /** Ranks every row by its score and counts the pairs in order on the way. */
  #rankByScore(counts: Int32Array, rows: number): Ranked {
    const { byScore, stretchPlaces } = this.#table;
    const ranks = this.#scoreRanks;
    let [below, positives, ordered, squares] = [0, 0, 0, 0];
    let [from, tied, tiedUp] = [0, 0, 0];
    for (let place = 0; place < byScore.length; place++) {
      const code = byScore[place]!;
      const count = counts[code >> 2]!;
      tied += count;
      // No branch: up or down is as good as random, and a wrong guess costs more than the rest of the row.
      tiedUp += ((code >> 1) & 1) * count;
      if ((code & 1) === 0) continue;
      const rank = 2 * below + tied - rows;
      for (; from <= place; from++) ranks[stretchPlaces[from]!] = rank;
      squares += tied * rank * rank;
      ordered += tiedUp * (below - positives + (tied - tiedUp) / 2);
      below += tied;
      positives += tiedUp;
      tied = 0;
      tiedUp = 0;
    }
    return { ordered, positives, squares };
  }

  #rankCorrelation(counts: Int32Array, rows: number, aa: number): Score {
    const bb = this.#rankByOutcome(counts, rows);
    const { outcomePlaces } = this.#table;
    const [scoreRanks, outcomeRanks] = [this.#scoreRanks, this.#outcomeRanks];
    let ab = 0;
    for (let at = 0; at < outcomePlaces.length; at++) ab += scoreRanks[at]! * outcomeRanks[outcomePlaces[at]!]!;
    return correlationOf({ n: rows, meanA: 0, meanB: 0, aa, bb, ab });
  }

  /** Ranks every row by its outcome; returns the sum of squared centred ranks. */
  #rankByOutcome(counts: Int32Array, rows: number): number {
    const { byOutcome } = this.#table;
    const ranks = this.#outcomeRanks;
    let [from, below, tied, squares] = [0, 0, 0, 0];
    for (let place = 0; place < byOutcome.length; place++) {
      const code = byOutcome[place]!;
      const count = counts[code >> 1]!;
      tied += count;
      // Weights first: the rank of a tie is known at its last row.
      ranks[place] = count;
      if ((code & 1) === 0) continue;
      const rank = 2 * below + tied - rows;
      for (; from <= place; from++) ranks[from]! *= rank;
      squares += tied * rank * rank;
      below += tied;
      tied = 0;
    }
    return squares;
  }
}
