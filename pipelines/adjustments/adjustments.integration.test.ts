import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import type { CommandContext } from '../../infra/command.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readBars } from '../bars/bar-store.ts';
import { barsCsv } from '../bars/bars-csv.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { isoDay } from '../calendars/day.ts';
import { ingestCommand, runMaterialize } from '../commands/command-actions.ts';
import type { DataOptions } from '../data-options.ts';
import { readFeatures } from '../materialized/feature-store.ts';
import { ingest, type IngestReport } from '../ingest/ingest.ts';
import { materialize } from '../materialized/materialize.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { fileContext } from '../testing/file-context.ts';
import { ChangedActionsError } from './action-store.ts';
import { computeAdjustedFeatures } from './adjusted-features.ts';
import type { AdjustMode } from './corporate-action.ts';

const calendar = calendarNamed('us-equities');
const made = ['A', 'B'].map((symbol, i) =>
  plantedBars({ bars: 300, seed: 20 + i, symbol, calendar, start: '2019-01-02' }),
);
const dayOf = (bar: number): string => isoDay(calendar.dayAt(made[0]!.openTimeMs[bar]!));

/**
 * A traded two for one at bar 100, known at once; a dividend of B at bar 150; a one for five of B at bar 200, known at
 * 210's close.
 */
const known = new Date(made[0]!.closeTimeMs[210]!).toISOString();
const ACTIONS = [
  'symbol,type,exDate,ratio,amount,knownAt',
  `A,split,${dayOf(100)},2,,2019-01-02T12:00:00Z`,
  `B,dividend,${dayOf(150)},,3.5,`,
  `B,split,${dayOf(200)},1:5,,${known}`,
];

function split(bars: BarColumns, from: number, ratio: number): void {
  for (let i = from; i < bars.length; i++) {
    for (const field of ['open', 'high', 'low', 'close'] as const) bars[field][i]! /= ratio;
    bars.volume[i]! *= ratio;
  }
}
split(made[0]!, 100, 2);
split(made[1]!, 200, 0.2);

const alone = ['return(1)', 'rsi(14)', 'ema(20)'];
const compared = ['rank(roc(5))', 'ema(20)'];
let folder: string;
let database: TestDatabase;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-adjust-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  options: { bars?: number; actions?: readonly string[]; adjust?: AdjustMode; revise?: boolean } = {},
): Promise<IngestReport> {
  const { bars = 300, actions = ACTIONS, adjust = 'splits-and-dividends', revise } = options;
  const path = join(folder, 'bars.csv');
  writeFileSync(path, [...barsCsv(made.map((one) => sliceBarColumns(one, 0, bars)))].join(''));
  const file = join(folder, 'actions.csv');
  writeFileSync(file, actions.join('\n'));
  const data: DataOptions = {
    source: 'csv',
    path,
    timeframe: '1d',
    calendar: 'us-equities',
    adjust,
    actions: actions.length === 0 ? undefined : file,
    simulated: { symbols: 1, bars: 1, seed: 1 },
    maxQualityErrors: 0,
  };
  return ingest(database, { data, universe: ['A', 'B'], revise });
}

describe('splits and dividends on record', () => {
  beforeEach(async () => {
    database = await createTestDatabase();
    return () => database.drop();
  });

  for (const features of [alone, compared]) {
    it(`give stored rows of what was known at each bar, in one go or in pieces: ${features.join(' ')}`, async () => {
      const set = parseFeatureSet(features, { timeframe: '1d', symbols: ['A', 'B'] });
      const rows = async ({ series, range, adjustments }: IngestReport): Promise<number> => {
        const done = await materialize(database, { set, series, range, adjust: 'splits-and-dividends' });
        const ids = series.map(({ id }) => id);
        const bars = await readBars(database, ids);
        const found = { adjustments: adjustments.map(({ hash }) => hash) };
        const expected = computeAdjustedFeatures(
          set,
          bars,
          adjustments.map(({ actions }) => actions),
        );
        expect(await readFeatures(database, set.hash, ids, found)).toEqual(expected);
        return done.inserted;
      };
      // The late split takes effect at bar 200 and is known from bar 210's close on.
      expect(await rows(await run({ bars: 120 }))).toBe(240);
      await rows(await run({ bars: 205 }));
      const before = await rows(await run({ bars: 215 }));
      expect(before).toBeGreaterThan(0);
      expect(await rows(await run({ bars: 300 }))).toBe(170);
      expect(await rows(await run({ bars: 300 }))).toBe(0);
    });
  }

  it('explain the jumps of raw bars, which stay stored as they were traded', async () => {
    expect((await run({ actions: [] })).series.map(({ quality }) => quality.errors)).toEqual([1, 1]);
    const report = await run();
    expect(report.series.map(({ quality }) => quality.errors)).toEqual([0, 0]);
    const stored = await readBars(database, [report.series[0]!.id]);
    expect(stored[0]!.close).toEqual(made[0]!.close);
  });

  it('are told of where the bars were adjusted already, and nothing is computed from a second adjustment', async () => {
    await run({ actions: [] });
    const actions = join(folder, 'again.csv');
    writeFileSync(actions, [ACTIONS[0], `A,split,${dayOf(40)},3,,`, ...ACTIONS.slice(1)].join('\n'));
    const context: CommandContext = { ...fileContext(), database: () => Promise.resolve(database) };
    const options = { vendor: 'csv', path: join(folder, 'bars.csv'), calendar: 'us-equities', actions };
    const ingested = await ingestCommand(context, options);
    const told = new RegExp(`Already adjusted\\? The split of 3 on ${dayOf(40)} does not show.* 0\\.3333\\.`);
    expect(ingested.text()).toMatch(told);
    expect(ingested.value).toMatchObject({
      series: [
        {
          symbol: 'A',
          quality: {
            errors: 1,
            firstErrors: [{ check: 'already-adjusted', message: expect.stringMatching(told) as string }],
          },
        },
        { symbol: 'B', quality: { errors: 0, firstErrors: [] } },
      ],
    });
    const features = 'return(1)';
    await expect(runMaterialize(context, { ...options, features })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(told) as string,
    });
    const { rows } = await database.pool.query('SELECT 1 FROM feature_rows LIMIT 1');
    expect(rows).toEqual([]);
    await expect(runMaterialize(context, { ...options, features, adjust: 'raw' })).resolves.toBeDefined();
  });

  it('are part of what identifies the data, once they take effect', async () => {
    const raw = await run({ adjust: 'raw' });
    const all = await run();
    const splits = await run({ adjust: 'splits' });
    expect(new Set([raw, all, splits].map(({ dataHash }) => dataHash)).size).toBe(3);
    expect(splits.adjustments.map(({ actions }) => actions.length)).toEqual([1, 1]);
    const announced = await run({ actions: [...ACTIONS, 'A,dividend,2035-01-02,,1,'] });
    expect(announced.dataHash).toBe(all.dataHash);
    await database.pool.query('DELETE FROM corporate_actions');
    expect((await run({ actions: [] })).dataHash).toBe(raw.dataHash);
  });

  it('never change silently: a correction is refused, or taken over with the old one kept on record', async () => {
    const before = await run();
    const corrected = ACTIONS.map((line) => line.replace('3.5', '3.25'));
    await expect(run({ actions: corrected })).rejects.toThrow(ChangedActionsError);
    await expect(run({ actions: ACTIONS.slice(0, 3) })).rejects.toThrow(/1 corporate action of B .* is the split of/);
    expect((await run()).dataHash).toBe(before.dataHash);
    const after = await run({ actions: corrected, revise: true });
    expect(after.dataHash).not.toBe(before.dataHash);
    const { rows } = await database.pool.query<{ value: number; believed: boolean }>(
      `SELECT value, superseded_at IS NULL AS believed FROM corporate_actions WHERE kind = 'dividend' ORDER BY id`,
    );
    expect(rows).toEqual([
      { value: 3.5, believed: false },
      { value: 3.25, believed: true },
    ]);
  });

  it('must be of the universe', async () => {
    await expect(run({ actions: [ACTIONS[0]!, `C,split,${dayOf(3)},2,,`] })).rejects.toThrow(
      /none of its symbols \(C\) is in the universe/,
    );
  });
});
