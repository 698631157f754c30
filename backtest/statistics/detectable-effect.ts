import { decimal } from '../number-format.ts';
import { normalQuantile } from './normal-distribution.ts';
import { expectedMaximum } from './significance.ts';

/** What a judgement asks for: the probability of the deflated Sharpe ratio from which on there is evidence. */
const CONFIDENCE = 0.95;
/** How often a true effect of that size is seen. */
const POWER = 0.8;

/** A record that is still to be made: its daily returns, and everything that was or will be tried on the data. */
export interface PlannedRecord {
  readonly days: number;
  /** Trading days of a year. */
  readonly periodsPerYear: number;
  readonly trials: number;
}

/**
 * The smallest true Sharpe ratio a year that such a record shows as evidence four times in five: what the best of
 * worthless trials reaches by chance, and on top the distance that a test at 95 % with a power of 80 % needs
 * (Cohen 1988), each in standard errors of the ratio, 1 / sqrt(days - 1) a day (Lo 2002, for small ratios). Null for
 * fewer than two days.
 */
export function detectableSharpe({ days, periodsPerYear, trials }: PlannedRecord): number | null {
  if (days < 2) return null;
  const standardErrors = expectedMaximum(trials) + normalQuantile(CONFIDENCE) + normalQuantile(POWER);
  return standardErrors * Math.sqrt(periodsPerYear / (days - 1));
}

/** The same in words, to be read before anything is tried. Null where no ratio can be seen. */
export function detectableWords(planned: PlannedRecord): string | null {
  const sharpe = detectableSharpe(planned);
  if (sharpe === null) return null;
  const { days, periodsPerYear, trials } = planned;
  const tried = trials === 1 ? 'one trial' : `${trials} trials`;
  return (
    `With ${decimal(days / periodsPerYear, 1)} years of days and ${tried} on them, ` +
    `a true Sharpe ratio below ${decimal(sharpe, 2)} a year is missed more often than one time in five.`
  );
}
