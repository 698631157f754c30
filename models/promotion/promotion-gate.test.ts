import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { calibrationEvidence } from './calibration-evidence.ts';
import { overrule } from './promote.ts';
import { decidePromotion, type Criterion, type PromotionEvidence } from './promotion-gate.ts';

const good: PromotionEvidence = {
  name: 'm',
  version: 2,
  modelHash: 'hash',
  championVersion: 1,
  championFaults: [],
  comparison: {
    rival: 'champion',
    days: 500,
    annualDifference: 0.04,
    annualExcess: 0.03,
    confidence: 0.97,
    aloneConfidence: 0.99,
    trials: 12,
    offers: 1,
    sinceMs: Date.UTC(2024, 1, 3),
  },
  comparisonReason: null,
  leakage: { compared: 10_000, findings: [] },
  calibration: { rows: 2000, error: 0.04, errorByChance: 0.03, brier: 0.248, baseRateBrier: 0.25 },
  trainedToMs: 100 * DAY_MS,
  lifeMs: 200 * DAY_MS,
  newestMs: 140 * DAY_MS,
  incompatibilities: [],
};

const decide = (changes: Partial<PromotionEvidence> = {}) => decidePromotion({ ...good, ...changes }, 1);
const missed = (changes: Partial<PromotionEvidence>): Criterion['name'][] => {
  const { outcome, criteria } = decide(changes);
  expect(outcome).toBe('refused');
  return criteria.filter(({ met }) => !met).map(({ name }) => name);
};

describe('the promotion gate', () => {
  it('promotes on evidence that meets every criterion and says each figure', () => {
    const decision = decide();
    expect(decision).toMatchObject({ outcome: 'promoted', version: 2, championVersion: 1, reason: null });
    expect(decision.criteria.map(({ name }) => name)).toEqual([
      'better',
      'leakage',
      'calibrated',
      'fresh',
      'compatible',
    ]);
    const { text } = decision.criteria[0]!;
    expect(text).toContain('net of costs 4.00 % a year more than the champion on 500 days');
    expect(text).toContain('3.00 % a year more at equal exposure');
    expect(text).toContain('confidence 0.970 after 12 trials and 1 offer since 2024-02-03');
  });

  it('says less where it is less', () => {
    const poorer = decide({ comparison: { ...good.comparison!, annualDifference: -0.02 } });
    expect(poorer.criteria[0]!.text).toContain('net of costs 2.00 % a year less than the champion');
  });

  it('makes the first of a name champion on the same criteria, beside holding', () => {
    const first = { championVersion: null, comparison: { ...good.comparison!, rival: 'holding' } } as const;
    const { outcome, criteria } = decide(first);
    expect(outcome).toBe('first');
    expect(criteria[0]!.text).toContain('there is no champion, so it is compared with buy-and-hold');
    expect(criteria.at(-1)!.text).toBe('there is no champion to fit');
    const { comparison } = first;
    expect(missed({ ...first, comparison: { ...comparison, confidence: 0.9 } })).toEqual(['better']);
    expect(missed({ ...first, comparison: { ...comparison, confidence: null } })).toEqual(['better']);
    expect(missed({ ...first, leakage: null })).toEqual(['leakage']);
  });

  it.each<[string, Partial<PromotionEvidence>, Criterion['name']]>([
    ['not sure enough', { comparison: { ...good.comparison!, confidence: 0.949 } }, 'better'],
    ['poorer', { comparison: { ...good.comparison!, annualDifference: -0.01 } }, 'better'],
    ['better by exposure alone', { comparison: { ...good.comparison!, annualExcess: 0 } }, 'better'],
    ['too few shared days', { comparison: { ...good.comparison!, days: 59 } }, 'better'],
    ['the same on every day', { comparison: { ...good.comparison!, confidence: null } }, 'better'],
    ['nothing to compare', { comparison: null, comparisonReason: 'no champion' }, 'better'],
    ['a leak', { leakage: { compared: 10, findings: ['features: f of A'] } }, 'leakage'],
    ['nobody hunted', { leakage: null }, 'leakage'],
    ['a hunt that looked at nothing', { leakage: { compared: 0, findings: [] } }, 'leakage'],
    ['miscalibrated', { calibration: { ...good.calibration!, error: 0.061 } }, 'calibrated'],
    ['sure and wrong', { calibration: { ...good.calibration!, brier: 0.2526 } }, 'calibrated'],
    ['no predictions', { calibration: null }, 'calibrated'],
    ['old', { newestMs: 151 * DAY_MS }, 'fresh'],
    ['other features', { incompatibilities: ['other features'] }, 'compatible'],
  ])('refuses: %s', (_what, changes, name) => expect(missed(changes)).toEqual([name]));

  it('asks of the successor of an expired champion only that it is not shown to be worse', () => {
    const championFaults = ['it expired on 2020-01-01'];
    const unsure = { comparison: { ...good.comparison!, confidence: 0.001, aloneConfidence: 0.4 } };
    expect(missed(unsure)).toEqual(['better']);
    expect(decide({ championFaults, ...unsure }).outcome).toBe('promoted');
    expect(missed({ championFaults, comparison: { ...good.comparison!, aloneConfidence: 0.04 } })).toEqual(['better']);
    const same = { ...good.comparison!, confidence: null, aloneConfidence: null };
    expect(decide({ championFaults, comparison: same }).outcome).toBe('promoted');
  });

  it('never promotes what lacks a figure', () => {
    const absent = fc.constantFrom('comparison', 'leakage', 'calibration');
    fc.assert(fc.property(absent, (key) => decide({ [key]: null }).outcome === 'refused'));
  });
});

describe('an override', () => {
  const weak = decide({ comparison: { ...good.comparison!, confidence: 0.5 } });

  it('keeps the criteria and the reason', () => {
    const overridden = overrule(weak, ' the champion’s data were wrong ');
    expect(overridden).toMatchObject({ outcome: 'overridden', reason: 'the champion’s data were wrong' });
    expect(overridden.criteria).toEqual(weak.criteria);
    expect(overrule(decide(), 'not needed').outcome).toBe('promoted');
  });

  it('needs a reason and cannot overrule a leak or other features', () => {
    expect(() => overrule(weak, ' ')).toThrow(/needs a reason/);
    expect(() => overrule(decide({ leakage: { compared: 9, findings: ['x'] } }), 'please')).toThrow(/even by force/);
    expect(() => overrule(decide({ incompatibilities: ['y'] }), 'please')).toThrow(/even by force/);
  });
});

describe('calibration evidence', () => {
  /** Outcomes that come true with `truth(p)`. */
  const evidenceOf = (seed: number, truth: (p: number) => number) => {
    const random = createRandom(seed);
    const probability = Float64Array.from({ length: 1000 }, () => 0.3 + 0.4 * random.next());
    return calibrationEvidence(
      probability,
      probability.map((p) => (random.next() < truth(p) ? 1 : 0)),
    )!;
  };
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('expects by chance what a calibrated model shows', () => {
    const excess = Array.from({ length: 50 }, (_, seed) => evidenceOf(seed, (p) => p)).map(
      ({ error, errorByChance }) => error - errorByChance,
    );
    expect(Math.abs(mean(excess))).toBeLessThan(0.004);
    const shifted = evidenceOf(1, (p) => p + 0.1);
    expect(shifted.error - shifted.errorByChance).toBeGreaterThan(0.04);
  });

  it('holds the Brier score against a constant that knows the training rate, and the gate says where it is no better', () => {
    const y = Float64Array.of(1, 0, 1, 1);
    const rate = Float64Array.of(0.5, 0.5, 0.6, 0.6);
    const evidence = calibrationEvidence(Float64Array.of(0.55, 0.5, 0.6, 0.6), y, rate)!;
    expect(evidence.baseRateBrier).toBeCloseTo((0.25 + 0.25 + 0.16 + 0.16) / 4, 14);
    expect(evidence.brier).toBeCloseTo((0.45 ** 2 + 0.25 + 0.16 + 0.16) / 4, 14);
    const said = (brier: number): string =>
      decide({ calibration: { ...good.calibration!, brier } }).criteria.find(({ name }) => name === 'calibrated')!.text;
    expect(said(0.2501)).toMatch(
      /^no better than a constant that knows the training rate: .*0\.2501, of that constant 0\.25/,
    );
    expect(said(0.2499)).not.toContain('no better');
  });

  it('is absent where only one class came true', () => {
    expect(calibrationEvidence(Float64Array.of(0.5, 0.6), Float64Array.of(1, 1))).toBeNull();
    expect(calibrationEvidence(new Float64Array(0), new Float64Array(0))).toBeNull();
  });
});
