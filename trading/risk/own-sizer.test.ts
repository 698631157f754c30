import { describe, expect, it } from 'vitest';
import { OwnCalls } from '../../infra/own-files/own-calls.ts';
import { ownPart } from '../../models/experiment/own-file-schema.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import type { SessionResult } from '../session-result.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { ruleSignal } from '../strategies/strategy.ts';
import { BarView } from '../bar-view.ts';
import { createSizer, type Sizer } from './sizing.ts';
import { ownFilesPlace } from '../../infra/own-files/testing/own-files-place.ts';
import { randomWalkBars, testInstrument } from '../testing/random-walk-bars.ts';

const EXAMPLE = 'trading/risk/example/steady-risk.ts';
const file = ownFilesPlace();
const bars = [randomWalkBars('AAA', 150, { seed: 4, sigma: 0.01 })];

/** A sizer whose `size` is `body`. */
const sizing = (body: string): string =>
  file(
    'sizer',
    "import type { OwnSizer } from 'signalbox';",
    'const own: OwnSizer = {',
    '  parameters: {},',
    `  size(given) { void given; ${body} },`,
    '};',
    'export default own;',
  );

function session(path: string, parameters = {}, limits = NAMED_LIMITS.unbounded): SessionResult {
  const part = ownPart('sizer', path, parameters);
  return runHistoricalSession({
    bars,
    instruments: [testInstrument('AAA')],
    strategy: createRuleStrategy('sma-cross', { fast: 3, slow: 9 }),
    sizing: { kind: 'file', code: part.code, parameters: part.parameters },
    limits,
    broker: simulatedBroker({ feeBps: 1 }),
    capital: 1e6,
  });
}

describe("a user's sizer", () => {
  it('sizes the positions of a session, the same ones each time, by its parameters', () => {
    const first = session(EXAMPLE);
    expect(first.fills).toBeGreaterThan(4);
    expect(session(EXAMPLE).journalHash).toBe(first.journalHash);
    const less = session(EXAMPLE, { most: 0.05 });
    expect(Math.max(...less.grossExposure)).toBeLessThan(0.4 * Math.max(...first.grossExposure));
  });

  it('has risk behind it: what is too much is cut or refused, never traded', () => {
    const much = session(sizing('return { fraction: 900 };'), {}, NAMED_LIMITS.standard);
    const share = much.grossExposure.map((gross, at) => gross / much.equity[at]!);
    expect(Math.max(...share)).toBeLessThanOrEqual(0.12);
  });

  it.each([
    ['NaN', 'return { units: 0 / 0 };', /size answered \{"units":"NaN"\}/],
    ['a negative size', 'return { fraction: -1 };', /size answered \{"fraction":-1\}/],
    ['nothing', 'return JSON.parse("null");', /size answered null/],
    ['both at once', 'return { units: 1, fraction: 1 };', /size answered/],
    ['an error', 'throw new Error("no idea");', /sizer-\d+\.ts:4:\d+: no idea/],
  ])('is refused where it answers with %s, and the session goes on', (_, body, words) => {
    const result = session(sizing(body));
    expect(result.fills).toBe(0);
    expect(new Set(result.refusals.map(({ code }) => code))).toEqual(new Set(['not-finite']));
    expect(result.reasons.join('\n')).toMatch(words);
    expect(result.bars).toBe(150);
  });

  it('keeps its mistakes in mind through a restart', () => {
    const part = ownPart('sizer', sizing('return { fraction: -1 };'));
    const rule = { kind: 'file', code: part.code, parameters: part.parameters } as const;
    const [one, other] = [1, 2].map(() => createSizer(rule, { symbols: 1, barsPerYear: 252 })) as [Sizer, Sizer];
    const view = new BarView({ bars: bars[0]!, last: 40 });
    const input = { signal: ruleSignal('BUY', ''), view, equity: 1, price: 1 };
    one.units(input);
    other.restore!(one.save!());
    expect([one.units(input), other.units(input)]).toEqual([NaN, NaN]);
    expect(other.notes!()).toEqual(one.notes!());
    expect(other.notes!()[0]).toContain('2 sizes were refused');
  });

  it('ends the session where it never returns, by a deadline from outside', () => {
    const { code } = ownPart('sizer', sizing('while (given.equity > 0); return { units: 1 };'));
    const calls = new OwnCalls(code, 50);
    expect(() => calls.call('size', { equity: 1 }, {})).toThrow(/sizer-\d+\.ts: size did not answer within 0\.05 s/);
    // A new thread is there for the next session.
    expect(calls.call('size', { equity: 0 }, {})).toEqual({ value: { units: 1 } });
  });

  it('names place and remedy of mistakes in its types, its parameters and its rules', () => {
    const text = file('sizer', "export default { parameters: {}, size: () => 'much' };");
    expect(() => ownPart('sizer', text)).toThrow(
      /sizer-\d+\.ts:1:1: the default export: .*'string' is not assignable/s,
    );
    expect(() => ownPart('sizer', sizing('return { units: Math.random() };'))).toThrow(
      /:4:\d+: Math.random gives other/,
    );
    expect(() => ownPart('sizer', EXAMPLE, { most: 2 })).toThrow(/steady-risk: most: must be at most 1, not 2/);
    expect(() => ownPart('sizer', EXAMPLE, { yearli: 0.2 })).toThrow(/has no parameter "yearli"/);
    expect(() => ownPart('sizer', './none.ts')).toThrow('./none.ts: no such file.');
  });
});
