import { DAY_MS } from '../../features/timeframe.ts';

/**
 * The challenger's daily net returns beside the champion's, or where there is no champion beside holding the market.
 */
export interface Comparison {
  /** `holding`: buy-and-hold of the challenger's own average exposure; what a first version must be better than. */
  readonly rival: 'champion' | 'holding';
  /** Days that challenger and champion both predicted out of sample, by models that knew earlier bars only. */
  readonly days: number;
  /** Mean net return a year, less the champion's (beside holding: the net return itself). */
  readonly annualDifference: number;
  /** The same in excess of buy-and-hold of the same average exposure: what is left without more or less market. */
  readonly annualExcess: number;
  /**
   * Probability that the true Sharpe ratio of the difference in net returns (beside holding: of the excess return)
   * exceeds what luck shows in the best of everything tried. Null where the difference does not vary.
   */
  readonly confidence: number | null;
  /** The same, were this the only try. */
  readonly aloneConfidence: number | null;
  /**
   * Trials of the name and of its universe on overlapping days, whatever data they ended with; earlier offers to the
   * gate.
   */
  readonly trials: number;
  readonly offers: number;
  /** When the first of these was; null where there is none. */
  readonly sinceMs: number | null;
}

/** Calibration of the challenger's out-of-sample probabilities. */
export interface CalibrationEvidence {
  readonly rows: number;
  /** Mean |observed - predicted| over ten bins of equal size, weighted by rows. */
  readonly error: number;
  /** What a perfectly calibrated model would show by chance on as many rows. */
  readonly errorByChance: number;
  readonly brier: number;
  /** Brier score of a constant that knows the share of up in the rows that each model was trained on. */
  readonly baseRateBrier: number;
}

/** What the gate looks at: plain figures, gathered by whoever can trade and measure. */
export interface PromotionEvidence {
  readonly name: string;
  readonly version: number;
  readonly modelHash: string;
  /** Null while the name has none. */
  readonly championVersion: number | null;
  /** Why the champion may no longer trade (expired, leaking); empty while it may. */
  readonly championFaults: readonly string[];
  /** Null with `comparisonReason`. */
  readonly comparison: Comparison | null;
  readonly comparisonReason: string | null;
  /** Null: nobody has hunted. */
  readonly leakage: { readonly compared: number; readonly findings: readonly string[] } | null;
  readonly calibration: CalibrationEvidence | null;
  readonly trainedToMs: number;
  readonly lifeMs: number;
  /** Close of the newest bar there is, or now where the market is live. */
  readonly newestMs: number;
  /** Differences to the champion that would make sessions need other rows: feature set, universe. */
  readonly incompatibilities: readonly string[];
}

export interface Criterion {
  readonly name: 'better' | 'leakage' | 'calibrated' | 'fresh' | 'compatible';
  readonly met: boolean;
  /** Null where it cannot be computed. */
  readonly figure: number | null;
  readonly threshold: number;
  /** In words, with the numbers. */
  readonly text: string;
}

/** A decision with everything it rests on. */
export interface PromotionDecision {
  readonly name: string;
  readonly version: number;
  readonly modelHash: string;
  readonly championVersion: number | null;
  /** `first`: promoted where there was no champion. */
  readonly outcome: 'first' | 'promoted' | 'refused' | 'overridden' | 'rolled-back';
  readonly criteria: readonly Criterion[];
  /** The operator's words where one overrode the gate; null otherwise. */
  readonly reason: string | null;
  readonly decidedAtMs: number;
}

/**
 * Confidence that is asked of a challenger; of the successor of a champion that may not trade, only that it is not
 * shown to be worse.
 */
const CONFIDENCE_MIN = 0.95;
const NOT_WORSE_MIN = 0.05;
/** Days that both must have predicted: fewer say nothing. */
export const SHARED_DAYS_MIN = 60;
/** Calibration error beyond what chance explains. */
const CALIBRATION_EXCESS_MAX = 0.03;
/**
 * Brier score above that of the base rate, as a share of it: a model that says nothing has 0, one that is sure and
 * wrong much more.
 */
const BRIER_EXCESS_MAX = 0.01;
/** Share of its life that a challenger may have behind it. */
const AGE_SHARE_MAX = 0.25;

/**
 * Decides. Pure: the same evidence gives the same decision. A refusal is a value. The first of a name is judged like
 * all others.
 */
export function decidePromotion(evidence: PromotionEvidence, decidedAtMs: number): PromotionDecision {
  const criteria = [better(evidence), unleaked(evidence), calibrated(evidence), fresh(evidence), compatible(evidence)];
  const { name, version, modelHash, championVersion } = evidence;
  const won = championVersion === null ? 'first' : 'promoted';
  const outcome = criteria.every(({ met }) => met) ? won : 'refused';
  return { name, version, modelHash, championVersion, outcome, criteria, reason: null, decidedAtMs };
}

function better({ comparison, comparisonReason, championFaults }: PromotionEvidence): Criterion {
  if (comparison === null) {
    const text = `no comparison: ${comparisonReason}`;
    return { name: 'better', threshold: CONFIDENCE_MIN, met: false, figure: null, text };
  }
  const { days, rival } = comparison;
  if (days < SHARED_DAYS_MIN) {
    const who = rival === 'champion' ? 'both predicted' : 'it predicted';
    const text =
      `${who} ${days} days out of sample by models that knew earlier bars only; ` +
      `${SHARED_DAYS_MIN} are the least that say something`;
    return { name: 'better', threshold: CONFIDENCE_MIN, met: false, figure: comparison.confidence, text };
  }
  return championFaults.length === 0 ? sureToBeBetter(comparison) : notShownWorse(comparison, championFaults);
}

/** More net return with confidence, and not by holding more of the market alone. */
function sureToBeBetter(comparison: Comparison): Criterion {
  const { rival, days, annualDifference, annualExcess, confidence } = comparison;
  const head = { name: 'better', threshold: CONFIDENCE_MIN, figure: confidence } as const;
  if (confidence === null) {
    const same =
      rival === 'champion' ? 'the net returns of both are the same on every day' : 'it never differed from holding';
    return { ...head, met: false, text: `${same}: at least ${CONFIDENCE_MIN} is asked` };
  }
  const figures =
    rival === 'champion'
      ? `net of costs ${moreOrLess(annualDifference)} than the champion on ${days} days both predicted out of sample, ` +
        `${moreOrLess(annualExcess)} at equal exposure to the market`
      : `there is no champion, so it is compared with buy-and-hold of its own average exposure: net of costs ${percent(annualDifference)} ` +
        `a year on ${days} days predicted out of sample, ${percent(annualExcess)} of it in excess of holding`;
  return {
    ...head,
    met: confidence >= CONFIDENCE_MIN && annualDifference > 0 && annualExcess > 0,
    text: `${figures}; both must be gains; confidence ${confidence.toFixed(3)} ${afterTries(comparison)}, at least ${CONFIDENCE_MIN} is asked`,
  };
}

/** A champion that may not trade is replaced by what is not shown to be worse: earlier tries make nothing worse. */
function notShownWorse(comparison: Comparison, faults: readonly string[]): Criterion {
  const { days, annualDifference, aloneConfidence } = comparison;
  const head = { name: 'better', threshold: NOT_WORSE_MIN, figure: aloneConfidence } as const;
  const asked = `the champion may not trade (${faults.join('; ')}), so ${NOT_WORSE_MIN}, not shown to be worse, is enough`;
  if (aloneConfidence === null) {
    return { ...head, met: true, text: `the net returns of both are the same on every day: ${asked}` };
  }
  return {
    ...head,
    met: aloneConfidence >= NOT_WORSE_MIN,
    text:
      `net of costs ${moreOrLess(annualDifference)} than the champion on ${days} days both predicted out of sample; ` +
      `confidence ${aloneConfidence.toFixed(3)} by itself (${afterTries(comparison)} ${comparison.confidence?.toFixed(3) ?? 'none'}), ${asked}`,
  };
}

/** `after 12 trials and 3 offers since 2024-01-01`. */
function afterTries({ trials, offers, sinceMs }: Comparison): string {
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  const since = sinceMs === null ? '' : ` since ${new Date(sinceMs).toISOString().slice(0, 10)}`;
  return `after ${count(trials, 'trial')} and ${count(offers, 'offer')}${since}`;
}

function unleaked({ leakage }: PromotionEvidence): Criterion {
  const head = { name: 'leakage', threshold: 0 } as const;
  if (leakage === null || leakage.compared === 0) {
    return {
      ...head,
      met: false,
      figure: null,
      text: 'nobody has hunted for look-ahead: `signalbox run` or `lookahead`',
    };
  }
  const { findings, compared } = leakage;
  const found =
    findings.length === 0 ? 'no finding' : `${findings.length} findings: ${findings.slice(0, 3).join('; ')}`;
  return {
    ...head,
    met: findings.length === 0,
    figure: findings.length,
    text: `${compared.toLocaleString('en')} values compared after corrupting the future, ${found}`,
  };
}

function calibrated({ calibration }: PromotionEvidence): Criterion {
  const head = { name: 'calibrated', threshold: CALIBRATION_EXCESS_MAX } as const;
  if (calibration === null)
    return { ...head, met: false, figure: null, text: 'there are no out-of-sample predictions' };
  const { rows, error, errorByChance, brier, baseRateBrier } = calibration;
  const excess = error - errorByChance;
  const sure = brier / baseRateBrier - 1;
  return {
    ...head,
    met: excess <= CALIBRATION_EXCESS_MAX && sure <= BRIER_EXCESS_MAX,
    figure: excess,
    text:
      `${sure >= 0 ? 'no better than a constant that knows the training rate: ' : ''}calibration error ${error.toFixed(4)} on ${rows} rows, ${errorByChance.toFixed(4)} of it by chance, at most ` +
      `${CALIBRATION_EXCESS_MAX} beyond that; Brier score ${brier.toFixed(4)}, of that constant ${baseRateBrier.toFixed(4)}, ` +
      `at most ${percent(BRIER_EXCESS_MAX)} above it`,
  };
}

/** Days between the last label that a version has seen and the newest bar: with the version it identifies an offer. */
export const ageDaysOf = ({ trainedToMs, newestMs }: Pick<PromotionEvidence, 'trainedToMs' | 'newestMs'>): number =>
  (newestMs - trainedToMs) / DAY_MS;

function fresh(evidence: PromotionEvidence): Criterion {
  const { lifeMs } = evidence;
  const ageDays = ageDaysOf(evidence);
  const threshold = (AGE_SHARE_MAX * lifeMs) / DAY_MS;
  return {
    name: 'fresh',
    met: ageDays <= threshold,
    figure: ageDays,
    threshold,
    text: `the last label it saw is ${ageDays.toFixed(1)} days old; a quarter of its life, ${threshold.toFixed(1)} days, is allowed`,
  };
}

function compatible({ incompatibilities, championVersion }: PromotionEvidence): Criterion {
  const { length } = incompatibilities;
  const fits =
    championVersion === null ? 'there is no champion to fit' : 'same feature set and universe as the champion';
  const text = length === 0 ? fits : `${incompatibilities.join('; ')}: give another experiment another name`;
  return { name: 'compatible', met: length === 0, figure: length, threshold: 0, text };
}

/** `4.00 % a year more`. */
const moreOrLess = (value: number): string => `${percent(Math.abs(value))} a year ${value < 0 ? 'less' : 'more'}`;

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
