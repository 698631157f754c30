import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { utcDayOfClose } from '../../pipelines/calendars/day.ts';
import { evaluate } from './evaluation.ts';
import { runExample, type Example, type ExampleOptions } from '../testing/example-result.ts';
import { sessionOf } from '../testing/example-session.ts';
import { backtestResult, type BacktestResult } from './result.ts';
import { historyOf } from './trial-history.ts';
import { refusalGroups } from '../../trading/refusal-groups.ts';

/** The keys of the contract, in its order. */
const CONTRACT_KEYS = (
  'experiment strategy parameters limits bars from to initialCapital finalEquity peakEquity totalReturn cagr volatility sharpe sortino calmar ' +
  'maxDrawdown maxDrawdownFrom maxDrawdownTo exposure turnover trades winRate profitFactor expectancy fees slippage probabilisticSharpe ' +
  'deflatedSharpe trials probabilityOfOverfitting minimumTrackRecordLength verdict reasons baselines equity ledger journalHash'
).split(' ');

function resultOf(example: Example): BacktestResult {
  const { evaluation, walkForward } = example;
  return backtestResult({
    evaluation,
    history: historyOf([evaluation.record]),
    experiment: 'example',
    strategy: { name: 'ensemble', parameters: { a: 1 } },
    random: createRandom(7),
    walkForward,
  });
}
const run = (options: ExampleOptions): BacktestResult => resultOf(runExample(options));

function nullsIn(value: unknown, path: string[] = []): string[] {
  if (value === null) return [path.at(-1)!];
  if (typeof value !== 'object') return [];
  return Object.entries(value as object).flatMap(([key, member]) => nullsIn(member, [...path, key]));
}

describe('result document', () => {
  const result = run({});

  it('has the keys of the contract in its order, additions after them', () => {
    expect(Object.keys(result).slice(0, CONTRACT_KEYS.length)).toEqual(CONTRACT_KEYS);
    expect(Object.keys(result).slice(CONTRACT_KEYS.length)).toEqual(['excess', 'refusals', 'folds', 'outOfSample']);
    expect(Object.keys(result.baselines)).toEqual(['buyAndHold', 'buyAndHoldSameExposure', 'randomSameTurnover']);
    expect(Object.keys(result.ledger[0]!)).toEqual(
      'symbol side quantity entryTime entryPrice exitTime exitPrice pnl fees exit'.split(' '),
    );
  });

  it('survives JSON unchanged: no NaN, no Infinity, no undefined', () => {
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });

  it('agrees with itself', () => {
    expect(result.equity).toHaveLength(result.bars);
    expect(result.equity[0]).toEqual([result.from, result.initialCapital]);
    expect(result.equity.at(-1)).toEqual([result.to, result.finalEquity]);
    expect(result.ledger).toHaveLength(result.trades);
    expect(Math.max(...result.equity.map(([, equity]) => equity))).toBe(result.peakEquity);
    expect(result.minimumTrackRecordLength! % 1).toBe(0);
    expect(result).toMatchObject({
      trials: 1,
      probabilityOfOverfitting: null,
      deflatedSharpe: result.probabilisticSharpe,
    });
    expect(result.from).toBe('2012-01-02T21:00:00Z');
  });

  it('carries fold scores and pooled ones with intervals around them', () => {
    expect(result.folds).toHaveLength(6);
    expect(result.folds![0]!.informationCoefficient).toBeTypeOf('number');
    const { informationCoefficient, intervals } = result.outOfSample!;
    expect(intervals.informationCoefficient![0]).toBeLessThan(informationCoefficient!);
    expect(intervals.informationCoefficient![1]).toBeGreaterThan(informationCoefficient!);
  });

  it('is the same for the same input', () => {
    expect(JSON.stringify(run({}))).toBe(JSON.stringify(result));
  });

  it('is judged by the trials on its data: the deflated ratio falls below the probabilistic one', () => {
    const example = runExample();
    const { record } = example.evaluation;
    const others = Array.from({ length: 60 }, (_, seed) => {
      const random = createRandom(`other ${seed}`);
      const returns = record.returns.map(() => 0.01 * random.normal());
      return { timeMs: record.timeMs, returns, excessReturns: returns };
    });
    const many = backtestResult({
      ...{ evaluation: example.evaluation, experiment: null, strategy: { name: 's', parameters: {} } },
      history: historyOf([record, ...others]),
      random: createRandom(7),
    });
    expect(many.trials).toBe(61);
    expect(many.deflatedSharpe).toBeLessThan(many.probabilisticSharpe!);
    expect(many.excess.deflatedSharpe).toBeLessThan(many.excess.probabilisticSharpe!);
    expect(many.probabilityOfOverfitting).toBeTypeOf('number');
    expect(Object.keys(many).slice(-2)).toEqual(['superiorAbility', 'effectiveTrials']);
    // None of these is like another; the same tried again and again is one.
    const apart = { trials: 61, clusters: 61, deflatedSharpe: many.deflatedSharpe };
    expect(many.effectiveTrials).toMatchObject(apart);
    const again = backtestResult({
      ...{ evaluation: example.evaluation, experiment: null, strategy: { name: 's', parameters: {} } },
      history: historyOf([record, ...Array.from({ length: 9 }, () => record)]),
      random: createRandom(7),
    });
    const one = { trials: 10, clusters: 1, deflatedSharpe: again.probabilisticSharpe };
    expect(again.effectiveTrials).toMatchObject(one);
    expect(again.reasons.join()).toContain('10 trials fall into 1 cluster that');
    expect(many.superiorAbility).toMatchObject({ trials: 61, periods: record.returns.length });
    expect(many.reasons.join()).toContain("Hansen's test of superior predictive ability");
  });

  it('gives a reason for every null', () => {
    const documents = [result, run({ bars: 3 }), run({ bars: 2 }), run({ bars: 260, skill: 0 })];
    const flat = sessionOf([100, 100, 100]);
    const { baselines } = runExample({ bars: 3 }).evaluation;
    const evaluation = evaluate(
      flat,
      { ...baselines, sameExposure: null, random: [] },
      { dayOf: utcDayOfClose, periodsPerYear: 252 },
    );
    const strategy = { name: 'flat', parameters: {} };
    const history = historyOf([evaluation.record]);
    documents.push(backtestResult({ evaluation, history, experiment: null, strategy, random: createRandom(1) }));
    for (const document of documents) {
      const text = document.reasons.join('\n');
      for (const name of nullsIn({ ...document, experiment: '', ledger: [], limits: {}, excess: {}, folds: [] })) {
        if (!['purge', 'embargo'].includes(name)) expect(text, name).toContain(name);
      }
      expect(document.reasons.length).toBeGreaterThan(0);
    }
  });

  it('counts refusals by code, most frequent first', () => {
    const example = runExample({ bars: 50 });
    const refusal = { timeMs: 0, symbol: 'A', stage: 'risk', reason: '' } as const;
    const refusals = ['b', 'a', 'b'].map((code) => ({ ...refusal, code }));
    const session = { ...example.evaluation.session, refused: refusalGroups(refusals) };
    const counted = resultOf({ ...example, evaluation: { ...example.evaluation, session } });
    expect(Object.entries(counted.refusals)).toEqual([
      ['b', 2],
      ['a', 1],
    ]);
  });

  it('says what stopped the session', () => {
    const example = runExample({ bars: 50 });
    const session = { ...example.evaluation.session, reasons: ['halted by drawdown'] };
    expect(resultOf({ ...example, evaluation: { ...example.evaluation, session } }).reasons).toContain(
      'halted by drawdown',
    );
  });
});
