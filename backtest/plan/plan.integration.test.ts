import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { typeCommand, type TypedCommand } from '../../infra/terminal/testing/typed-command.ts';
import { scratchFiles } from '../../pipelines/testing/scratch-files.ts';
import { registerBacktestCommands } from '../commands.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { writeSmallExperiment } from '../testing/small-experiment.ts';
import type { PlanSection } from './compare-plan.ts';

const { folder, file } = scratchFiles('plan');
const experiment = writeSmallExperiment(folder, 'planned');

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

const plan = file(
  `experiment: planned.yaml
hypothesis: Yesterday's place in its range says where tomorrow goes.
measure: informationCoefficient
minimumEffect: 0.02
maxTrials: 1
`,
  'plan.yaml',
);

interface ShownPlan {
  readonly plan: number;
  readonly trialsSeen: number;
  readonly features: readonly string[];
  readonly outcomes: readonly { readonly kind: string; readonly compared: PlanSection }[];
}

async function backtested(...options: readonly string[]): Promise<BacktestResult> {
  const { code, out, err } = await typed('backtest', experiment, ...options, '--json');
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return JSON.parse(out) as BacktestResult;
}

describe('plan', () => {
  it('is kept before the data are looked at, with what it is about', async () => {
    const { code, out } = await typed('plan', 'register', plan);
    expect(code).toBe(0);
    expect(out).toContain('Plan 1 for planned, registered');
    expect(out).toContain('before any result');
    const shown = await typed('plan', 'show', 'planned', '--json');
    const [only] = JSON.parse(shown.out) as ShownPlan[];
    expect(only).toMatchObject({ plan: 1, trialsSeen: 0, maxTrials: 1, splits: { trainBars: 300 }, outcomes: [] });
    expect(only!.features).toContain('rsi(14)');
  });

  it('is held against what was done: nothing where all was as planned, else each departure by name', async () => {
    const first = (await backtested()).plan!;
    expect(first).toMatchObject({ plan: 1, trials: 1, departures: [], measure: 'informationCoefficient' });
    expect(first.reached).toBe(first.value! >= 0.02);
    const changed = await backtested('--set', 'features=["return(1)", "rsi(7)"]', '--set', 'costs.feeBps=9');
    const what = changed.plan!.departures.map((one) => one.what);
    expect(what).toEqual(['trials', 'features', 'costs.feeBps']);
    expect(changed.plan!.departures[1]!.done).toBe('rsi(7)');
    expect(changed.reasons).toContainEqual(expect.stringContaining('plan: trials: planned at most 1; done: 2.'));
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const report = files.find((path) => path.includes('planned-set') && path.endsWith('report.html'))!;
    const page = readFileSync(join(folder, report), 'utf8');
    expect(page).toMatch(/id="plan">Plan 1, registered [\s\S]*place in its range/);
    expect(page).toContain('rsi(7)');
  });

  it('says so where it is registered after results were seen, and keeps the one before', async () => {
    const { out } = await typed('plan', 'register', plan);
    expect(out).toContain('after 2 trials of it had been seen');
    const again = (await backtested()).plan!;
    expect(again).toMatchObject({ plan: 2, trials: 0, trialsSeen: 2 });
    expect(again.departures).toEqual([
      { what: 'registered', planned: 'before any result', done: 'after 2 trials were seen' },
      { what: 'registered', planned: 'once', done: '2 times, of which the last counts' },
    ]);
    const shown = JSON.parse((await typed('plan', 'show', 'planned', '--json')).out) as ShownPlan[];
    expect(shown.map(({ outcomes }) => outcomes.length)).toEqual([2, 1]);
    expect((await typed('plan', 'show')).out).toContain('plan: costs.feeBps: planned 1; done: 9.');
  });

  it('cannot be changed or taken back', async () => {
    for (const table of ['plans', 'plan_outcomes']) {
      await expect(database.pool.query(`DELETE FROM signalbox.${table}`)).rejects.toThrow(/rows are only added/);
    }
    const change = "UPDATE signalbox.plans SET plan = '{}'";
    await expect(database.pool.query(change)).rejects.toThrow(/UPDATE of signalbox.plans is refused/);
  });

  it('names what is wrong with a file, and the experiments without one', async () => {
    const wrong = file('experiment: planned.yaml\nhypothesis: too short\nmeasure: profit\n', 'wrong.yaml');
    const refused = await typed('plan', 'register', wrong);
    expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('measure')]);
    expect(await typed('plan', 'show', 'other')).toMatchObject({ code: 2 });
  });
});
