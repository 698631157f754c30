import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readPredictions, type StoredPredictions } from '../../models/registry/prediction-store.ts';
import { loadDataset } from '../../models/training/load-dataset.ts';
import { readTraining } from '../../models/registry/training-store.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';
import { writeSmallExperiment } from '../testing/small-experiment.ts';

// Seconds of work; on two cores that others wanted as well, processes took ten times as long to start.
const SIDE = 'ppo(12,26,9).histogram';
const folder = mkdtempSync(join(tmpdir(), 'signalbox-meta-'));

/** The small experiment with meta-labels over triple barriers, walked forward by quarters. */
function writeMetaExperiment(): string {
  const path = writeSmallExperiment(folder, 'meta');
  const text = readFileSync(path, 'utf8')
    .replace("'rsi(14)'", `'rsi(14)', 'ppo(12,26,9)'`)
    .replace(
      /splits: .*/,
      `labels: { kind: triple-barrier, horizonBars: 5, meta: { side: '${SIDE}' } }
splits: { period: quarter, trainPeriods: 4, testPeriods: 2 }`,
    );
  writeFileSync(path, text);
  return path;
}

interface WalkedForward {
  readonly folds: readonly { readonly test: { readonly from: string; readonly to: string } }[];
  readonly outOfSample: { readonly rows: number; readonly logLoss: number };
}

describe('an experiment with meta-labels and a walk-forward by quarters', () => {
  const path = writeMetaExperiment();
  let database: TestDatabase;
  let walked: Ended;
  let trainingHash: string;
  let stored: StoredPredictions;
  const signalbox = (...args: string[]): Promise<Ended> =>
    startSignalbox(args, process.env, {
      DATABASE_URL: database.url,
      SIGNALBOX_HOME: join(folder, 'home'),
      REDIS_URL: '',
      MLFLOW_TRACKING_URI: '',
    }).ended;

  beforeAll(async () => {
    database = await createTestDatabase();
    walked = await signalbox('walk-forward', path, '--json');
    const { rows } = await database.pool.query<{ hash: string }>('SELECT hash FROM signalbox.trainings');
    expect(rows, walked.stderr).toHaveLength(1);
    trainingHash = rows[0]!.hash;
    stored = await readPredictions(database.pool, trainingHash);
  });
  afterAll(async () => {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The primary side of every stored prediction, from the feature rows in the store. */
  async function storedSides(): Promise<number[]> {
    const { dataset } = await loadDataset(database, await readTraining(database.pool, trainingHash));
    const { rows, width, symbols, symbolIndex, decisionTimeMs, x } = dataset;
    const column = dataset.featureNames.indexOf(SIDE);
    const sides = new Map<string, number>();
    for (let row = 0; row < rows; row++) {
      sides.set(`${symbols[symbolIndex[row]!]} ${decisionTimeMs[row]}`, Math.sign(x[row * width + column]!));
    }
    return stored.symbol.map((symbol, row) => sides.get(`${symbol} ${stored.decisionTimeMs[row]}`)!);
  }

  it('is trained and traded from file to result, and tested from quarter to quarter', () => {
    expect(walked.code, walked.stderr).toBe(0);
    const { folds, outOfSample } = JSON.parse(walked.stdout) as WalkedForward;
    expect(folds.length).toBeGreaterThan(1);
    for (const { test } of folds) {
      const from = new Date(test.from);
      expect(from.getUTCMonth() % 3).toBe(0);
      expect(from.getUTCDate()).toBeLessThan(5);
    }
    expect(outOfSample.rows).toBe(stored.length);
    // Probabilities of up that were upside down for short sides would be far worse than knowing nothing.
    expect(outOfSample.logLoss).toBeLessThan(0.75);
  });

  it('stores probabilities of up beside the primary side that they judge', async () => {
    const sides = await storedSides();
    const words = { '1': 'long', '-1': 'short' };
    expect(new Set(sides)).toEqual(new Set([1, -1]));
    sides.forEach((side, row) => {
      const reason = `the primary side is ${words[String(side) as '1' | '-1']} by ${SIDE}; `;
      expect(stored.reasons[row]!.slice(0, reason.length)).toBe(reason);
    });
    const share = stored.probability.filter((p, row) => sides[row]! * (p - 0.5) > 0).length / sides.length;
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
  });

  it('explains its newest prediction as one of up', async () => {
    const { code, stdout, stderr } = await signalbox('models', 'explain', 'meta', '--symbol', 'SIM001');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(
      /Here the primary side is (long|short) by ppo\(12,26,9\)\.histogram \(.*\); the model learned/,
    );
  });

  it('says in the card of its model what was learned', async () => {
    const { code, stdout, stderr } = await signalbox('models', 'show', 'meta');
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(`label: triple-barrier over 5 bars; learned: whether the side of ${SIDE} is right`);
  });

  it('has no look-ahead', async () => {
    const { code, stdout, stderr } = await signalbox('lookahead', path, '--cuts', '1', '--json');
    expect(code, stderr).toBe(0);
    const { findings, compared } = JSON.parse(stdout) as { findings: unknown[]; compared: Record<string, number> };
    expect(findings).toEqual([]);
    expect(Math.min(...Object.values(compared))).toBeGreaterThan(20);
  });
});
