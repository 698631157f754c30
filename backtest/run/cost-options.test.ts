import { describe, expect, it } from 'vitest';
import { costsSchema } from '../../models/experiment/costs-schema.ts';
import type { RuleOptions } from '../command-options.ts';
import { parseCosts } from './cost-options.ts';

const options = (...cost: string[]): RuleOptions => {
  const plain = { feeBps: '2', slippageBps: '3', fill: 'next-open', intrabar: 'stop-first', stopFill: 'gap' };
  return { ...plain, cost } as unknown as RuleOptions;
};

describe('--cost', () => {
  it('says what an experiment can say, part by part', () => {
    const told = ['halfSpreadBps=1', 'participation=0.1', 'latencyMs=250', 'slippage.kind=volume-share'];
    expect(parseCosts(options(...told, 'commission.perShare=0.005', 'commission.perOrderMin=1'))).toEqual({
      feeBps: 2,
      halfSpreadBps: 1,
      slippage: { kind: 'volume-share', bps: 3 },
      fill: 'next-open',
      intrabar: 'stop-first',
      stopFill: 'gap',
      participation: 0.1,
      latencyMs: 250,
      commission: { perShare: 0.005, perOrderMin: 1 },
    });
  });

  it('takes what a venue pays, no more than the value', () => {
    const paid = ['commission.makerBps=-2.5', 'commission.takerBps=7.5', 'commission.makerPerShare=-0.002'];
    expect(parseCosts(options(...paid, 'commission.takerPerShare=0.003'))).toMatchObject({
      commission: { makerBps: -2.5, takerBps: 7.5, makerPerShare: -0.002, takerPerShare: 0.003 },
    });
    expect(() => parseCosts(options('commission.makerBps=-10001'))).toThrow(/commission.makerBps/);
  });

  it.each([
    ['partcipation=0.1', /there is no partcipation; did you mean participation/],
    ['participation=2', /participation/],
    ['participation=0', /participation/],
    ['commission.perShare=-1', /commission.perShare/],
    ['commission.asset=gold', /commission.asset/],
    ['commission.perShare', /not of the form key=value/],
    ['latencyMs=nan', /latencyMs/],
  ])('refuses %s in words', (told, words) => {
    expect(() => parseCosts(options(told))).toThrow(words);
  });
});

describe('costs of an experiment', () => {
  it('take the schedule of the example, and refuse tiers that do not ascend', () => {
    const schedule = { perShare: 0, perOrderMin: 0, makerBps: 0, takerBps: 1, asset: 'quote' } as const;
    const costs = costsSchema.parse({ commission: schedule, latencyMs: 0, participation: 1 });
    expect(costs).toMatchObject({ commission: schedule, latencyMs: 0, participation: 1, feeBps: 1 });
    const tier = { from: 100, makerBps: 1, takerBps: 2 };
    expect(costsSchema.safeParse({ commission: { tiers: [tier, tier] } }).success).toBe(false);
    expect(costsSchema.safeParse({ commission: { tiers: [tier, { ...tier, from: 200 }] } }).success).toBe(true);
  });
});
