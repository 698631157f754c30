import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { limitsOf, riskLimitsSchema } from './experiment.ts';
import { buyingPower } from './limits-schema.ts';
import { loadExperiment } from './load-experiment.ts';

const folder = mkdtempSync(join(tmpdir(), 'limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string) {
  const file = join(folder, 'mine.yaml');
  writeFileSync(file, `name: mine\nuniverse: [SPX]\n${text}`);
  return loadExperiment(file);
}

describe('limits of an experiment', () => {
  it('are off unless they are named, so that an experiment keeps its identity', () => {
    expect(Object.keys(riskLimitsSchema.parse({}))).toEqual([
      ...['positionFraction', 'dailyLossFraction', 'drawdownFraction', 'orderNotionalFraction'],
      ...['grossExposureFraction', 'sectorExposureFraction', 'ordersPerMinute', 'minimumConfidence', 'shortAllowed'],
    ]);
  });

  it('take every limit with its defaults', () => {
    const { limits } = load(
      [
        'limits:',
        '  valueAtRisk: { fraction: 0.02 }',
        '  correlation: { exposureFraction: 0.5 }',
        '  symbols: { SPX: { positionNotional: 5000 } }',
        '  margin: { initial: 0.5, maintenance: 0.25 }',
        '  positionFraction: 1.5',
        'sizing: { fraction: 1.5 }',
      ].join('\n'),
    );
    expect(limits).toMatchObject({
      valueAtRisk: { level: 0.95, bars: 250, fraction: 0.02 },
      correlation: { above: 0.7, bars: 60, exposureFraction: 0.5 },
      symbols: { SPX: { positionNotional: 5_000 } },
    });
    expect(buyingPower(limitsOf({ limits }))).toBe(2);
    expect(buyingPower({})).toBe(1);
  });

  const mistakes: [what: string, text: string, said: RegExp][] = [
    ['a position beyond equity', 'limits: { positionFraction: 1.2 }', /positionFraction.*without credit.*margin/],
    ['margins that cross', 'limits: { margin: { initial: 0.2, maintenance: 0.3 } }', /maintenance.*not exceed initial/],
    ['a risk without a limit', 'limits: { valueAtRisk: { level: 0.9 } }', /valueAtRisk.*needs fraction, amount/],
    [
      'too few bars',
      'limits: { expectedShortfall: { level: 0.99, bars: 50, fraction: 0.1 } }',
      /bars.*1 \/ \(1 - level\)/,
    ],
    ['an empty group', 'limits: { groups: { a: { symbols: [SPX] } } }', /groups\.a.*exposureFraction/],
    ['a size beyond equity', 'sizing: { fraction: 1.2 }', /sizing\.fraction.*at most 1.*margin/],
    ['a risk without a stop', 'sizing: { kind: risk-per-trade }', /sizing\.kind.*protection/],
    ['a key that is none', 'limits: { positionFracton: 0.2 }', /positionFracton.*positionFraction/],
  ];
  it.each(mistakes)('refuses %s by key', (_, text, said) => expect(() => load(text)).toThrow(said));
});
