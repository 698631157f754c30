import { describe, expect, it } from 'vitest';
import { EXAMPLE_COSTS, runExample } from '../testing/example-result.ts';
import { exampleReport } from '../testing/example-report.ts';
import { renderReport } from '../report/render-report.ts';
import { attributionOf } from './attribution.ts';
import { costSensitivity } from './cost-sensitivity.ts';
import { rerun } from './rerun.ts';
import { scaledFinancing } from './scaled-costs.ts';

const CONTEXT = { entryOf: () => null, regimeOf: () => null };

describe('a session that pays for what it holds', () => {
  const { evaluation, options } = runExample({ bars: 400, skill: 0.15 });
  const financing = { borrow: 0.02, funding: 0.3, credit: 0.01 };
  const plan = { ...options, financing };
  const session = rerun(plan, {});
  const { market } = evaluation;

  it('tells what borrowing, funding and interest took apart from fees and slippage', () => {
    const { cost } = attributionOf(session, CONTEXT);
    const { borrow, funding, interest } = session.financing!;
    expect(cost).toMatchObject({ borrow, funding, interest });
    expect(funding).toBeGreaterThan(0);
    expect(interest).toBeLessThan(0);
    const all = cost.fees + cost.slippage + cost.borrow + cost.funding + cost.interest;
    expect(cost.gross - all).toBeCloseTo(session.equity.at(-1)! - session.initialCapital, 6);
    // Without it nothing is told that was not before.
    const without = attributionOf(evaluation.session, CONTEXT).cost;
    expect(without).toMatchObject({ borrow: 0, funding: 0, interest: 0 });
  });

  it('is run at multiples of it by itself, costs of trading as they are', () => {
    const { holding, points } = costSensitivity({ plan, session, costs: EXAMPLE_COSTS, market }).section;
    expect(holding!.points.map(({ multiple }) => multiple)).toEqual([0, 0.5, 1, 2, 3, 5]);
    const totals = holding!.points.map(({ totalReturn }) => totalReturn);
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
    expect(totals[2]).toBe(points[2]!.totalReturn);
    const credited = rerun(plan, { financing: { credit: 0.01 } });
    expect(totals[0]).toBeCloseTo(credited.equity.at(-1)! / session.initialCapital - 1, 12);
  });

  it('is run so where trading is free, and shown in the report', async () => {
    const free = costSensitivity({ plan, session, costs: {}, market }).section;
    expect([free.points.length, free.holding!.points.length]).toEqual([1, 6]);
    const none = costSensitivity({ plan: options, session: evaluation.session, costs: EXAMPLE_COSTS, market }).section;
    expect(none).not.toHaveProperty('holding');
    const whole = runExample({ bars: 400, skill: 0.15 });
    const paid = exampleReport({ ...whole, options: plan, evaluation: { ...whole.evaluation, session } });
    const page = await renderReport(paid);
    expect(page).toContain('At multiples of what holding costs');
    expect(page).toMatch(/<th[^>]*>borrow<\/th>\s*<th[^>]*>funding<\/th>\s*<th[^>]*>interest</);
    expect(await renderReport(exampleReport(whole))).not.toContain('what holding costs');
  });
});

it('every rate is multiplied but what cash earns', () => {
  const steps = [{ from: '2020-01-01', rate: 0.1 }];
  const rule = { borrow: 0.1, debit: steps, credit: 0.2, symbols: { A: { funding: 0.3 } }, daysInYear: 360 } as const;
  expect(scaledFinancing(rule, 2)).toEqual({
    ...{ borrow: 0.2, funding: undefined, debit: [{ from: '2020-01-01', rate: 0.2 }], credit: 0.2, daysInYear: 360 },
    symbols: { A: { borrow: undefined, funding: 0.6 } },
  });
});

it('a session without a trade says that, not that nothing was earned', () => {
  const { evaluation, options } = runExample({ bars: 60, skill: 0 });
  const still = { ...options, sizing: { kind: 'units', units: 1e-12 } as const, financing: { borrow: 0.1 } };
  const session = rerun(still, {});
  expect(session.fills).toBe(0);
  const { reasons } = costSensitivity({ plan: still, session, costs: EXAMPLE_COSTS, market: evaluation.market });
  expect(reasons.filter((reason) => /breakEven/.test(reason))).toEqual([
    'costSensitivity: breakEvenMultiple: nothing was traded.',
    'costSensitivity: breakEvenBps: nothing was traded.',
    'costSensitivity: holding: breakEvenMultiple: nothing was traded.',
  ]);
});
