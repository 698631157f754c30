import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { expressionsOf, firstDifference } from '../../features/feature-contract.ts';
import { drawnEvents } from '../../features/events/testing/drawn-events.ts';
import type { FeatureMatrix } from '../../features/feature-matrix.ts';
import { parseFeatureSet, type FeatureSet } from '../../features/feature-set.ts';
import type { FeatureDefinition } from '../../features/kernel.ts';
import { FEATURES } from '../../features/registry.ts';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { computeAdjustedFeatures } from '../../pipelines/adjustments/adjusted-features.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { readBars } from '../../pipelines/bars/bar-store.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { isoDay } from '../../pipelines/calendars/day.ts';
import { usEquities } from '../../pipelines/calendars/us-equities.ts';
import { takeBars } from '../../pipelines/bars/compare-bars.ts';
import type { DataOptions } from '../../pipelines/data-options.ts';
import { rowsHash, seriesEventsHash } from '../../pipelines/events/events-hash.ts';
import { readFeatures } from '../../pipelines/materialized/feature-store.ts';
import { ingest, type IngestReport } from '../../pipelines/ingest/ingest.ts';
import { materialize } from '../../pipelines/materialized/materialize.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import type { Timeframe } from '../../features/timeframe.ts';
import { replayFeed } from '../../trading/sessions/replayed-feed.ts';
import { LivePredictor } from '../../trading/sessions/live/live-predictor.ts';

const SYMBOLS = ['AAA', 'BBB', 'CCC'];
const ADJUST = 'splits-and-dividends';
const all = [...FEATURES.values()];
const compares = ({ inputs }: FeatureDefinition): boolean => inputs === 'cross' || inputs === 'symbol';

/** `expression` on longer bars; a feature that compares symbols takes them through what it compares, or not at all. */
function longer(definition: FeatureDefinition, expression: string, timeframe: string): string[] {
  if (definition.inputs === 'cross') return [expression.replace(/\)$/, `@${timeframe})`)];
  return definition.inputs === 'symbol' ? [] : [`${expression}@${timeframe}`];
}

/** The bars of a universe as it is: BBB starts late and CCC misses some. Summer time begins within (2019-03-10). */
function universe(timeframe: Timeframe, bars: number, start: string): BarColumns[] {
  const made = SYMBOLS.map((symbol, s) => plantedBars({ bars, seed: 60 + s, symbol, timeframe, start }));
  const rows = Array.from({ length: bars }, (_, i) => i);
  return [
    made[0]!,
    takeBars(made[1]!, rows.slice(9)),
    takeBars(
      made[2]!,
      rows.filter((i) => i % 17 !== 3),
    ),
  ];
}

interface Case {
  readonly name: string;
  readonly timeframe: Timeframe;
  readonly bars: BarColumns[];
  readonly expressions: readonly string[];
}

const drawing = createRandom('events');
const events = drawnEvents(SYMBOLS, 370, () => drawing.next(), Date.parse('2018-09-20'));
const daily = universe('1d', 230, '2018-10-01');
const intraday = universe('30m', 560, '2019-02-19');
const CASES: readonly Case[] = [
  {
    name: 'every expression of every feature of one symbol, and its weeks',
    timeframe: '1d',
    bars: daily,
    expressions: all
      .filter((one) => !compares(one))
      .flatMap((one) => [...expressionsOf(one), ...longer(one, expressionsOf(one)[1] ?? expressionsOf(one)[0]!, '1w')]),
  },
  {
    name: 'every expression of every feature that compares symbols',
    timeframe: '1d',
    bars: daily,
    expressions: all
      .filter(compares)
      .flatMap((one) => [...expressionsOf(one), ...longer(one, expressionsOf(one)[0]!, '1w')]),
  },
  {
    name: 'every feature on bars of half an hour, of an hour and of a day',
    timeframe: '30m',
    bars: intraday,
    expressions: all.flatMap((one) => {
      const [usual, short = usual] = expressionsOf(one);
      return [usual!, ...longer(one, usual!, '1h'), ...longer(one, short!, '1d')];
    }),
  },
];

let folder: string;
let database: TestDatabase;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-online-'));
  database = await createTestDatabase();
  return async () => {
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  };
});

/** A three for two of AAA and a dividend of CCC, before the middle of the bars. */
function actionsOf(bars: readonly BarColumns[]): string {
  const day = (s: number): string => isoDay(usEquities.dayAt(bars[s]!.openTimeMs[Math.floor(bars[s]!.length / 3)]!));
  return `symbol,type,exDate,ratio,amount\nAAA,split,${day(0)},1.5,\nCCC,dividend,${day(2)},,2.5\n`;
}

/** Puts the bars up to `untilMs` into the store. */
async function store({ timeframe, bars }: Case, untilMs: number): Promise<IngestReport> {
  const path = join(folder, `${timeframe}.csv`);
  const actions = join(folder, `${timeframe}-actions.csv`);
  const known = bars.map((one) =>
    sliceBarColumns(one, 0, one.closeTimeMs.filter((timeMs) => timeMs <= untilMs).length),
  );
  writeFileSync(path, [...barsCsv(known)].join(''));
  writeFileSync(actions, actionsOf(bars));
  const data: DataOptions = {
    source: 'csv',
    path,
    actions,
    timeframe,
    calendar: 'us-equities',
    adjust: ADJUST,
    simulated: { symbols: 1, bars: 1, seed: 1 },
    maxQualityErrors: 0,
  };
  return ingest(database, { data, universe: SYMBOLS });
}

/** The rows that a live model is shown, bar by bar as a feed brings them, those of the warm-up included. */
async function online(set: FeatureSet, report: IngestReport, bars: readonly BarColumns[]): Promise<FeatureMatrix[]> {
  const shown: Float64Array[] = [];
  const model = {
    featureNames: set.columns,
    window: 1,
    trainedToMs: 0,
    predictDetailed: (row: Float64Array) => {
      shown.push(row.slice());
      return { probability: Float64Array.of(0), score: Float64Array.of(0), members: [] };
    },
  };
  const actions = report.adjustments.map((one) => one.actions);
  const predictor = new LivePredictor({
    set: { ...set, warmUpBars: 0 },
    symbols: SYMBOLS,
    actions,
    keptRows: 1,
  });
  const deciding = { label: 'shown', model, expiresAtMs: Infinity, reasonsOf: () => '', noveltyOf: () => null };
  const rows = SYMBOLS.map((): number[][] => []);
  for await (const closed of replayFeed(
    bars,
    report.series.map(({ instrument }) => instrument),
  )) {
    shown.length = 0;
    predictor.observe(closed, deciding);
    closed.bars.forEach(({ symbol }, i) => rows[symbol]!.push([...shown[i]!]));
  }
  return bars.map(({ symbol, length, closeTimeMs }, s) => ({
    symbol,
    columns: set.columns,
    length,
    closeTimeMs,
    values: Float64Array.from(rows[s]!.flat()),
  }));
}

/** Columns without a single number in any row: nothing was compared there. */
function emptyColumns(matrices: readonly FeatureMatrix[]): string[] {
  const { columns } = matrices[0]!;
  return columns.filter((_, c) =>
    matrices.every(({ values }) => values.every((value, i) => i % columns.length !== c || Number.isNaN(value))),
  );
}

describe('a row is the same online and offline', () => {
  it('is asked of every registered feature, alone, on longer bars and between symbols', () => {
    const asked = CASES.map(({ expressions }) => new Set(expressions.map((text) => text.slice(0, text.indexOf('(')))));
    expect([...asked[0]!, ...asked[1]!].sort()).toEqual([...FEATURES.keys()].sort());
    expect([...asked[2]!].sort()).toEqual([...FEATURES.keys()].sort());
  });

  it.each(CASES)('$name', async (one) => {
    const { timeframe, bars, expressions } = one;
    const set = parseFeatureSet(expressions, { timeframe, symbols: SYMBOLS, hours: marketHours(usEquities), events });
    const times = bars[0]!.closeTimeMs;
    // In three parts, so that what was stored of the kernels is taken up twice.
    const parts = [0.45, 0.7, 1].map((part) => times[Math.floor(part * (times.length - 1))]!);
    const reports: IngestReport[] = [];
    for (const untilMs of parts) {
      const report = await store(one, untilMs);
      reports.push(report);
      const { series, range } = report;
      await materialize(database, { set, series, range, adjust: ADJUST });
    }
    const report = reports.at(-1)!;
    const ids = report.series.map(({ id }) => id);
    const traded = await readBars(database, ids);
    const live = await online(set, report, traded);
    expect(emptyColumns(live)).toEqual([]);
    // What training without a database computes, whole columns at a time.
    const actions = report.adjustments.map((adjustment) => adjustment.actions);
    expect(actions.map(({ length }) => length)).toEqual([1, 0, 1]);
    expect(firstDifference(computeAdjustedFeatures(set, traded, actions), live)).toBeNull();
    const adjustments = report.adjustments.map(({ hash }, s) =>
      rowsHash({ adjustment: hash, events: seriesEventsHash(set, report.series[s]!, report.range) }),
    );
    const read = (toMs: number): Promise<FeatureMatrix[]> =>
      readFeatures(database, set.hash, ids, { adjustments, toMs });
    for (const share of [0.2, 0.45, 0.5, 0.9, 1]) {
      const toMs = times[Math.floor(share * (times.length - 1))]!;
      const stored = await read(toMs);
      const known = live.map(({ closeTimeMs }) => closeTimeMs.filter((timeMs) => timeMs <= toMs));
      expect(stored.map(({ closeTimeMs }) => closeTimeMs)).toEqual(known);
      expect(firstDifference(stored, live)).toBeNull();
    }
    await expectChangeSeen(set, live, read);
  });
});

/** One bit of one stored value is enough: the comparison names its place. */
async function expectChangeSeen(
  set: FeatureSet,
  live: readonly FeatureMatrix[],
  read: (toMs: number) => Promise<FeatureMatrix[]>,
): Promise<void> {
  const column = Math.floor(set.columns.length / 2);
  const { closeTimeMs, values } = live[1]!;
  const row = closeTimeMs.length - 2;
  const value = values[row * set.columns.length + column]!;
  const changed = value === 0 ? Number.MIN_VALUE : value * (1 + Number.EPSILON);
  expect(changed).not.toBe(value);
  const { rowCount } = await database.pool.query(
    `UPDATE feature_rows SET values[$1] = $2 WHERE close_time = $3 AND materialization_id IN
       (SELECT id FROM feature_materializations WHERE set_hash = $4)
       AND series_id = (SELECT id FROM bar_series WHERE symbol = 'BBB' AND timeframe = $5)`,
    [column + 1, changed, new Date(closeTimeMs[row]!), set.hash, set.timeframe],
  );
  expect(rowCount).toBe(1);
  const difference = firstDifference(await read(Infinity), live);
  expect(difference).toBe(`${set.columns[column]} of BBB at row ${row}: ${changed} and ${value}`);
}
