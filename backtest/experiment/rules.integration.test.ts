import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { StrategyShare } from '../../trading/portfolio/strategy-shares.ts';
import type { LotSection } from '../analysis/lots.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';

// Experiments that trade rules: the same file is a backtest and a replay on paper, and nothing is trained.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-rules-'));
const own = join(import.meta.dirname, '../../trading/strategies/own/example/turn-of-range.ts');
const brackets = join(import.meta.dirname, '../../trading/strategies/own/example/dip-bracket.ts');
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function experiment(name: string, strategies: string, more = ''): string {
  const path = join(folder, `${name}.yaml`);
  const data = 'data: { source: simulated, simulated: { bars: 300, seed: 5 } }';
  writeFileSync(path, `name: ${name}\nuniverse: simulated-2\n${data}\nstrategies:\n  - ${strategies}\n${more}\n`);
  return path;
}

function signalbox(...args: string[]): Promise<Ended> {
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: join(folder, 'home'), REDIS_URL: '' };
  return startSignalbox(args, process.env, env).ended;
}

describe('rules in an experiment', () => {
  it.each([
    ['shipped', 'sma-cross', '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 } }'],
    ['own', 'turn-of-range', `{ name: mine, file: ${own}, parameters: { lookback: 10 } }`],
  ])('are traded alike by backtest and by paper: %s', async (name, strategy, entry) => {
    const path = experiment(name, entry);
    const backtest = await signalbox('backtest', path, '--json');
    const paper = await signalbox('paper', path, '--json');
    expect({ codes: [backtest.code, paper.code], errors: '' }).toEqual({ codes: [0, 0], errors: '' });
    const traded = JSON.parse(backtest.stdout) as { trades: number; journalHash: string };
    expect(traded).toMatchObject({ experiment: name, strategy, bars: 600 });
    expect(traded.trades).toBeGreaterThan(5);
    expect(JSON.parse(paper.stdout)).toMatchObject({ trades: traded.trades, journalHash: traded.journalHash });
  });

  it('share an account, in the same way in both, and say what came of each', async () => {
    const path = experiment(
      'shared',
      [
        '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 }, allocation: 0.5 }',
        '{ name: fades, kind: mean-reversion, symbols: [SIM001], allocation: 0.2, limits: { positionFraction: 0.5 } }',
      ].join('\n  - '),
      'rebalance: monthly',
    );
    const backtest = await signalbox('backtest', path, '--json');
    const paper = await signalbox('paper', path, '--json');
    expect({ codes: [backtest.code, paper.code], told: backtest.stderr }).toMatchObject({ codes: [0, 0] });
    const traded = JSON.parse(backtest.stdout) as {
      journalHash: string;
      strategies: StrategyShare[];
      lots: LotSection;
    };
    expect(traded.strategies.map(({ name }) => name)).toEqual(['trend', 'fades', null]);
    expect(traded.strategies.every(({ fills, name }) => fills > 0 || name === null)).toBe(true);
    expect(traded.lots.closed).toBeGreaterThan(10);
    const replayed = JSON.parse(paper.stdout) as typeof traded;
    expect(replayed).toMatchObject({ journalHash: traded.journalHash, strategies: traded.strategies });
    const { rows } = await database.pool.query<{ strategy: string; orders: number; filled: number; signals: number }>(
      `SELECT strategy, count(*)::int AS orders,
         (SELECT count(*)::int FROM signalbox.fills f WHERE f.strategy = o.strategy AND session_id LIKE 'paper-shared%') AS filled,
         (SELECT count(*)::int FROM signalbox.signals s WHERE s.strategy = o.strategy AND session_id LIKE 'paper-shared%') AS signals
       FROM signalbox.orders o WHERE session_id LIKE 'paper-shared%' GROUP BY strategy ORDER BY strategy`,
    );
    expect(rows.map(({ strategy }) => strategy)).toEqual(['fades', 'trend']);
    for (const { strategy, orders, filled, signals } of rows) {
      expect(filled).toBe(traded.strategies.find(({ name }) => name === strategy)!.fills);
      expect(signals).toBeGreaterThanOrEqual(orders);
    }
  });

  it('stand beside files that place orders of their own, each with its part, in backtest and paper alike', async () => {
    const dips = (name: string, more: string): string =>
      `{ name: ${name}, file: ${brackets}, allocation: 0.3, parameters: { ${more} } }`;
    const path = experiment(
      'placing',
      [
        dips('near', 'dip: 0.001, stop: 0.005, target: 0.005, share: 0.1'),
        dips('far', 'dip: 0.003, stop: 0.01, target: 0.01, share: 0.1'),
        '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 }, allocation: 0.4 }',
      ].join('\n  - '),
    );
    const backtest = await signalbox('backtest', path, '--json');
    const paper = await signalbox('paper', path, '--json');
    expect({ codes: [backtest.code, paper.code], told: backtest.stderr }).toMatchObject({ codes: [0, 0] });
    const traded = JSON.parse(backtest.stdout) as { journalHash: string; strategies: StrategyShare[] };
    expect(traded.strategies.map(({ name }) => name)).toEqual(['near', 'far', 'trend', null]);
    for (const { name, fills } of traded.strategies) if (name !== null) expect(fills).toBeGreaterThan(10);
    const replayed = JSON.parse(paper.stdout) as typeof traded;
    expect(replayed).toMatchObject({ journalHash: traded.journalHash, strategies: traded.strategies });
    const { rows } = await database.pool.query<{ strategy: string; held: string }>(
      `SELECT strategy, sum(quantity)::text AS held FROM signalbox.fills
       WHERE session_id LIKE 'paper-placing%' AND strategy IN ('near', 'far') GROUP BY strategy, symbol`,
    );
    // No part has sold more than it bought.
    expect(rows.length).toBeGreaterThan(2);
    expect(rows.filter(({ held }) => Number(held) < 0)).toEqual([]);
  });

  it('are protected each in its own part, in backtest and paper alike', async () => {
    const path = experiment(
      'guarded',
      [
        '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 }, allocation: 0.5 }',
        '{ name: fades, kind: mean-reversion, allocation: 0.4 }',
      ].join('\n  - '),
      'protection: { stopLoss: { percent: 0.01 }, trailing: { percent: 0.02 } }',
    );
    const backtest = await signalbox('backtest', path, '--json');
    const paper = await signalbox('paper', path, '--json');
    expect({ codes: [backtest.code, paper.code], told: backtest.stderr }).toMatchObject({ codes: [0, 0] });
    const traded = JSON.parse(backtest.stdout) as { journalHash: string; strategies: StrategyShare[] };
    const replayed = JSON.parse(paper.stdout) as typeof traded;
    expect(replayed).toMatchObject({ journalHash: traded.journalHash, strategies: traded.strategies });
    const { rows } = await database.pool.query<{ strategy: string; stops: number }>(
      `SELECT o.strategy, count(*)::int AS stops FROM signalbox.fills f
       JOIN signalbox.orders o USING (session_id, sequence)
       WHERE session_id LIKE 'paper-guarded%' AND f.strategy = o.strategy AND o.role IN ('stop-loss', 'trailing-stop')
       GROUP BY o.strategy ORDER BY o.strategy`,
    );
    expect(rows.map(({ strategy }) => strategy)).toEqual(['fades', 'trend']);
    for (const { stops } of rows) expect(stops).toBeGreaterThan(2);
  });

  it('stand beside what the experiment learns, each with its share, in backtest and paper alike', async () => {
    const path = experiment(
      'mixed',
      [
        '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 }, allocation: 0.4 }',
        '{ name: model, kind: ensemble, allocation: 0.5 }',
      ].join('\n  - '),
      `features: ['return(1)', 'rsi(14)']
splits: { trainBars: 150, testBars: 50 }
estimators: [{ name: linear, kind: logistic-regression }]
ensemble: { innerFolds: 2 }
signals: { buyAbove: 0.51, sellBelow: 0.49 }`,
    );
    expect((await signalbox('train', path, '--json')).code).toBe(0);
    const backtest = await signalbox('backtest', path, '--json');
    const paper = await signalbox('paper', path, '--json');
    expect({ codes: [backtest.code, paper.code], told: backtest.stderr }).toMatchObject({ codes: [0, 0] });
    const traded = JSON.parse(backtest.stdout) as { journalHash: string; strategies: StrategyShare[] };
    const shares = traded.strategies.filter(({ name }) => name !== null);
    expect(shares.map(({ name }) => name)).toEqual(['trend', 'model']);
    for (const { fills } of shares) expect(fills).toBeGreaterThan(3);
    const replayed = JSON.parse(paper.stdout) as typeof traded;
    expect(replayed).toMatchObject({ journalHash: traded.journalHash, strategies: traded.strategies });
  });

  it('are hunted for look-ahead and warm-up, their fills audited', async () => {
    const peek = join(folder, 'peek.ts');
    const decide = "decide: (view) => (view.close(-1) > view.close() ? 'BUY' : 'SELL')";
    const lines = ["import type { OwnStrategy } from 'signalbox';"];
    lines.push(`const peek: OwnStrategy = { parameters: {}, create: () => ({ ${decide} }) };`, 'export default peek;');
    writeFileSync(peek, lines.join('\n'));
    const beside = '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 }, allocation: 0.4 }';
    const peeks = experiment('peeks', `${beside}\n  - { name: mine, file: ${peek}, allocation: 0.4 }`);
    const named = await signalbox('lookahead', peeks, '--cuts', '4', '--json');
    expect(named.code).toBe(1);
    const told = JSON.parse(named.stdout) as { findings: { strategy: string; future: string }[] };
    expect(told).toMatchObject({ strategy: 'trend + mine', strategies: ['trend', 'mine'] });
    expect(told.findings[0]).toMatchObject({ strategy: 'mine', stage: 'signals', future: 'missing' });
    const clean = experiment('clean', '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 } }');
    const [hunted, warm] = [await signalbox('lookahead', clean, '--json'), await signalbox('warmup', clean, '--json')];
    expect([hunted.code, warm.code]).toEqual([0, 0]);
    const { fills } = JSON.parse(hunted.stdout) as { fills: { audited: number; findings: unknown[] } };
    expect(fills.findings).toEqual([]);
    expect(fills.audited).toBeGreaterThan(5);
    expect(JSON.parse(warm.stdout)).toMatchObject({ strategy: 'sma-cross', findings: [] });
  });

  it('are refused by commands about what is learned', async () => {
    const { code, stderr } = await signalbox('train', experiment('learns', '{ name: trend, kind: momentum }'));
    expect(code).toBe(2);
    expect(stderr).toMatch(/strategies: rules learn nothing/);
  });
});
