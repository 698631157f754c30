import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';
import { writeSmallExperiment } from '../testing/small-experiment.ts';

// `paper EXPERIMENT` replays what a training predicted. It trains nothing itself.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-replay-'));
const experiment = writeSmallExperiment(folder, 'replayed');
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function signalbox(...args: string[]): Promise<Ended> {
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: join(folder, 'home'), REDIS_URL: '' };
  return startSignalbox(args, process.env, env).ended;
}

describe('a replay of an experiment', () => {
  it('is refused before a training, and names the command that makes one', async () => {
    const { code, stdout, stderr } = await signalbox('paper', experiment, '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`signalbox train ${experiment}`);
    const { rows } = await database.pool.query('SELECT count(*)::int AS trainings FROM signalbox.trainings');
    expect(rows).toEqual([{ trainings: 0 }]);
  });

  it('trades the stored predictions to the journal of the backtest', async () => {
    const backtest = await signalbox('backtest', experiment, '--json');
    const replay = await signalbox('paper', experiment, '--json');
    expect({ backtest: backtest.code, replay: replay.code }).toEqual({ backtest: 0, replay: 0 });
    const traded = JSON.parse(backtest.stdout) as { trades: number; journalHash: string };
    const replayed = JSON.parse(replay.stdout) as { trades: number; journalHash: string };
    expect(traded.trades).toBeGreaterThan(0);
    expect(replayed).toMatchObject({ trades: traded.trades, journalHash: traded.journalHash });
  });
});
