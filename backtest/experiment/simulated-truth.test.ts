import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { equityOf, sessionOf, tradeOf } from '../testing/example-session.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { evaluate } from '../judgement/evaluation.ts';
import { judge, type Verdict } from '../judgement/verdict.ts';

const DAYS = 500;
const TRADES = Array.from({ length: 60 }, () => tradeOf(1));

/**
 * The verdict on a strategy that is in the market on half of the days, chosen at random, in a market with the given
 * drift; `skill` is what it earns a day beyond that, in units of the market's daily deviation of 1 %. The benchmark
 * holds half of the market throughout.
 */
function verdictOf(seed: number, { skill = 0, drift = 0 }): Verdict {
  const random = createRandom(`truth ${seed}`);
  const market = Float64Array.from({ length: DAYS }, () => drift + 0.01 * random.normal());
  const invested = Float64Array.from(market, () => (random.next() < 0.5 ? 1 : 0));
  const own = market.map((value, day) => invested[day]! * value + 0.01 * skill);
  const holding = Float64Array.from([...invested, 0]);
  const session = sessionOf(equityOf(own), { netExposure: holding, grossExposure: holding, ledger: TRADES });
  const hold = sessionOf(equityOf(market.map((value) => value / 2)));
  const baselines = { buyAndHold: hold, sameExposure: hold, sameExposureScale: 1, random: [], reasons: [] };
  const { record } = evaluate(session, baselines, { dayOf: utcDayOfClose, periodsPerYear: 252 });
  return judge({
    excessReturns: record.excessReturns,
    trades: session.ledger.length,
    spread: { trials: 1, sharpeDeviation: 0 },
    periodsPerYear: 252,
    random,
  }).verdict;
}

const share = (seeds: number, wanted: Verdict, truth: { skill?: number; drift?: number }): number =>
  Array.from({ length: seeds }, (_, seed) => verdictOf(seed, truth)).filter((verdict) => verdict === wanted).length /
  seeds;

describe('verdict on simulated truth', () => {
  it('is evidence on at most 5 % of 200 strategies without skill', () => {
    expect(share(200, 'evidence', {})).toBeLessThanOrEqual(0.05);
  });

  it('does not take an upward drift for skill', () => {
    expect(share(60, 'evidence', { drift: 0.001 })).toBeLessThanOrEqual(0.05);
  });

  it('finds a planted skill', () => {
    expect(share(30, 'evidence', { skill: 0.2 })).toBeGreaterThanOrEqual(0.9);
  });
});
