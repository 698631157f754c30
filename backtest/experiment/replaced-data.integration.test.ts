import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { aliasHolder, listVersions } from '../../models/registry/model-store.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { readTries } from '../judgement/trial-store.ts';
import { startSignalbox } from '../testing/run-process.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';

// Data that are not an experiment's own never enter its name, its history or a comparison with its champion.

const BARS = 900;
const OWN_FROM_MS = -Infinity;

interface Document {
  readonly experiment: string;
  readonly trials: number;
  readonly ledger: readonly { symbol: string }[];
  readonly model: { name: string; version: number; aliases: string[]; notMet: string[] };
}

interface Card {
  readonly data: { source: string; statement: string; symbols: string[]; timeframe: string };
  readonly limitsOfUse: readonly string[];
}

describe('bars that replace the data of an experiment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-replaced-'));
  const other = join(folder, 'msft.csv');
  const searched = join(folder, 'searched.yaml');
  let database: TestDatabase;
  let place: PlantedPlace;
  let env: NodeJS.ProcessEnv;
  let before: { versions: number; tries: number; champion: string };

  async function said<Value>(args: readonly string[], code = 0): Promise<Value> {
    const ended = await startSignalbox([...args, '--json'], process.env, env).ended;
    expect(ended.code, ended.stderr).toBe(code);
    return JSON.parse(ended.stdout) as Value;
  }
  async function standing(): Promise<typeof before> {
    const champion = (await aliasHolder(database.pool, 'indexed', 'champion'))!;
    const judged = { name: 'indexed', modelHash: champion.modelHash, symbols: ['IDX'], ageDays: 0 };
    const { trials } = await readTries(database, { ...judged, fromMs: OWN_FROM_MS, toMs: Infinity });
    const versions = await listVersions(database.pool, 'indexed');
    return { versions: versions.length, tries: trials.length, champion: champion.modelHash };
  }
  const show = (count: number): void => {
    const bars = plantedBars({ bars: count, seed: 77, symbol: 'X', drift: 0.001 });
    writeFileSync(other, [...barsCsv([bars])].join(''));
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url, REDIS_URL: '', SIGNALBOX_HOME: join(folder, 'home'), SIGNALBOX_WORKERS: '1' };
    const bars = plantedBars({ bars: BARS, seed: 5, symbol: 'IDX', correlation: 0.3 });
    place = makePlantedPlace(database, {
      folder,
      name: 'indexed',
      bars,
      env,
      sections: { description: 'Of the index.' },
    });
    place.show(BARS);
    await place.train();
    await place.crown();
    before = await standing();
    show(BARS);
  });
  afterAll(async () => {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are another name, other trials and no rival of the champion', async () => {
    const result = await said<Document>(['walk-forward', place.experimentPath, '--bars', other]);
    expect(result.experiment).toMatch(/^indexed\.msft-[0-9a-f]{8}$/);
    expect(result.model).toMatchObject({ name: result.experiment, version: 1 });
    expect(result.trials).toBe(1);
    expect(new Set(result.ledger.map(({ symbol }) => symbol))).toEqual(new Set(['msft']));
    expect(await standing()).toEqual(before);
    const decisions = await database.pool.query<{ name: string; champion_version: number | null }>(
      'SELECT name, champion_version FROM signalbox.promotion_decisions WHERE champion_version IS NOT NULL',
    );
    expect(decisions.rows).toEqual([]);
  });

  it('are named in card, report and what the tracking server is told', async () => {
    const [version] = (await listVersions(database.pool)).filter(({ name }) => name.startsWith('indexed.'));
    const card = await said<Card>(['models', 'show', `${version!.name}@1`]);
    expect(card.data).toMatchObject({ source: 'csv', symbols: ['msft'], timeframe: '1d' });
    expect(card.data.statement).toContain('msft.csv');
    expect(card.limitsOfUse[0]).toContain('Only for msft');
    const { rows } = await database.pool.query<{ payload: object; content: Buffer | null }>(
      `SELECT payload, content FROM signalbox.tracking_entries e JOIN signalbox.trainings t ON e.stream = 'training/' || t.hash
       WHERE experiment_name = $1`,
      [version!.name],
    );
    const told = JSON.stringify(rows.map(({ payload }) => payload));
    expect(told).toContain('msft.csv');
    expect(told).not.toMatch(/IDX|Of the index|"experimentName":"indexed"|"modelName":"indexed"/);
    const written = rows.map(({ content }) => content?.toString('utf8') ?? '').join('\n');
    expect(written).toContain('over other data: msft from msft.csv');
    expect(written).not.toMatch(/IDX|Of the index|indexed\.csv/);
  });

  it('keep their name while the file grows, whatever is forced', async () => {
    show(BARS + 30);
    const result = await said<Document>(['train', place.experimentPath, '--bars', other]);
    expect(result.model).toMatchObject({ version: 2 });
    const reference = `${result.model.name}@2`;
    await said(['models', 'promote', reference, '--force', '--reason', 'to see it live']);
    expect(await standing()).toEqual(before);
    expect(await said<{ report: { name: string } }>(['monitor', place.experimentPath, '--bars', other])).toMatchObject({
      report: { name: result.model.name, alarms: [] },
    });
  });

  it('make the chosen of a search an experiment of its own', async () => {
    const text = readFileSync(place.experimentPath, 'utf8');
    writeFileSync(
      searched,
      `${text}search: { method: random, trials: 2, objective: netSharpe, space: { signals.buyAbove: { float: [0.5, 0.6] } } }\n`,
    );
    const written = join(folder, 'chosen.yaml');
    await said(['optimize', searched, '--bars', other, '--write', written]);
    const chosen = parse(readFileSync(written, 'utf8')) as { name: string; universe: string[]; data: object };
    expect(chosen.name).toMatch(/^indexed-msft-[0-9a-f]{8}$/);
    expect(chosen).toMatchObject({ universe: ['msft'], data: { source: 'csv', path: other } });
    expect(await standing()).toEqual(before);
  });
});
