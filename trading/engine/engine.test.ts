import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, Effect, EngineEvent } from '../effect.ts';
import { BAR_MS, kinds, setUp, type Word } from '../testing/walked-engine.ts';

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
