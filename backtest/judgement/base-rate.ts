import { constantScores } from '../../models/scores/constant-forecast.ts';
import type { Scorable, ScoreName, Scores } from '../../models/scores/score.ts';
import { scoreValues, type ScoreValues } from '../../models/training/fold/fold-summary.ts';
import { decimal, percent } from '../number-format.ts';

/** What the pooled scores of a walk-forward are held against. */
export interface BaseRateEvidence {
  /** Pooled scores of a constant that knows the share of up in each fold's training rows; null where nobody does. */
  readonly constant: Scores | null;
  /** Folds whose model says the same of every test row, in order. */
  readonly silentFolds: readonly number[];
  /** Folds that were tested. */
  readonly folds: number;
}

/** Out-of-sample predictions with the fold that made each. */
type FoldPredictions = Scorable & { readonly fold: Int32Array };

/** Differences of probabilities below this are the rounding of one number. */
const SAME = 1e-12;

/**
 * Measures a constant beside predictions. `rateOf` is the share of up in a fold's training rows. With `sided` the model
 * learns whether a primary side is right: it says the same where only the side changes what it says.
 */
export function baseRateEvidence(
  predictions: FoldPredictions,
  rateOf: (fold: number) => number | undefined,
  sided: boolean,
): BaseRateEvidence {
  const { fold, probability } = predictions;
  const ranges = new Map<number, { low: number; high: number; rows: number }>();
  for (let row = 0; row < fold.length; row++) {
    const up = probability[row]!;
    const range = ranges.get(fold[row]!) ?? { low: Infinity, high: -Infinity, rows: 0 };
    ranges.set(fold[row]!, range);
    range.rows++;
    if (sided && up === 0.5) continue;
    const said = sided ? Math.max(up, 1 - up) : up;
    range.low = Math.min(range.low, said);
    range.high = Math.max(range.high, said);
  }
  const folds = [...ranges.keys()].sort((a, b) => a - b);
  const known = folds.length > 0 && folds.every((index) => rateOf(index) !== undefined);
  return {
    constant: known ? constantScores(predictions, (row) => rateOf(fold[row]!)!) : null,
    silentFolds: folds.filter((index) => {
      const { low, high, rows } = ranges.get(index)!;
      return rows > 1 && high - low <= SAME;
    }),
    folds: folds.length,
  };
}

const MEASURES = [
  { name: 'logLoss', title: 'log loss', isBetter: (own: number, constant: number) => own < constant },
  { name: 'brier', title: 'Brier score', isBetter: (own: number, constant: number) => own < constant },
  { name: 'hitRate', title: 'hit rate', isBetter: (own: number, constant: number) => own > constant },
] as const;

const CONSTANT = 'a constant that knows each fold’s training rate';

/**
 * What a reader must know before any verdict: that the model learnt nothing, or that it says no more than a constant.
 * Null where it is better in every measure.
 */
export function baseRateHeadline(scores: ScoreValues, evidence: BaseRateEvidence): string | null {
  const silent = silence(evidence);
  const compared = evidence.constant === null ? null : comparison(scores, scoreValues(evidence.constant));
  const said = [silent, compared].filter((text) => text !== null);
  return said.length === 0 ? null : said.join(' ');
}

function silence({ silentFolds, folds }: BaseRateEvidence): string | null {
  const { length } = silentFolds;
  if (length === 0) return null;
  if (length === folds) return 'The model learnt nothing: it says the same of every row.';
  const which = silentFolds.map((index) => index + 1).join(', ');
  return `The model learnt nothing in ${length} of ${folds} folds (${which}): there it says the same of every row.`;
}

function comparison(scores: ScoreValues, constant: ScoreValues): string | null {
  const texts = { better: [] as string[], not: [] as string[] };
  for (const { name, title, isBetter } of MEASURES) {
    const [own, other] = [scores[name], constant[name]];
    if (own === null || other === null) continue;
    texts[isBetter(own, other) ? 'better' : 'not'].push(`${title} ${against(name, own, other)}`);
  }
  const { better, not } = texts;
  if (not.length === 0) return null;
  if (better.length === 0) return `The model is no better than ${CONSTANT}: ${not.join(', ')}.`;
  return `In ${not.join(', ')} the model is no better than ${CONSTANT}; it is in ${better.join(', ')}.`;
}

/** Both figures, with as many digits as tell them apart, up to eight. */
function against(name: ScoreName, own: number, constant: number): string {
  const written = (value: number, digits: number): string =>
    name === 'hitRate' ? percent(value, digits - 3) : decimal(value, digits);
  let digits = 4;
  while (digits < 8 && own !== constant && written(own, digits) === written(constant, digits)) digits++;
  return `${written(own, digits)} against ${written(constant, digits)}`;
}
