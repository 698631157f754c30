import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { killAndRunAgain, KILL_POINTS, rowCounts } from './killed-run.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { startSignalbox } from './run-process.ts';
import { writeSmallExperiment } from './small-experiment.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-killed-'));
// Open to the server's user, so that root's data lies inside and goes with the folder.
chmodSync(folder, 0o711);
const experiment = writeSmallExperiment(folder);
const databases: TestDatabase[] = [];
let undisturbed: { result: BacktestResult; rows: Record<string, number>; env: NodeJS.ProcessEnv };

async function place(): Promise<{ database: TestDatabase; env: NodeJS.ProcessEnv }> {
  const database = await createTestDatabase();
  databases.push(database);
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: join(folder, String(databases.length)), REDIS_URL: '' };
  return { database, env: { ...env, MLFLOW_TRACKING_URI: '', SIGNALBOX_WORKERS: '2' } };
}

beforeAll(async () => {
  const { database, env } = await place();
  const { code, stdout, stderr } = await startSignalbox(['run', experiment, '--once', '--json'], process.env, env)
    .ended;
  expect(code, stderr).toBe(0);
  undisturbed = { result: JSON.parse(stdout) as BacktestResult, rows: await rowCounts(database), env };
});

afterAll(async () => {
  for (const database of databases) await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a run that is killed with kill -9', () => {
  it('has something to lose: folds, trades, predictions and tracking entries', () => {
    expect(undisturbed.result.folds?.length).toBeGreaterThanOrEqual(3);
    expect(undisturbed.result.trades).toBeGreaterThan(0);
    expect(Object.values(undisturbed.rows).every((count) => count > 0)).toBe(true);
  });

  // The first point needs the embedded server and is the proof's; the others are killed here once each.
  for (const { stage, says } of KILL_POINTS.slice(1)) {
    it(`during ${stage} is finished by the next, with nothing doubled and nothing lost`, async () => {
      const { database, env } = await place();
      const delayMs = stage === 'training' ? 1_500 : 5;
      const { again } = await killAndRunAgain({ experiment, base: process.env, env, says, delayMs });
      expect(again.code, again.stderr).toBe(0);
      expect(JSON.parse(again.stdout)).toEqual(undisturbed.result);
      expect(await rowCounts(database)).toEqual(undisturbed.rows);
    });
  }

  it('does nothing twice when it is run again after its end', async () => {
    const { stderr } = await startSignalbox(['run', experiment, '--once'], process.env, undisturbed.env).ended;
    expect(stderr).toContain('0 bars written');
    expect(stderr).toContain('0 rows of');
    expect(stderr).toContain('already trained');
  });
});
