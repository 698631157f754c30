import type { Random } from '../../infra/random.ts';
import { blockLength, quantile, resampleBars } from '../scores/block-bootstrap.ts';

/** Predictions with what came true, ascending in decision time; several rows of one time are one bar. */
export interface LabelledRows {
  readonly decisionTimeMs: Float64Array;
  readonly probability: Float64Array;
  readonly y: Float64Array;
}

/**
 * What the out-of-sample record of the training leads one to expect, and the worst that this record leaves room for.
 */
export interface Expectation {
  readonly bars: number;
  readonly brier: number;
  /** Upper end of the one-sided 95 % block-bootstrap interval of the mean. */
  readonly brierWorst: number;
  /** Mean of label less probability, and the largest absolute value its 95 % interval leaves room for. */
  readonly bias: number;
  readonly biasWorst: number;
}

/** One sequential test: evidence against the expectation, as a factor; an alarm at 1 / the rate of false alarms. */
interface SequentialTest {
  /** The largest that the wealth of a gambler against the expectation has been; 1 is no evidence. */
  readonly evidence: number;
  readonly limit: number;
  readonly alarm: boolean;
}

export interface ScoreDecay {
  readonly bars: number;
  readonly brier: number | null;
  readonly bias: number | null;
  readonly score: SequentialTest;
  readonly calibration: SequentialTest;
}

interface BarSeries {
  readonly loss: Float64Array;
  readonly bias: Float64Array;
}

/** Mean Brier loss and mean (label - probability) of each bar. */
function byBar({ decisionTimeMs, probability, y }: LabelledRows): BarSeries {
  const loss: number[] = [];
  const bias: number[] = [];
  for (let from = 0; from < y.length;) {
    let to = from;
    let [sumLoss, sumBias] = [0, 0];
    for (; to < y.length && decisionTimeMs[to] === decisionTimeMs[from]; to++) {
      sumLoss += (probability[to]! - y[to]!) ** 2;
      sumBias += y[to]! - probability[to]!;
    }
    loss.push(sumLoss / (to - from));
    bias.push(sumBias / (to - from));
    from = to;
  }
  return { loss: Float64Array.from(loss), bias: Float64Array.from(bias) };
}

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const RESAMPLES = 1_000;

/** Measures a training's out-of-sample record; null below 30 bars, which leave room for anything. */
export function expectationOf(
  record: LabelledRows,
  options: { horizonBars: number; random: Random },
): Expectation | null {
  const { loss, bias } = byBar(record);
  const bars = loss.length;
  if (bars < 30) return null;
  const blockBars = blockLength(bars, options.horizonBars);
  const [losses, biases] = [new Float64Array(RESAMPLES), new Float64Array(RESAMPLES)];
  for (let sample = 0; sample < RESAMPLES; sample++) {
    const counts = resampleBars(bars, { random: options.random, blockBars });
    for (let bar = 0; bar < bars; bar++) {
      losses[sample]! += (counts[bar]! * loss[bar]!) / bars;
      biases[sample]! += (counts[bar]! * bias[bar]!) / bars;
    }
  }
  losses.sort();
  biases.sort();
  return {
    bars,
    brier: mean(loss),
    brierWorst: quantile(losses, 0.95),
    bias: mean(bias),
    biasWorst: Math.max(Math.abs(quantile(biases, 0.025)), Math.abs(quantile(biases, 0.975))),
  };
}

/** Stakes of the gamblers whose wealth is averaged, as shares of what can be lost at most. */
const STAKES = [0.05, 0.1, 0.2, 0.4, 0.8];

/**
 * Tests by betting (Waudby-Smith and Ramdas, "Estimating Means of Bounded Random Variables by Betting", JRSS B 86(1),
 * 2024): whoever bets in every bar that the loss exceeds what it is said to be on average can multiply the stake only
 * if that is so. By Ville's inequality the wealth ever reaches 1 / rate with probability at most `rate`, however often
 * and however long one looks: a test that may be repeated every day for the life of a model. Wealth is averaged over
 * fixed stakes.
 * @param excess value less the mean that is claimed, at least `-worst` each
 */
function bet(excess: Float64Array, worst: number, rate: number): SequentialTest {
  const wealth = STAKES.map(() => 1);
  let evidence = 1;
  for (const value of excess) {
    STAKES.forEach((stake, k) => (wealth[k]! *= 1 + (stake / worst) * value));
    evidence = Math.max(evidence, wealth.reduce((sum, one) => sum + one, 0) / wealth.length);
  }
  return { evidence, limit: 1 / rate, alarm: evidence >= 1 / rate };
}

/**
 * Compares live predictions whose labels are known with the expectation. Bars are taken `horizonBars` apart, because
 * labels that overlap depend on each other. `score`: the Brier score is worse than the training's record leaves room
 * for. `calibration`: ups come more, or less, often than said. Each takes half of `falseAlarmRate`, over the whole life
 * of the model.
 */
export function scoreDecay(
  live: LabelledRows,
  expected: Expectation,
  { horizonBars, falseAlarmRate }: { horizonBars: number; falseAlarmRate: number },
): ScoreDecay {
  const whole = byBar(live);
  const apart = (values: Float64Array): Float64Array => values.filter((_, bar) => bar % horizonBars === 0);
  const { brierWorst, biasWorst } = expected;
  const score = bet(
    apart(whole.loss).map((loss) => loss - brierWorst),
    brierWorst,
    falseAlarmRate / 2,
  );
  const bias = apart(whole.bias);
  const sides = [1, -1].map((side) =>
    bet(
      bias.map((value) => side * value - biasWorst),
      1 + biasWorst,
      falseAlarmRate / 4,
    ),
  );
  const worse = sides[0]!.evidence >= sides[1]!.evidence ? sides[0]! : sides[1]!;
  const bars = whole.loss.length;
  return {
    bars,
    brier: bars === 0 ? null : mean(whole.loss),
    bias: bars === 0 ? null : mean(whole.bias),
    score,
    calibration: worse,
  };
}
