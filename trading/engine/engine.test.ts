import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns } from '../../features/bar.ts';
import { NAMED_LIMITS, type RiskLimits } from '../../models/experiment/experiment.ts';
import type { Command, Effect } from '../effect.ts';
import { createMarket, createMarketStep } from '../market.ts';
import { createSizer, type SizingRule } from '../risk/sizing.ts';
import { OPEN_SIGNAL_RULES, type SignalRules } from '../signals/signal-validator.ts';
import { HOLD, ruleSignal, type Signal, type Strategy } from '../strategies/strategy.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { Engine, type EngineEvent } from './engine.ts';

const BAR_MS = 60_000;
type Word = 'BUY' | 'SELL' | 'HOLD';

interface SetUp {
  /** Closes of each symbol, a minute apart. */
  readonly closes: readonly (readonly number[])[];
  /** What the strategy says at each close. */
  readonly words: readonly (readonly Word[])[];
  readonly sizing?: SizingRule;
  readonly limits?: Partial<RiskLimits>;
  readonly rules?: Partial<SignalRules>;
}

function scripted(words: SetUp['words']): Strategy {
  let symbols = 0;
  return {
    name: 'scripted',
    parameters: {},
    forSymbol: () => {
      const said = words[symbols++]!;
      return {
        decide: (view): Signal => {
          const word = said[view.length - 1] ?? 'HOLD';
          return word === 'HOLD' ? HOLD : ruleSignal(word, 'script');
        },
      };
    },
  };
}

/** An engine over a market that is walked by hand. 10,000 of capital, 10 units a position unless told otherwise. */
function setUp({ closes, words, sizing, limits, rules }: SetUp) {
  const bars = closes.map((list, symbol) => {
    const columns = createBarColumns(`S${symbol}`, list.length);
    list.forEach((close, row) => {
      columns.openTimeMs[row] = row * BAR_MS;
      columns.closeTimeMs[row] = (row + 1) * BAR_MS;
      columns.close[row] = close;
    });
    return columns;
  });
  const market = createMarket(
    bars,
    bars.map(({ symbol }) => testInstrument(symbol)),
  );
  const engine = new Engine({
    market,
    strategy: scripted(words),
    sizer: createSizer(sizing ?? { kind: 'units', units: 10 }, { symbols: bars.length, barsPerYear: 252 }),
    rules: { ...OPEN_SIGNAL_RULES, ...rules },
    limits: { ...NAMED_LIMITS.unbounded, ...limits },
    capital: 10_000,
    dayOf: () => 0,
  });
  const step = createMarketStep(bars.length);
  /** The next bar of every symbol closes. */
  const close = (lateMs = 0): readonly Effect[] => {
    step.kind = 'close';
    step.count = bars.length;
    market.series.forEach((series, symbol) => {
      series.last += 1;
      step.symbols[symbol] = symbol;
      step.index[symbol] = series.last;
    });
    step.timeMs = bars[0]!.closeTimeMs[market.series[0]!.last]! + lateMs;
    return engine.onClose(step);
  };
  const fill = (
    sequence: number,
    quantity: number,
    more: { price?: number; final?: boolean; symbol?: number } = {},
  ) => {
    const { price = 100, final = true, symbol = 0 } = more;
    const { timeMs } = step;
    return engine.handle({ kind: 'fill', sequence, timeMs, symbol, quantity, price, fee: 0, slippage: 0, final });
  };
  const command = (word: Command['command']) => engine.handle({ kind: 'command', timeMs: step.timeMs, command: word });
  return { engine, close, fill, command };
}

const kinds = (effects: readonly Effect[]): string[] =>
  effects.map((effect) => (effect.kind === 'refusal' ? effect.code : effect.kind));

describe('Engine at closes', () => {
  it('says the signal, then its order; nothing for HOLD, nor for what is held already', () => {
    const { engine, close, fill } = setUp({ closes: [[100, 100, 100]], words: [['HOLD', 'BUY', 'BUY']] });
    expect(close()).toEqual([]);
    const effects = close();
    expect(kinds(effects)).toEqual(['signal', 'order']);
    expect(effects[1]).toMatchObject({ sequence: 1, quantity: 10, timeMs: 2 * BAR_MS, price: 100 });
    fill(1, 10);
    expect(kinds(close())).toEqual(['signal']);
    expect(engine.portfolio.quantity[0]).toBe(10);
    expect(engine.bars).toBe(3);
  });

  it('has one working order a symbol: a second waits for the end of the first', () => {
    const words: Word[] = ['BUY', 'BUY', 'SELL', 'SELL'];
    const { close, fill } = setUp({ closes: [[100, 100, 100, 100]], words: [words] });
    close();
    expect(kinds(close())).toEqual(['signal', 'order-working']);
    fill(1, 4, { final: false });
    expect(kinds(close())).toEqual(['signal', 'order-working']);
    fill(1, 6);
    expect(close()).toMatchObject([{ kind: 'signal' }, { kind: 'order', sequence: 2, quantity: -10, reduces: true }]);
  });

  it('marks at the last good price where a close is none, and refuses to trade at it', () => {
    const { engine, close, fill } = setUp({ closes: [[100, 120, NaN, 0]], words: [['BUY', 'HOLD', 'SELL', 'SELL']] });
    close();
    fill(1, 10);
    close();
    expect(engine.portfolio.equity).toBe(10_200);
    for (let bar = 0; bar < 2; bar++) {
      expect(kinds(close())).toEqual(['signal', 'not-finite']);
      expect(engine.portfolio.equity).toBe(10_200);
    }
  });

  it('counts a bar that comes late as so many bars old', () => {
    const { close } = setUp({ closes: [[100, 100, 100]], words: [['BUY', 'BUY', 'BUY']], rules: { maxAgeBars: 1 } });
    expect(kinds(close(2 * BAR_MS))).toEqual(['signal', 'stale']);
    expect(kinds(close(2 * BAR_MS - 1))).toEqual(['signal', 'order']);
  });

  it('keeps a cooldown for opening alone', () => {
    const words: Word[] = ['BUY', 'SELL', 'BUY', 'BUY', 'BUY'];
    const { close, fill } = setUp({ closes: [[9, 9, 9, 9, 9]], words: [words], rules: { cooldownBars: 2 } });
    close();
    fill(1, 10);
    expect(kinds(close())).toEqual(['signal', 'order']);
    fill(2, -10);
    expect(kinds(close())).toEqual(['signal', 'cooldown']);
    expect(kinds(close())).toEqual(['signal', 'cooldown']);
    expect(kinds(close())).toEqual(['signal', 'order']);
  });

  it('never turns a target to the other side when equity is gone: a BUY covers the whole short', () => {
    for (const sizing of [
      { kind: 'all-in' },
      { kind: 'fraction-of-equity', fraction: 0.5 },
      { kind: 'equal-weight' },
    ] as const) {
      const words: Word[] = ['SELL', 'BUY', 'SELL'];
      const { engine, close, fill } = setUp({
        closes: [[100, 500, 500]],
        words: [words],
        sizing,
        rules: { longShort: true },
      });
      close();
      fill(1, -100, { price: 100 });
      const [, order] = close();
      expect(engine.portfolio.equity).toBe(-30_000);
      expect(order).toMatchObject({ kind: 'order', quantity: 100, fraction: 0, reduces: true });
      fill(2, 100, { price: 500 });
      expect(kinds(close())).toEqual(['signal', 'no-equity']);
    }
  });
});

describe('Engine and its operator', () => {
  it('halts openings, and lets positions close', () => {
    const { close, fill, command } = setUp({
      closes: [
        [100, 100],
        [100, 100],
      ],
      words: [
        ['BUY', 'SELL'],
        ['HOLD', 'BUY'],
      ],
    });
    close();
    fill(1, 10);
    expect(command('halt')).toMatchObject([{ kind: 'state', state: 'halt', cause: 'command' }]);
    expect(kinds(close())).toEqual(['signal', 'order', 'signal', 'halted']);
  });

  it('cancels what works on reduce and on flatten, and flattens at every close until all is closed', () => {
    const words: Word[][] = [['BUY'], ['BUY']];
    const { close, fill, command } = setUp({
      closes: [
        [100, 100, 100],
        [100, 100, 100],
      ],
      words,
    });
    close();
    fill(1, 10);
    expect(kinds(command('reduce'))).toEqual(['state', 'cancel']);
    expect(command('flatten')).toMatchObject([
      { kind: 'state', state: 'flatten' },
      { kind: 'cancel', sequence: 2, symbol: 1 },
      { kind: 'order', sequence: 3, quantity: -10, reduces: true },
    ]);
    // The order that was to be cancelled is filled all the same: it is closed at the next close.
    fill(2, 10, { symbol: 1 });
    expect(close()).toMatchObject([{ kind: 'order', symbol: 1, quantity: -10 }]);
    fill(3, -10);
    fill(4, -10, { symbol: 1 });
    expect(close()).toEqual([]);
    expect(kinds(command('resume'))).toEqual(['state']);
  });
});

describe('Engine and reports', () => {
  it('records what it cannot place, and changes nothing', () => {
    const { engine, close, fill } = setUp({ closes: [[100]], words: [['BUY']] });
    close();
    fill(1, 10);
    const before = engine.portfolio.cash;
    for (const sequence of [1, 2, 0, -1, 7]) expect(kinds(fill(sequence, 10))).toEqual(['order-state']);
    expect(engine.portfolio.cash).toBe(before);
    expect(engine.portfolio.quantity[0]).toBe(10);
  });

  it('says why an order ended unfilled, and lets the symbol order again', () => {
    const { engine, close } = setUp({ closes: [[100, 100]], words: [['BUY', 'BUY']] });
    close();
    const update = { kind: 'order-update', sequence: 1, timeMs: 1, state: 'CANCELED' } as const;
    expect(kinds(engine.handle({ ...update, code: 'cash', value: 10, limit: 3 }))).toEqual(['order-update', 'cash']);
    expect(kinds(close())).toEqual(['signal', 'order']);
  });
});

describe('Engine, whatever comes', () => {
  const word = fc.constantFrom<Word>('BUY', 'SELL', 'HOLD');
  const event = fc.oneof(
    fc.record({ do: fc.constant('close' as const) }),
    fc.record({ do: fc.constant('fill' as const), sequence: fc.integer({ min: 0, max: 12 }), part: fc.boolean() }),
    fc.record({ do: fc.constant('command' as const), word: fc.constantFrom('halt', 'reduce', 'flatten', 'resume') }),
    fc.record({ do: fc.constant('split' as const), ratio: fc.constantFrom(2, 0.5, 3) }),
  );
  const BARS = 20;
  const given = fc.record({
    closes: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: BARS, maxLength: BARS }),
    words: fc.array(word, { minLength: BARS, maxLength: BARS }),
    longShort: fc.boolean(),
    events: fc.array(event, { maxLength: 60 }),
  });

  /** All effects of a run; fills are of what the order asked, at the last price, in one or two parts. */
  function play({ closes, words, longShort, events }: typeof given extends fc.Arbitrary<infer T> ? T : never) {
    const { engine, close, fill, command } = setUp({ closes: [closes], words: [words], rules: { longShort } });
    const [effects, asked]: [Effect[], Map<number, number>] = [[], new Map()];
    let closed = 0;
    const take = (list: readonly Effect[]): void => {
      for (const effect of list) if (effect.kind === 'order') asked.set(effect.sequence, effect.quantity);
      effects.push(...list);
    };
    for (const next of events) {
      const price = engine.portfolio.price[0]!;
      if (next.do === 'close' && closed < BARS) {
        closed += 1;
        take(close());
      } else if (next.do === 'fill' && asked.has(next.sequence)) {
        const quantity = asked.get(next.sequence)!;
        take(fill(next.sequence, next.part ? Math.trunc(quantity / 2) : quantity, { price, final: !next.part }));
      } else if (next.do === 'command') {
        take(command(next.word as Command['command']));
      } else if (next.do === 'split') {
        const action: EngineEvent = { kind: 'action', timeMs: 0, symbol: 0, action: 'split', value: next.ratio };
        take(engine.handle(action));
      }
    }
    return { engine, effects };
  }

  it('gives the same effects for the same events, and money only moves by fills', () => {
    fc.assert(
      fc.property(given, (input) => {
        const { engine, effects } = play(input);
        expect(play(input).effects).toEqual(effects);
        const fills = effects.filter((effect) => effect.kind === 'fill');
        const paid = effects.reduce((sum, effect) => sum + (effect.kind === 'action' ? effect.cash : 0), 0);
        const spent = fills.reduce((sum, { quantity, price, fee }) => sum + quantity * price + fee, 0);
        expect(engine.portfolio.cash).toBeCloseTo(10_000 - spent + paid, 6);
        expect(engine.portfolio.fills).toBe(fills.length);
      }),
    );
  });

  it('opens nothing from halt, reduce or flatten until resume', () => {
    fc.assert(
      fc.property(given, (input) => {
        let stopped = false;
        for (const effect of play(input).effects) {
          if (effect.kind === 'state') stopped = effect.state !== 'run';
          if (effect.kind === 'order' && stopped) expect(effect.reduces).toBe(true);
        }
      }),
    );
  });
});
