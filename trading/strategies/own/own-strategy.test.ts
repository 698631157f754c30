import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../infra/errors.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { BarView } from '../../bar-view.ts';
import { simulatedBroker } from '../../brokers/simulated/simulated-broker.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import type { SessionResult } from '../../session-result.ts';
import { randomWalkBars, testInstrument } from '../../testing/random-walk-bars.ts';
import { createRuleStrategy } from '../rule-strategies.ts';
import type { Strategy } from '../strategy.ts';
import { loadOwnStrategy, type OwnStrategyOptions } from './load-own-strategy.ts';
import { codeOfFile } from './own-code.ts';
import { OwnSession } from './own-runtime.ts';
import { compileOwnFile } from '../../../infra/own-files/compile-own-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'own-strategy-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string): string {
  const path = join(folder, `mine-${++files}.ts`);
  writeFileSync(path, text);
  return path;
}

/** A file whose strategy decides by `body`, with `state` between its bars. */
const deciding = (body: string, state = ''): string =>
  file(
    [
      "import type { OwnStrategy } from 'signalbox';",
      'const strategy: OwnStrategy<{ n: number }> = {',
      '  parameters: { n: { default: 5, min: 1, max: 50, whole: true } },',
      `  create({ n }, symbol) { void n; void symbol; ${state}`,
      '    return { decide(view) {',
      `      ${body}`,
      '    } };',
      '  },',
      '};',
      'export default strategy;',
    ].join('\n'),
  );

const SYMBOLS = ['AAA', 'BBB'];
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, 120, { seed: 4, sigma: 0.01 }));

function session(strategy: Strategy, longShort = false): SessionResult {
  return runHistoricalSession({
    bars,
    instruments: SYMBOLS.map((symbol) => testInstrument(symbol)),
    strategy,
    sizing: { kind: 'fraction-of-equity', fraction: 0.4 },
    limits: NAMED_LIMITS.unbounded,
    signals: { longShort },
    broker: simulatedBroker({ feeBps: 1 }),
    capital: 1e6,
  });
}

const inThread = (path: string, options: OwnStrategyOptions = {}): Strategy =>
  loadOwnStrategy(path, { ...options, inThisThread: true });

function mistake(work: () => unknown): InputError {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('nothing was thrown');
}

describe('a strategy of a file', () => {
  it('trades as the same rule that is shipped does, in a thread of its own and in this one', () => {
    const momentum = deciding(
      `if (view.length <= n) return 'HOLD';
       const now = view.close() / view.close(n) - 1;
       const before = last; last = now;
       if (Number.isNaN(before)) return 'HOLD';
       if (now > 1e-14 && !(before > 1e-14)) return 'BUY';
       return now < -1e-14 && !(before < -1e-14) ? 'SELL' : 'HOLD';`,
      'let last = NaN;',
    );
    const shipped = session(createRuleStrategy('momentum', { lookback: 9 }));
    const own = session(loadOwnStrategy(momentum, { parameters: { n: 9 } }));
    expect(shipped.fills).toBeGreaterThan(20);
    expect(own.journalHash).toBe(shipped.journalHash);
    expect(session(inThread(momentum, { parameters: { n: 9 } })).journalHash).toBe(shipped.journalHash);
  });

  it('is shown by an example that trades shares of a position', () => {
    const result = session(inThread(join(import.meta.dirname, 'example/turn-of-range.ts')));
    expect(result.fills).toBeGreaterThan(20);
    expect(result.refusals).toEqual([]);
    // A share of 0.5 of a fraction of 0.4, and the whole of it.
    const exposure = [...result.grossExposure].filter((value) => value > 0);
    expect(Math.min(...exposure)).toBeGreaterThan(0.15);
    expect(Math.max(...exposure)).toBeLessThan(0.85);
  });

  it('names mistakes of the file by line and column, all at once', () => {
    const path = file(
      [
        "import type { OwnStrategy } from 'signalbox';",
        "import { readFileSync } from 'node:fs';",
        'const strategy: OwnStrategy<{ n: number }> = {',
        "  parameters: { n: 'five' },",
        '  create: () => ({ decide: (view) => (view.closs() > Math.random() ? "BUY" : "SELL") }),',
        '};',
        'export default strategy;',
      ].join('\n'),
    );
    const { message, exitCode } = mistake(() => loadOwnStrategy(path));
    expect(exitCode).toBe(2);
    for (const place of ['2:1: a strategy is one file', "4:17: Type 'string'", "5:44: Property 'closs'", '5:54: Math'])
      expect(message).toContain(`${path}:${place}`);
    expect(mistake(() => loadOwnStrategy(file('const a = 1;'))).message).toMatch(/:1:1: there is no default export/);
    expect(mistake(() => loadOwnStrategy(file('export default { create: 3 }'))).message).toMatch(/:1:1: the default/);
    expect(mistake(() => loadOwnStrategy(file('export default {'))).message).toMatch(/:1:17: '}' expected/);
    expect(mistake(() => loadOwnStrategy(join(folder, 'none.ts'))).message).toMatch(/no such file/);
  });

  it.each([
    ['lists', `const a = ${'['.repeat(100_000)}${']'.repeat(100_000)};`],
    ['brackets', `const a = ${'('.repeat(100_000)}1${')'.repeat(100_000)};`],
    ['conditions', `${'if (a) '.repeat(100_000)};`],
  ])('says so where the file is nested deeper than the compiler goes: %s', (_what, text) => {
    const { message, exitCode } = mistake(() => loadOwnStrategy(file(text)));
    expect(message).toMatch(/mine-\d+\.ts: nested too deeply/);
    expect(exitCode).toBe(2);
  });

  it('names the parameter that is unknown or out of its bounds', () => {
    const path = deciding("return 'HOLD';");
    expect(mistake(() => inThread(path, { parameters: { m: 1 } })).remedy).toMatch(/"n"/);
    for (const n of [0, 51, 1.5, 'x', NaN])
      expect(mistake(() => inThread(path, { parameters: { n } })).message).toMatch(/: n: must be/);
    expect(inThread(path).parameters).toEqual({ n: 5 });
  });

  it('says where a file throws before it decides', () => {
    const early = file(
      'const list: number[] = [];\nexport default { parameters: {}, create: list[3]!.toFixed() as never };',
    );
    expect(mistake(() => loadOwnStrategy(early)).message).toMatch(/mine-\d+\.ts:2:\d+: Cannot read/);
    const late = deciding("return 'HOLD';", "if (symbol === 'BBB') throw new Error('no BBB');");
    expect(mistake(() => session(loadOwnStrategy(late))).message).toMatch(/mine-\d+\.ts:4:\d+: no BBB/);
  });

  it.each([
    [
      'throws',
      "if (view.length === 60) throw new Error('odd'); return 'HOLD';",
      'strategy-threw',
      /:6:\d+: odd: at 2 bars/,
    ],
    [
      'reads what has not closed',
      'return view.close(-1) > 0 ? "BUY" : "SELL";',
      'strategy-outside',
      /:6:\d+: AAA: bar -1/,
    ],
    ['reads before history', 'return view.close(n) > 0 ? "HOLD" : "SELL";', 'strategy-outside', /at 10 bars/],
    ['asks for too much', 'return { target: view.length === 60 ? 1.5 : 0 };', 'strategy-target', /target: 1.5/],
    ['answers NaN', 'return { target: Math.sqrt(-view.length) };', 'not-finite', /target: NaN/],
    ['is sure of NaN', "return { action: 'BUY', confidence: NaN };", 'not-finite', null],
    ['answers for another', "return { action: 'BUY', symbol: 'ZZZ' };", 'strategy-symbol', /symbol: ZZZ/],
    ['answers nothing', 'return undefined as never;', 'strategy-answer', /answered undefined: at 240 bars/],
    ['answers later', 'return Promise.resolve("BUY") as never;', 'strategy-answer', null],
    ['asks for the time', 'return [Date].map((d) => d.now())[0]! > 0 ? "BUY" : "HOLD";', 'strategy-threw', /no clock/],
  ])('is refused with a record where it %s, and the session goes on', (_, body, code, words) => {
    const result = session(inThread(deciding(body)));
    expect(result.bars).toBe(240);
    expect(result.fills).toBe(0);
    expect(new Set(result.refusals.map((refusal) => refusal.code))).toEqual(new Set([code]));
    if (words !== null) expect(result.reasons.join('\n')).toMatch(words);
  });

  it('ends the session, exit code 1, where it never answers', () => {
    const endless = deciding("while (view.length === 60) void n; return 'HOLD';");
    const run = (): SessionResult => session(loadOwnStrategy(endless, { deadlineSeconds: 0.5 }));
    expect(run).toThrow(expect.objectContaining({ exitCode: 1, message: expect.stringMatching(/within 0.5 s/) }));
  });

  it('hears of its fills before it decides again, by symbol or together', () => {
    const alone = file(
      `export default { parameters: {}, create: () => {
        let held = 0;
        return {
          onFill: (fill: { quantity: number }) => { held += fill.quantity; },
          decide: () => (held === 0 ? 'BUY' : 'SELL') as 'BUY' | 'SELL',
        };
      } };`,
    );
    const result = session(loadOwnStrategy(alone));
    // Bought at one bar, heard of and sold at the next, and so on, in both symbols.
    expect(result.ledger.length).toBeGreaterThan(110);
    expect(session(inThread(alone)).journalHash).toBe(result.journalHash);
    const together = file(
      `export default { parameters: {}, createTogether: (_: object, symbols: readonly string[]) => {
        let fills = 0;
        return {
          onFill: (fill: { symbol: string }) => { fills += symbols.includes(fill.symbol) ? 1 : 100; },
          decide: (views: readonly { length: number }[]) =>
            (views[0]!.length === views[1]!.length && fills < 4 ? { BBB: { target: fills % 2 === 0 ? 1 : 0 } } : {}),
        };
      } };`,
    );
    const both = session(loadOwnStrategy(together));
    expect([both.fills, both.ledger.map(({ symbol }) => symbol)]).toEqual([4, ['BBB', 'BBB']]);
    const strange = file(
      'export default { parameters: {}, createTogether: () => ({ decide: () => ({ ZZZ: "BUY" as const }) }) };',
    );
    expect(new Set(session(inThread(strange)).refusals.map(({ code }) => code))).toEqual(new Set(['strategy-symbol']));
  });

  it('begins each session with a module of its own', () => {
    const compiled = compileOwnFile(
      file(
        "const seen: number[] = [];\nexport default { parameters: {}, create: () => ({ decide: () => (seen.push(1) > 1 ? 'HOLD' : 'BUY') as 'BUY' | 'HOLD' }) };",
      ),
      'strategy',
    );
    const first = (): string => {
      const view = new BarView({ bars: bars[0]!, last: 3 });
      return new OwnSession(codeOfFile(compiled), {}, [view]).symbols[0]!.decide(view).action;
    };
    expect([first(), first()]).toEqual(['BUY', 'BUY']);
    expect(codeOfFile(compiled).evaluate().create).toBeTypeOf('function');
  });
});
