import { SHORT_PARAMETERS } from './testing/short-parameters.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { BarView } from '../bar-view.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import type { Json } from './memory.ts';
import { createModelStrategy, storedPredictors } from './model-signals.ts';
import { createRuleStrategy, RULE_STRATEGIES } from './rule-strategies.ts';
import type { Strategy } from './strategy.ts';

function columns(symbol: string, closes: readonly number[]): BarColumns {
  const bars = createBarColumns(symbol, closes.length);
  closes.forEach((close, row) => {
    bars.openTimeMs[row] = row * 10;
    bars.closeTimeMs[row] = row * 10 + 10;
    for (const name of ['open', 'high', 'low', 'close'] as const) bars[name][row] = close;
  });
  return bars;
}

/** Two legs that move together. */
const legs = (closes: readonly number[]): BarColumns[] => [
  columns('A', closes),
  columns(
    'B',
    closes.map((close, row) => (close > 0 ? close * 2 + ((row * 7) % 5) : close)),
  ),
];

class Asked {
  readonly #series;
  readonly #views;
  readonly #symbols;

  constructor(strategy: Strategy, bars: readonly BarColumns[]) {
    this.#series = bars.map((one) => ({ bars: one, last: -1 }));
    this.#views = this.#series.map((one) => new BarView(one));
    this.#symbols = strategy.forSession?.(this.#views).symbols ?? bars.map(({ symbol }) => strategy.forSymbol(symbol));
  }

  /** What is said at each close from `from` to `to` (excluded): action and target, or the code of a refusal. */
  say(from: number, to: number): string[] {
    const said: string[] = [];
    for (let row = from; row < to; row++) {
      for (const one of this.#series) one.last = row;
      for (const [at, symbol] of this.#symbols.entries()) {
        const { action, target, fault } = symbol.decide(this.#views[at]!);
        said.push(fault?.code ?? `${action}${target === undefined ? '' : ` ${target}`}`);
      }
    }
    return said;
  }

  save(): string {
    return JSON.stringify(this.#symbols.map((symbol) => symbol.save!()));
  }

  restore(text: string): void {
    const states = JSON.parse(text) as Json[];
    this.#symbols.forEach((symbol, at) => symbol.restore!(states[at]!));
  }
}

const walks = fc
  .array(fc.constantFrom(-40, -10, -5, 0, 0, 5, 10, 40), { minLength: 50, maxLength: 90 })
  .map((steps) => {
    let tick = 5_000;
    return steps.map((step) => (tick += step) / 100);
  });
const BAD = [NaN, Infinity, -Infinity, 0, -5];

describe('a strategy that is restored', () => {
  it('says what one says that was never stopped, wherever it was saved, bad bars included', () => {
    fc.assert(
      fc.property(
        walks,
        fc.nat({ max: 49 }),
        fc.array(fc.tuple(fc.nat({ max: 49 }), fc.constantFrom(...BAD)), { maxLength: 3 }),
        (closes, cut, bad) => {
          const given = [...closes];
          for (const [row, price] of bad) given[row] = price;
          for (const name of RULE_STRATEGIES) {
            const made = (): Asked => new Asked(createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {}), legs(given));
            const [whole, first, second] = [made(), made(), made()];
            const expected = whole.say(0, given.length);
            const before = first.say(0, cut);
            second.restore(first.save());
            expect([name, ...before, ...second.say(cut, given.length)]).toEqual([name, ...expected]);
            expect([name, second.save()]).toEqual([name, whole.save()]);
          }
        },
      ),
      { numRuns: 40, seed: 3 },
    );
  });

  it('keeps the age of a prediction', () => {
    const table = {
      symbol: ['A', 'A'],
      decisionTimeMs: Float64Array.of(10, 40),
      probability: Float64Array.of(0.7, 0.2),
      trainedToMs: Float64Array.of(5, 5),
      expiresAtMs: Float64Array.of(Infinity, Infinity),
    };
    const strategy = createModelStrategy(storedPredictors(table), { buyAbove: 0.6, sellBelow: 0.4 });
    const ages = (cut: number): number[] => {
      const series = { bars: columns('A', [1, 1, 1, 1, 1]), last: -1 };
      let symbol = strategy.forSymbol('A');
      return [0, 1, 2, 3, 4].map((row) => {
        if (row === cut) {
          const state = symbol.save!();
          symbol = strategy.forSymbol('A');
          symbol.restore!(JSON.parse(JSON.stringify(state)) as Json);
        }
        series.last = row;
        return symbol.decide(new BarView(series)).ageBars;
      });
    };
    for (const cut of [1, 2, 3, 4]) expect(ages(cut)).toEqual(ages(-1));
  });

  it('refuses the state of other parameters', () => {
    const state = createRuleStrategy('sma-cross', { fast: 2, slow: 5 }).forSymbol('A').save!();
    const other = createRuleStrategy('sma-cross', { fast: 2, slow: 50 }).forSymbol('A');
    expect(() => other.restore!(state)).toThrow(/state does not fit/);
    expect(() => other.restore!(null)).toThrow(/state does not fit/);
  });
});

describe('bars without a price', () => {
  const walk = Array.from({ length: 60 }, (_, row) => 50 + Math.round(300 * Math.sin(row / 3)) / 100 + row / 100);

  it('are refused, one refusal each, and passed over as if they had never been', () => {
    for (const name of RULE_STRATEGIES.filter((one) => one !== 'pairs')) {
      for (const bad of BAD) {
        const rows = [0, 7, 30, 31];
        const given = walk.flatMap((close, row) => (rows.includes(row) ? [bad, close] : [close]));
        const strategy = createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {});
        const said = new Asked(strategy, [columns('A', given)]).say(0, given.length);
        expect([name, bad, said.filter((one) => one === 'not-finite').length]).toEqual([name, bad, rows.length]);
        const clean = new Asked(strategy, [columns('A', walk)]).say(0, walk.length);
        expect([name, bad, ...said.filter((one) => one !== 'not-finite')]).toEqual([name, bad, ...clean]);
      }
    }
  });

  it('end no session: each is a recorded refusal, also of two legs, and duplicated bars are bars', () => {
    for (const name of RULE_STRATEGIES) {
      for (const bad of BAD) {
        const bars = legs(walk.flatMap((close, row) => (row % 20 === 10 ? [close, bad, close, close] : [close])));
        const { refusals } = runHistoricalSession({
          bars,
          instruments: [testInstrument('A'), testInstrument('B')],
          strategy: createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {}),
          sizing: { kind: 'fraction-of-equity', fraction: 0.1 },
          limits: NAMED_LIMITS.unbounded,
          broker: simulatedBroker(),
          capital: 1_000,
        });
        const unpriced = refusals.filter(({ stage, code }) => stage === 'signal' && code === 'not-finite');
        expect([name, bad, unpriced.length]).toEqual([name, bad, 6]);
      }
    }
  });

  it('of a range that a rule reads are refused too', () => {
    const bars = columns('A', walk);
    bars.high[20] = NaN;
    bars.low[40] = 0;
    for (const [name, refused] of [
      ['breakout', 2],
      ['blend', 2],
      ['momentum', 0],
    ] as const) {
      const said = new Asked(createRuleStrategy(name, SHORT_PARAMETERS[name] ?? {}), [bars]).say(0, walk.length);
      expect([name, said.filter((one) => one === 'not-finite').length]).toEqual([name, refused]);
    }
  });
});
