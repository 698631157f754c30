import { describe, expect, it } from 'vitest';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { ownFilesPlace } from '../../../infra/own-files/testing/own-files-place.ts';
import { BarView } from '../../bar-view.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { steppedSession, type Stepped } from '../../testing/stepped-session.ts';
import type { StrategySession } from '../strategy.ts';
import { loadOwnStrategy } from './load-own-strategy.ts';

const file = ownFilesPlace();
const SYMBOLS = ['AAA', 'BBB'];
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, 90, { seed: 4, sigma: 0.01 }));

/** What it says depends on all of the bars and fills that it was told of, and on nothing else. */
const counting = (memory: string): string =>
  file(
    'strategy',
    "import type { OwnStrategy } from 'signalbox';",
    'const strategy: OwnStrategy = {',
    '  parameters: {},',
    '  create() {',
    '    let seen = 0;',
    '    const paid = new Map<number, number>();',
    '    return {',
    '      decide() {',
    '        seen += 1;',
    "        return (seen + paid.size) % 7 === 3 ? 'BUY' : (seen + paid.size) % 7 === 6 ? 'SELL' : 'HOLD';",
    '      },',
    '      onFill({ price }) { paid.set(price, seen); },',
    `      ${memory}`,
    '    };',
    '  },',
    '};',
    'export default strategy;',
  );

const REMEMBERING = `
  save: () => ({ seen, paid: [...paid] }),
  restore(state) {
    const from = state as { seen: number; paid: [number, number][] };
    seen = from.seen;
    for (const [price, bar] of from.paid) paid.set(price, bar);
  },`;

function session(path: string, cuts: readonly number[] = []): Stepped {
  return steppedSession(
    {
      bars,
      instruments: SYMBOLS.map((symbol) => testInstrument(symbol)),
      strategy: loadOwnStrategy(path),
      sizing: { kind: 'fraction-of-equity', fraction: 0.3 },
      limits: NAMED_LIMITS.unbounded,
      capital: 100_000,
      costs: { feeBps: 2 },
    },
    cuts,
  );
}

const begun = (path: string): StrategySession =>
  loadOwnStrategy(path).forSession!(bars.map((columns) => new BarView({ bars: columns, last: 10 })));

describe('a strategy of a file that saves what it remembers', () => {
  it('says what it says where its session was never restored, fills that it has yet to hear of included', () => {
    const path = counting(REMEMBERING);
    const whole = session(path);
    expect(whole.effects.filter((effect) => effect.startsWith('{"kind":"fill"')).length).toBeGreaterThan(10);
    expect(session(path, [23, 130])).toEqual(whole);
  });

  it('is asked for it in its thread, and its mistakes are none of the session', () => {
    for (const [memory, words] of [
      [
        'save: () => ({ paid }), restore: () => undefined,',
        /what is remembered cannot be saved: a value of kind Map cannot be saved: at 1 bar/,
      ],
      ["save: () => { throw new Error('no idea'); }, restore: () => undefined,", /cannot be saved: no idea/],
      ['save: () => Promise.resolve(seen), restore: () => undefined,', /a value of kind Promise cannot be saved/],
      [
        'save() { const own: unknown[] = []; own.push(own); return own; }, restore: () => undefined,',
        /cannot be saved: Maximum call stack/,
      ],
      [
        "save: () => 'x'.repeat(16_000_001), restore: () => undefined,",
        /cannot be saved: it is \d+ characters of JSON, 16000000 are allowed/,
      ],
    ] as const) {
      const own = begun(counting(memory));
      expect(own.save!()).toBeNull();
      expect(own.notes!()[0]).toMatch(words);
      own.end!();
    }
    const own = begun(counting("save: () => 1, restore: () => { throw new Error('not mine'); },"));
    expect(() => own.restore!(own.save!()!)).toThrow(/strategy-\d+\.ts:\d+:\d+: not mine/);
    own.end!();
  });

  it('takes up what JSON has no word for as it was', () => {
    const memory = (check: string): string => `
      save: () => ({ last: NaN, first: -Infinity, none: undefined, column: new Float64Array([1, 2]) }),
      restore(state) { ${check} },`;
    const check = `const { last, first, none, column } = state as Record<string, unknown>;
      const is = [Number.isNaN(last), first === -Infinity, none === undefined, (column as number[])[1] === 2];
      if (is.includes(false)) throw new Error(is.join());`;
    const own = begun(counting(memory(check)));
    own.restore!(own.save!()!);
    own.end!();
  });

  it('is not gone on from where it takes up something else than it saved', () => {
    const own = begun(counting('save: () => ({ seen }), restore: () => { seen = 7; },'));
    expect(() => own.restore!(own.save!()!)).toThrow(/restore takes up something else than save gave/);
    own.end!();
  });

  it('that never comes to an end of saving decides nothing any more, and a restart asks it anew', () => {
    const path = counting('save() { while (seen === 0) void 0; return 1; }, restore: () => undefined,');
    const own = loadOwnStrategy(path, { deadlineSeconds: 0.3 }).forSession!([
      new BarView({ bars: bars[0]!, last: 10 }),
    ]);
    expect([own.save!(), own.failure!()?.message]).toEqual([null, expect.stringMatching(/within 0\.3 s/)]);
    const { fault } = own.symbols[0]!.decide(new BarView({ bars: bars[0]!, last: 10 }));
    expect([fault?.code, own.silences!()]).toEqual(['strategy-silent', [{ by: 0, asked: 1, waitedMs: 300 }]]);
    // From here on that is what it remembers.
    const other = begun(path);
    other.restore!(own.save!()!);
    expect(other.silences!()).toEqual(own.silences!());
    other.end!();
  });

  it('cannot be saved where it offers half of it, or none', () => {
    for (const memory of ['', 'save: () => 1,']) {
      const own = begun(counting(memory));
      expect([own.save!(), own.notes!()]).toEqual([null, []]);
      own.end!();
    }
  });
});
