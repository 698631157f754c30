import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sliceBarColumns } from '../../features/bar.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { systemClock } from '../../infra/clock.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { recordActions } from '../adjustments/action-store.ts';
import { findSeries } from '../bars/bar-series-store.ts';
import { utcDayOf } from '../calendars/day.ts';
import { runStoredFeatures } from '../commands/stored-features.ts';
import { readBars } from '../bars/bar-store.ts';
import type { DataOptions } from '../data-options.ts';
import { ingest, ingestSource } from '../ingest/ingest.ts';
import { readFeatures } from '../materialized/feature-store.ts';
import { materialize } from '../materialized/materialize.ts';
import { createMemorySource } from '../sources/made-up/memory-source.ts';
import { panelFeatures, type Panel } from './panel-features.ts';
import { PanelFolder } from './panel-folder.ts';

const symbols = ['SIM001', 'SIM002', 'SIM003'];
function simulated(bars: number): { data: DataOptions; universe: string } {
  const data: DataOptions = {
    source: 'simulated',
    timeframe: '1d',
    calendar: 'us-equities',
    adjust: 'splits',
    simulated: { symbols: 3, bars, seed: 5 },
    maxQualityErrors: 0,
  };
  return { data, universe: 'simulated-3' };
}
let database: TestDatabase;
let folder: string;
let series: Awaited<ReturnType<typeof ingest>>['series'];

beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'panels-'));
  ({ series } = await ingest(database, simulated(400)));
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const seriesIds = (): number[] => series.map(({ id }) => id);
const setOf = (features: readonly string[]) => parseFeatureSet(features, { timeframe: '1d', symbols });

async function panelOf(features: readonly string[], adjust: 'raw' | 'splits' = 'raw') {
  const kept = new PanelFolder(folder, systemClock);
  return panelFeatures(database, { set: setOf(features), adjust, seriesIds: seriesIds(), folder: kept });
}

/** What `materialize` stores of raw bars. */
async function rowsOf(features: readonly string[]) {
  const set = setOf(features);
  await materialize(database, { set, series, adjust: 'raw' });
  return readFeatures(database, set.hash, seriesIds());
}

const withoutOpens = ({ matrices }: Panel) =>
  matrices.map(({ symbol, columns, length, closeTimeMs, values }) => ({
    symbol,
    columns,
    length,
    closeTimeMs,
    values,
  }));

describe('a panel of stored bars', () => {
  it('is what is stored row by row, and is there the second time', async () => {
    for (const features of [
      ['return(1)', 'rsi(14)'],
      ['rank(roc(5))', 'beta(SIM002,20)'],
    ]) {
      const [first, second, rows] = [await panelOf(features), await panelOf(features), await rowsOf(features)];
      expect([first.wasKept, second.wasKept]).toEqual([false, true]);
      expect(withoutOpens(first)).toEqual(rows);
      expect(second.matrices).toEqual(first.matrices);
    }
    expect(readdirSync(join(folder, 'panels'))).toHaveLength(2);
  });

  it('is computed anew where actions have changed', async () => {
    const [one] = await findSeries(database.pool, seriesIds());
    const [raw, whole] = [await panelOf(['rsi(14)']), await panelOf(['rsi(14)'], 'splits')];
    // Nothing is on record yet that could be taken out.
    expect([raw.wasKept, whole.wasKept]).toEqual([false, true]);
    const middle = raw.matrices[0]!.openTimeMs[200]!;
    const split = { kind: 'split', exDay: utcDayOf(middle), value: 2, knownAtMs: middle } as const;
    await recordActions(database, one!, [split], { origin: 'test', revise: false });
    const split1 = await panelOf(['rsi(14)'], 'splits');
    expect(split1.wasKept).toBe(false);
    const changed = split1.matrices[0]!.values.findIndex(
      (value, row) => !Object.is(value, raw.matrices[0]!.values[row]),
    );
    expect(changed).toBe(200);
    expect(split1.matrices[1]!.values).toEqual(raw.matrices[1]!.values);
    expect((await panelOf(['rsi(14)'])).wasKept).toBe(true);
  });

  it('is computed anew where bars have come, also where rows lie in another order', async () => {
    // A row that is written again lies behind all others.
    await database.pool.query('UPDATE bars SET volume = volume WHERE open_time = (SELECT min(open_time) FROM bars)');
    const features = ['atr(5)', 'obv()'];
    expect(withoutOpens(await panelOf(features))).toEqual(await rowsOf(features));
    const bars = await readBars(database, seriesIds());
    const grown = async (length: number): Promise<Panel> => {
      const load = async () => bars.map((one) => sliceBarColumns(one, 0, length));
      const describe = (symbol: string) => ({ ...series.find((one) => one.symbol === symbol)!, source: 'grown' });
      const source = createMemorySource({ name: 'grown', load, describe });
      const stored = await ingestSource(database, source, { range: { fromMs: -Infinity, toMs: Infinity } });
      const ids = stored.series.map(({ id }) => id);
      const kept = new PanelFolder(folder, systemClock);
      return panelFeatures(database, { set: setOf(features), adjust: 'raw', seriesIds: ids, folder: kept });
    };
    const [short, again, long] = [await grown(300), await grown(300), await grown(400)];
    expect([short.wasKept, again.wasKept]).toEqual([false, true]);
    // The same bars under another name have the same features.
    expect(long.wasKept).toBe(true);
    expect(long.matrices.map(({ length }) => length)).toEqual([400, 400, 400]);
  });
});

describe('features --stored', () => {
  const run = (options: object) =>
    runStoredFeatures(databaseContext(database, { env: { SIGNALBOX_HOME: folder } }), options as never);

  it('writes features of what the store has, of some symbols or all', async () => {
    const out = join(folder, 'out.csv');
    const { value } = await run({ stored: 'simulated', features: 'sma(3)', out });
    expect(value).toMatchObject({ rows: 1200, columns: ['sma(3)'], symbols, wasKept: false });
    const lines = readFileSync(out, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(1201);
    expect(lines[0]).toBe('time,symbol,sma(3)');
    expect(lines[1]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z,SIM001,$/);
    const some = await run({ stored: 'simulated', features: 'sma(3)', out, symbol: 'SIM003' });
    expect(some.value).toMatchObject({ rows: 400, symbols: ['SIM003'] });
  });

  it('names what is wrong, and what to do', async () => {
    const out = join(folder, 'none.csv');
    const said = async (options: object): Promise<string> => {
      const error = await run({ stored: 'simulated', features: 'sma(3)', out, ...options }).then(
        () => new Error('it went through'),
        (refused: Error & { remedy?: string }) => refused,
      );
      return `${error.message} ${(error as { remedy?: string }).remedy ?? ''}`;
    };
    expect(await said({ stored: true })).toMatch(/is there twice: of grown \(.*\) and simulated \(.*\). Choose one/);
    expect(await said({ stored: 'simulatde' })).toMatch(/nothing of "simulatde". Did you mean "simulated"/);
    expect(await said({ symbol: 'SIM01' })).toMatch(/no such bars of SIM01. Did you mean "SIM001"/);
    expect(await said({ timeframe: '1h' })).toMatch(/has no such bars. signalbox ingest/);
    expect(await said({ bars: 'a.csv' })).toMatch(/--bars is of files/);
    expect(await said({ timeFormat: 's' })).toMatch(/--time-format is of files/);
    expect(await said({ features: undefined })).toMatch(/needs --features/);
    expect(await said({ features: 'sma(3' })).toMatch(/sma\(3/);
  });
});
