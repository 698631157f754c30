import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { silentProgress, type Progress } from '../../infra/terminal/progress.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { DataOptions } from '../data-options.ts';
import { readFeatures } from '../materialized/feature-store.ts';
import { SOURCE_ARGUMENTS } from '../../infra/testing/source-arguments.ts';
import { ingest } from './ingest.ts';
import { requireQuality } from '../quality/quality-gate.ts';
import type { SeriesQuality } from '../quality/quality-store.ts';
import { materialize } from '../materialized/materialize.ts';
import { readBars } from '../bars/bar-store.ts';
import { computeFeatures } from '../../features/feature-matrix.ts';

const data: DataOptions = {
  source: 'simulated',
  timeframe: '1m',
  calendar: 'us-equities',
  adjust: 'raw',
  simulated: { symbols: 1, bars: 400_000, seed: 3 },
  maxQualityErrors: 0,
};
const features = ['return(1)', 'rsi(14)', 'ema(50)'];

/** Runs `work` (the body of an async function that knows `database` and `data`) in a process of its own. */
function start(database: TestDatabase, work: string): ChildProcess {
  const script = `
    import { connect } from './infra/postgres/database.ts';
    import { ingest } from './pipelines/ingest/ingest.ts';
    import { materialize } from './pipelines/materialized/materialize.ts';
    import { parseFeatureSet } from './features/feature-set.ts';
    const data = ${JSON.stringify(data)};
    const database = await connect(${JSON.stringify(database.url)}, { migrate: false }, null);
    ${work}
    await database.close();`;
  const args = [...SOURCE_ARGUMENTS, '--input-type=module', '--eval', script];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Waits until `count` gives more than `from`, then kills the child at once. Returns what was there then. */
async function killWhen(child: ChildProcess, count: () => Promise<number>, from: number): Promise<number> {
  const ended = once(child, 'exit');
  for (;;) {
    const found = await count();
    if (found > from) {
      child.kill('SIGKILL');
      await ended;
      return found;
    }
    if (child.exitCode !== null) throw new Error('The child was done before it could be killed.');
    await sleep(2);
  }
}

describe('an ingest that is stopped', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const panel = (symbols: number, bars: number, seed: number): DataOptions => {
    return { ...data, simulated: { symbols, bars, seed } };
  };
  const gate = (quality: readonly SeriesQuality[]): void => requireQuality(quality, { maxQualityErrors: 0 });

  /** Progress that stops the ingest once it has told of so many bars. */
  function stopAfter(bars: number, controller: AbortController): Progress {
    const advance = (count = 1): void => {
      bars -= count;
      if (bars <= 0) controller.abort(new SignalboxError('Stopped by SIGINT.'));
    };
    return { ...silentProgress(), stage: (name, total) => ({ ...silentProgress().stage(name, total), advance }) };
  }

  async function undisturbed(asked: DataOptions): Promise<string> {
    const other = await createTestDatabase();
    const { dataHash } = await ingest(other, { data: asked, universe: 'simulated', gate });
    await other.drop();
    return dataHash;
  }

  it.each([
    ['whole series', panel(4, 3_000, 1), 7_000, /^Stopped by SIGINT. 2 of 4 series are whole .* \(6000 bars\)\.$/],
    ['nothing at once', panel(2, 3_000, 2), 1, /^Stopped by SIGINT. 0 of 2 series are whole .* \(0 bars\)\.$/],
  ])('keeps what a gate has let pass, and goes on with the rest: %s', async (_name, asked, stopBars, told) => {
    const controller = new AbortController();
    const options = { data: asked, universe: 'simulated', gate } as const;
    const progress = stopAfter(stopBars, controller);
    const stopped = ingest(database, { ...options, progress, signal: controller.signal });
    await expect(stopped).rejects.toMatchObject({
      message: expect.stringMatching(told) as string,
      remedy: 'Start it again: it goes on with what is missing.',
    });
    const { symbols, bars } = asked.simulated;
    const kept = Math.floor(stopBars / bars) * bars;
    const finished = await ingest(database, options);
    expect(finished.inserted).toBe(symbols * bars - kept);
    expect(finished.dataHash).toBe(await undisturbed(asked));
  });

  it('keeps the beginning of a series that nothing lies behind, once more when it is stopped again', async () => {
    const options = { data: panel(1, 300_000, 3), universe: 'simulated' } as const;
    const left: number[] = [];
    for (const stopBars of [70_000, 70_000]) {
      const controller = new AbortController();
      const progress = stopAfter(stopBars, controller);
      const stopped = ingest(database, { ...options, progress, signal: controller.signal });
      await expect(stopped).rejects.toThrow(
        /0 of 1 series are whole in the store \(0 bars\), and \d+ bars of SIM001\.$/,
      );
      const { rows } = await database.pool.query<{ bars: number }>(
        `SELECT bar_count AS bars FROM bar_series WHERE origin LIKE 'seed=3 %'`,
      );
      left.push(rows[0]!.bars);
    }
    expect(left[0]).toBeGreaterThanOrEqual(70_000);
    expect(left[1]).toBeGreaterThan(left[0]!);
    expect(left[1]).toBeLessThan(300_000);
  });
});

describe('a process killed in the middle', () => {
  let database: TestDatabase;
  const countOf = (table: string) => async (): Promise<number> => {
    const { rows } = await database.pool.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`);
    return rows[0]!.count;
  };
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it('of ingesting leaves whole pieces, and the next run ends as an undisturbed one does', async () => {
    const child = start(database, `await ingest(database, { data, universe: 'SIM001' });`);
    await killWhen(child, countOf('bars'), 0);
    const { rows } = await database.pool.query<{ bar_count: number }>('SELECT bar_count FROM bar_series');
    const left = await countOf('bars')();
    expect(rows[0]!.bar_count).toBe(left);
    expect(left).toBeLessThan(400_000);
    const finished = await ingest(database, { data, universe: 'SIM001' });
    expect(finished.inserted).toBe(400_000 - left);
    expect(await countOf('bars')()).toBe(400_000);

    const other = await createTestDatabase();
    const undisturbed = await ingest(other, { data, universe: 'SIM001' });
    await other.drop();
    expect(finished.dataHash).toBe(undisturbed.dataHash);
    expect(finished.series[0]!.quality.findings).toEqual(undisturbed.series[0]!.quality.findings);
  });

  it('of materialising leaves whole blocks, and the next run ends as an undisturbed one does', async () => {
    const { series, range } = await ingest(database, { data, universe: 'SIM001' });
    const parse = `parseFeatureSet(${JSON.stringify(features)}, { timeframe: '1m', symbols: ['SIM001'] })`;
    const options = `{ set: ${parse}, series: [{ id: ${series[0]!.id}, symbol: 'SIM001' }] }`;
    const child = start(database, `await materialize(database, ${options});`);
    await killWhen(child, countOf('feature_rows'), 0);
    const left = await countOf('feature_rows')();
    expect(left).toBeLessThan(400_000);
    const set = parseFeatureSet(features, { timeframe: '1m', symbols: ['SIM001'] });
    expect(await materialize(database, { set, series, range })).toEqual({ rows: 400_000, inserted: 400_000 - left });
    const [stored] = await readFeatures(database, set.hash, [series[0]!.id]);
    const [computed] = computeFeatures(set, await readBars(database, [series[0]!.id]));
    expect(stored!.length).toBe(400_000);
    expect(Buffer.compare(Buffer.from(stored!.values.buffer), Buffer.from(computed!.values.buffer))).toBe(0);
  });
});
