import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { typeCommand, type TypedCommand } from '../../infra/terminal/testing/typed-command.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { scratchFiles } from '../../pipelines/testing/scratch-files.ts';
import { randomWalkBars } from '../../trading/testing/random-walk-bars.ts';
import { registerBacktestCommands } from '../commands.ts';

const { folder, file } = scratchFiles('search-commands');
const walk = randomWalkBars('WALK', 300, { seed: 21, sigma: 0.01, barMs: DAY_MS });
const bars = file([...barsCsv([walk])].join(''), 'WALK.csv');

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand(
    {
      register: registerBacktestCommands,
      env: { DATABASE_URL: database.url, SIGNALBOX_HOME: folder, SIGNALBOX_WORKERS: '1' },
    },
    ...argv,
  );
const rules = ['--bars', bars, '--strategy', 'sma-cross'];
const ranges = ['--range', 'fast=2,4', '--range', 'slow=10,20,30'];

describe('optimize over a bars file', () => {
  const search = ['optimize', ...rules, ...ranges, '--objective', 'totalReturn'];
  let json: TypedCommand;
  beforeAll(async () => {
    json = await typed(...search, '--json');
  });

  it('ranks every combination by the objective, and keeps the report that it names', () => {
    expect([json.code, json.out.split('\n').length]).toEqual([0, 2]);
    const value = JSON.parse(json.out) as Record<string, unknown> & {
      ranking: { rank: number; objective: number; parameters: object }[];
      report: string;
    };
    expect(value).toMatchObject({ strategy: 'sma-cross', method: 'grid', bars: 300 });
    expect(value.ranking.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6]);
    const worths = value.ranking.map(({ objective }) => objective);
    expect(worths).toEqual([...worths].sort((a, b) => b - a));
    expect(value['best']).toMatchObject({ parameters: value.ranking[0]!.parameters });
    expect(existsSync(value.report)).toBe(true);
    expect(readFileSync(value.report, 'utf8')).toContain('sma-cross');
  });

  it('says the same in words, and takes the trials that are recorded', async () => {
    const { code, out } = await typed(...search);
    expect(code).toBe(0);
    const { best, ranking, report } = JSON.parse(json.out) as {
      best: { parameters: { fast: number; slow: number }; objective: number };
      ranking: unknown[];
      report: string;
    };
    const { fast, slow } = best.parameters;
    expect(out).toContain(`sma-cross by grid, best totalReturn: fast=${fast} slow=${slow}\n`);
    expect(out).toContain(`${(100 * best.objective).toFixed(2)}`);
    expect(out.match(/fast=\d+ slow=\d+ *[│|]/g)).toHaveLength(ranking.length);
    expect(out).toContain(`Report  ${report}`);
    expect(out).toMatch(/Deflated Sharpe ratio [\d.]+, probability of overfitting .*: \w+/);
    const counted = await database.pool.query<{ count: string }>('SELECT count(*) FROM signalbox.trials');
    expect(Number(counted.rows[0]!.count)).toBe(6);
  });

  it.each([
    ['a strategy that is none', ['--strategy', 'sma-crss', '--bars', bars], /sma-crss/],
    ['no bars', ['--strategy', 'sma-cross'], /--strategy sma-cross needs bars[\s\S]*remedy: Give --bars FILE/],
    ['trials of a grid', [...rules, '--trials', '5'], /--trials would do nothing: a grid tries all/],
    ['a method that is none', [...rules, '--method', 'gird'], /gird/],
    ['a range of nothing', [...rules, '--range', 'fats=1,2'], /fats/],
  ])('refuses %s with the remedy, exit code 2', async (_what, more, words) => {
    const { code, out, err } = await typed('optimize', ...more, ...ranges);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
  });
});

describe('walk-forward over a bars file', () => {
  const lengths = ['--train-bars', '120', '--test-bars', '60'];
  const walked = ['walk-forward', ...rules, ...ranges, '--objective', 'totalReturn'];

  it('trades each test window with what its training chose, counts every trial, and keeps the report', async () => {
    const { code, out } = await typed(...walked, ...lengths, '--json');
    expect(code).toBe(0);
    const value = JSON.parse(out) as {
      report: string;
      bars: number;
      walkForward: { folds: { trials: number; parameters: object }[] };
    };
    expect(value.walkForward.folds.map(({ trials }) => trials)).toEqual([6, 6, 6]);
    expect(value.bars).toBe(180);
    expect(readFileSync(value.report, 'utf8')).toContain('sma-cross, walked forward');
    const { rows } = await database.pool.query<{ name: string }>(
      "SELECT experiment_name AS name FROM signalbox.trials WHERE experiment_name LIKE '%walk-forward%'",
    );
    expect(rows).toEqual([{ name: 'sma-cross.rules (walk-forward)' }]);
    const words = await typed(...walked, ...lengths, '--anchored');
    expect(words.code).toBe(0);
    expect(words.out).toContain('Report');
  });

  it.each([
    ['no length', [], /A rule strategy needs --train-bars[\s\S]*remedy: Give --train-bars N, in bars/],
    ['one length', ['--train-bars', '100'], /needs --test-bars/],
    ['a window of one bar', ['--train-bars', '1', '--test-bars', '60'], /--train-bars 1 is below 2/],
    ['windows that the bars do not hold', ['--train-bars', '290', '--test-bars', '60'], /300 bars hold no/],
  ])('refuses %s, exit code 2', async (_what, more, words) => {
    const { code, out, err } = await typed(...walked, ...more);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
  });
});
