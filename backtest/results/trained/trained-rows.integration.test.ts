import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../infra/command.ts';
import type { ExportManifest } from '../../../infra/export/write-export.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { startSignalbox } from '../../testing/run-process.ts';
import { rowsCommand } from '../rows-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-trained-rows-'));
const dataDir = join(folder, 'home');
const FEATURES = ['return(1)', 'rsi(14)'];
let database: TestDatabase;
let context: CommandContext;
let result: { readonly outOfSample: { readonly coverage: { level: number; rows: number; coverage: number } } };

async function signalbox(...args: string[]): Promise<string> {
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: dataDir, REDIS_URL: '' };
  const { code, stdout, stderr } = await startSignalbox(args, process.env, env).ended;
  expect({ code, told: code === 0 ? '' : stderr }).toEqual({ code: 0, told: '' });
  return stdout;
}

type Row = Readonly<Record<string, string>>;

/** Rows of a run in a file, and its manifest. */
async function rowsOf(what: 'predictions' | 'features', options: object = {}): Promise<[Row[], ExportManifest]> {
  const path = join(folder, `${what}.csv`);
  await rowsCommand(context, what, { out: path, ...options });
  const manifest = JSON.parse(readFileSync(join(folder, `${what}.manifest.json`), 'utf8')) as ExportManifest;
  return [parse(readFileSync(path, 'utf8'), { columns: true }) as Row[], manifest];
}

beforeAll(async () => {
  database = await createTestDatabase();
  context = databaseContext(database, { env: { SIGNALBOX_HOME: dataDir } });
  const path = join(folder, 'taught.yaml');
  writeFileSync(
    path,
    `name: taught
universe: simulated-2
data: { source: simulated, simulated: { bars: 260, seed: 5 } }
features: [${FEATURES.map((one) => `"${one}"`).join(', ')}]
splits: { kind: walk-forward, trainBars: 120, testBars: 60, embargoBars: 0 }
estimators: [{ name: linear, kind: logistic-regression }]
`,
  );
  result = JSON.parse(await signalbox('run', path, '--json')) as typeof result;
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('rows of a run that was trained', () => {
  it('has its predictions in a file, each as it is on record', async () => {
    const [rows, manifest] = await rowsOf('predictions');
    const { rows: stored } = await database.pool.query<{ n: number; sum: number; training: string }>(
      `SELECT count(*)::int AS n, sum(probability)::float8 AS sum, min(training_hash) AS training FROM predictions`,
    );
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.length).toBe(stored[0]!.n);
    expect(rows.reduce((sum, row) => sum + Number(row['probability']), 0)).toBeCloseTo(stored[0]!.sum, 9);
    expect(manifest).toMatchObject({ what: 'predictions', rows: rows.length, of: { kind: 'run' } });
    expect(manifest.hashes['training']).toBe(stored[0]!.training);
  });

  it('has the interval of each return as it was given then: as many hold as the result says', async () => {
    const [rows, manifest] = await rowsOf('predictions');
    const given = rows.filter(({ low }) => low !== '');
    const held = given.filter((row) => {
      const value = Number(row['realisedReturn']);
      return value >= Number(row['low']) && value <= Number(row['high']);
    });
    expect(given.length).toBeGreaterThan(20);
    expect(given.length).toBeLessThan(rows.length);
    expect({ rows: given.length, coverage: held.length / given.length }).toEqual({
      rows: result.outOfSample.coverage.rows,
      coverage: result.outOfSample.coverage.coverage,
    });
    expect(manifest.columns.at(-2)).toMatchObject({
      name: 'low',
      unit: 'fraction: 90 % of returns are to lie from here',
    });
    expect(result.outOfSample.coverage.level).toBe(0.9);
  });

  it('has the features that it learned from in a file, symbol by symbol, empty where they warm up', async () => {
    const [rows, manifest] = await rowsOf('features');
    expect(Object.keys(rows[0]!)).toEqual(['time', 'symbol', ...FEATURES]);
    const { rows: stored } = await database.pool.query<{ n: number; sum: number }>(
      `SELECT count(*)::int AS n, sum(nullif(values[1], 'NaN'))::float8 AS sum FROM feature_rows`,
    );
    expect(rows.length).toBe(stored[0]!.n);
    expect(rows.reduce((sum, row) => sum + Number(row['return(1)']), 0)).toBeCloseTo(stored[0]!.sum, 9);
    const [first, second] = ['0', '1'].map((at) => rows.filter(({ symbol }) => symbol!.endsWith(at)).length);
    expect(first! + second!).toBeGreaterThan(0);
    expect(rows.slice(0, 14).every((row) => row['rsi(14)'] === '')).toBe(true);
    expect(manifest.columns.map(({ name }) => name)).toEqual(Object.keys(rows[0]!));
  });

  it('shows the last rows where no file is named, by `features` too', async () => {
    const shown = JSON.parse(await signalbox('features', '--run', 'latest', '--limit', '2', '--json')) as {
      features: unknown[];
      total: number;
    };
    expect(shown.features).toHaveLength(2);
    expect(shown.total).toBe(520);
  });
});
