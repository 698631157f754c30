/** Two records side by side: daily net returns of champion and challenger on the days both predicted out of sample. */
export interface Comparison {
  readonly days: number;
  /** Mean difference (challenger less champion) of the net return, a year. */
  readonly annualDifference: number;
  /**
   * Probability that the true Sharpe ratio of the difference exceeds what the best of `trials` worthless trials would show by luck
   * (deflated Sharpe ratio). Null where the difference does not vary.
   */
  readonly confidence: number | null;
  readonly trials: number;
}

/** Calibration of the challenger's out-of-sample probabilities. */
export interface CalibrationEvidence {
  readonly rows: number;
  /** Mean |observed - predicted| over ten bins of equal size, weighted by rows. */
  readonly error: number;
  /** What a perfectly calibrated model would show by chance on as many rows. */
  readonly errorByChance: number;
  readonly brier: number;
  /** Brier score of always stating the share of ups that the rows have. */
  readonly baseRateBrier: number;
}

/** What the gate looks at: plain figures, gathered by whoever can trade and measure. */
export interface PromotionEvidence {
  readonly name: string;
  readonly version: number;
  readonly modelHash: string;
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
  readonly outcome: 'first' | 'promoted' | 'refused' | 'overridden' | 'rolled-back';
  readonly criteria: readonly Criterion[];
  /** The operator's words where one overrode the gate; null otherwise. */
  readonly reason: string | null;
  readonly decidedAtMs: number;
}

/** Confidence that is asked of a challenger; of the successor of a champion that may not trade, only that it is not shown to be worse. */
export const CONFIDENCE_MIN = 0.95;
export const NOT_WORSE_MIN = 0.05;
/** Days that both must have predicted: fewer say nothing. */
export const SHARED_DAYS_MIN = 60;
/** Calibration error beyond what chance explains. */
export const CALIBRATION_EXCESS_MAX = 0.03;
/** Brier score above that of the base rate, as a share of it: a model that says nothing has 0, one that is sure and wrong much more. */
export const BRIER_EXCESS_MAX = 0.01;
/** Share of its life that a challenger may have behind it. */
export const AGE_SHARE_MAX = 0.25;

const DAY_MS = 86_400_000;

/** Decides. Pure: the same evidence gives the same decision. A refusal is a value. */
export function decidePromotion(evidence: PromotionEvidence, decidedAtMs: number): PromotionDecision {
  const criteria = [better(evidence), unleaked(evidence), calibrated(evidence), fresh(evidence), compatible(evidence)];
  const { name, version, modelHash, championVersion } = evidence;
  const outcome = criteria.every(({ met }) => met) ? 'promoted' : 'refused';
  return { name, version, modelHash, championVersion, outcome, criteria, reason: null, decidedAtMs };
}

function better({ comparison, comparisonReason, championFaults }: PromotionEvidence): Criterion {
  const usable = championFaults.length === 0;
  const threshold = usable ? CONFIDENCE_MIN : NOT_WORSE_MIN;
  const head = { name: 'better', threshold } as const;
  if (comparison === null) return { ...head, met: false, figure: null, text: `no comparison: ${comparisonReason}` };
  const { days, annualDifference, confidence, trials } = comparison;
  const asked = usable
    ? `at least ${CONFIDENCE_MIN} is asked`
    : `the champion may not trade (${championFaults.join('; ')}), so ${NOT_WORSE_MIN}, not shown to be worse, is enough`;
  if (days < SHARED_DAYS_MIN) {
    const text = `both predicted ${days} days out of sample; ${SHARED_DAYS_MIN} are the least that say something`;
    return { ...head, met: false, figure: confidence, text };
  }
  if (confidence === null) {
    const text = 'the net returns of both are the same on every day';
    // Equal is not worse.
    return { ...head, met: !usable, figure: null, text: `${text}: ${asked}` };
  }
  const text =
    `net of costs ${percent(annualDifference)} a year against the champion on ${days} days both predicted out of sample; ` +
    `confidence after ${trials} ${trials === 1 ? 'trial' : 'trials'} ${confidence.toFixed(3)}, ${asked}`;
  return { ...head, met: confidence >= threshold, figure: confidence, text };
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
      `calibration error ${error.toFixed(4)} on ${rows} rows, ${errorByChance.toFixed(4)} of it by chance, at most ` +
      `${CALIBRATION_EXCESS_MAX} beyond that; Brier score ${brier.toFixed(4)}, of the base rate ${baseRateBrier.toFixed(4)}, ` +
      `at most ${percent(BRIER_EXCESS_MAX)} above it`,
  };
}

function fresh({ trainedToMs, newestMs, lifeMs }: PromotionEvidence): Criterion {
  const ageDays = (newestMs - trainedToMs) / DAY_MS;
  const threshold = (AGE_SHARE_MAX * lifeMs) / DAY_MS;
  return {
    name: 'fresh',
    met: ageDays <= threshold,
    figure: ageDays,
    threshold,
    text: `the last label it saw is ${ageDays.toFixed(1)} days old; a quarter of its life, ${threshold.toFixed(1)} days, is allowed`,
  };
}

function compatible({ incompatibilities }: PromotionEvidence): Criterion {
  const { length } = incompatibilities;
  const text =
    length === 0
      ? 'same feature set and universe as the champion'
      : `${incompatibilities.join('; ')}: give another experiment another name`;
  return { name: 'compatible', met: length === 0, figure: length, threshold: 0, text };
}

const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
