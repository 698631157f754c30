import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCommandLine } from '../../command-line.ts';
import type { BarColumns } from '../../features/bar.ts';
import { EventKernel } from '../../features/events/event-kernel.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { prepareExperiment, type PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { CommandPlace, expectRefusal } from '../testing/command-place.ts';

// News, a fundamental and a calendar beside a bars file, from the file to a backtest.

const place = new CommandPlace('known-events', createCommandLine);
const SYMBOLS = ['AAA', 'BBB'];
const FEATURES = [
  'return(1)',
  'events(news,count,5d)',
  'events(news,decay,2d)',
  'rank(events(news,sum,3d))',
  'lag(events(fundamental.eps,surprise,90d),1)',
  'events(calendar,until,30d)',
  'events(news,count,10d,scope=market)',
];
/** A bar every day, from midnight to midnight. */
const bars: BarColumns[] = SYMBOLS.map((symbol, s) => {
  const planted = plantedBars({ symbol, bars: 620, seed: 5 + s, correlation: 0.5 });
  const openTimeMs = planted.openTimeMs.map((_, i) => Date.UTC(2020, 0, 1) + i * DAY_MS);
  return { ...planted, openTimeMs, closeTimeMs: openTimeMs.map((timeMs) => timeMs + DAY_MS) };
});
const path = (name: string): string => join(place.folder, name);

interface Line {
  readonly known: number;
  readonly cells: string;
}

/** Events on most days, some of the market, some corrected. */
function drawnLines(): Line[] {
  const random = createRandom('events');
  const from = bars[0]!.openTimeMs[0]!;
  const lines: Line[] = [];
  for (let day = 0; day < 630; day++) {
    for (const symbol of [...SYMBOLS, '*']) {
      const known = from + Math.floor((day + random.next()) * DAY_MS);
      const time = new Date(known - 3 * DAY_MS).toISOString();
      const id = `${symbol}-${day}`;
      const value = (2 * random.next() - 1).toFixed(3);
      const draw = random.next();
      if (draw < 0.5) lines.push({ known, cells: `${time},${symbol},news,,${value},,${id},0` });
      else if (draw < 0.6) lines.push({ known, cells: `${time},${symbol},fundamental,eps,${value},0.1,${id},0` });
      else if (draw < 0.65) {
        const coming = new Date(known + 12 * DAY_MS).toISOString();
        lines.push({ known, cells: `${coming},${symbol},calendar,earnings,,,${id},0` });
      }
      if (draw < 0.1) lines.push({ known: known + DAY_MS, cells: `${time},${symbol},news,,9,,${id},1` });
    }
  }
  return lines;
}

const lines = drawnLines();
const HEADER = 'known,time,symbol,kind,field,value,expected,id,revision';

function eventsFile(name: string, of: readonly Line[], laterMs = 0): string {
  const rows = of.map(({ known, cells }) => `${new Date(known + laterMs).toISOString()},${cells}`);
  return place.barsFile(name, [HEADER, ...rows].join('\n'));
}

function experimentOf(name: string, events: string): string {
  return place.barsFile(
    `${name}.yaml`,
    `name: ${name}
universe: [AAA, BBB]
data: { source: csv, path: ${path('bars.csv')}, calendar: none, adjust: raw }
features: [${FEATURES.map((one) => `'${one}'`).join(', ')}]
events: ${events}
splits: { trainBars: 250, testBars: 110 }
estimators: [{ name: linear, kind: logistic-regression }]
ensemble: { innerFolds: 2 }
signals: { buyAbove: 0.505, sellBelow: 0.495 }
`,
  );
}

const withFile = (name: string, file: string): string => experimentOf(name, `[{ file: ${file} }]`);

async function prepared(experiment: string): Promise<PreparedExperiment> {
  const read = await checkedExperiment(experiment, {});
  return prepareExperiment(place.database, { experiment: read, progress: silentProgress() });
}

/** A column of one symbol by decision time. */
function columnOf({ dataset }: PreparedExperiment, name: string, symbol: number): Map<number, number> {
  const at = dataset.featureNames.indexOf(name);
  const found = new Map<number, number>();
  for (let row = 0; row < dataset.rows; row++) {
    if (dataset.symbolIndex[row] === symbol)
      found.set(dataset.decisionTimeMs[row]!, dataset.x[row * dataset.width + at]!);
  }
  return found;
}

beforeAll(() => {
  place.barsFile('bars.csv', [...barsCsv(bars)].join(''));
});
afterEach(() => vi.restoreAllMocks());

describe('an experiment with a file of events', () => {
  it('trains, walks and backtests, and says what it was given', async () => {
    const said = await place.run(['backtest', withFile('whole', eventsFile('events.csv', lines)), '--json']);
    expect(said.code, said.stderr).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({ strategy: 'model-signals', trades: expect.any(Number) as unknown });
    const { sourceStatement, set } = await prepared(withFile('whole', path('events.csv')));
    expect(sourceStatement).toMatch(/\d+ of \d+ events of .*events\.csv: \d+ corrections, 0 duplicates passed over/);
    expect(set.columns).toContain('events(news,count,5d)');
  });

  it('moves each of its columns by one bar where everything becomes known one bar later', async () => {
    const now = await prepared(withFile('now', eventsFile('now.csv', lines)));
    const later = await prepared(withFile('later', eventsFile('later.csv', lines, DAY_MS)));
    for (const name of FEATURES.filter((one) => one.startsWith('events') && !one.includes('until'))) {
      for (const symbol of SYMBOLS.keys()) {
        const [before, after] = [columnOf(now, name, symbol), columnOf(later, name, symbol)];
        let compared = 0;
        let moving = 0;
        for (const [timeMs, value] of before) {
          const moved = after.get(timeMs + DAY_MS);
          if (moved === undefined) continue;
          expect(moved, name).toBe(value);
          compared += 1;
          if (before.get(timeMs - DAY_MS) !== value) moving += 1;
        }
        expect(compared).toBeGreaterThan(500);
        expect(moving).toBeGreaterThan(20);
      }
    }
    expect(later.ingested.dataHash).not.toBe(now.ingested.dataHash);
  });

  it('is identified by what was known by its last bar', async () => {
    const hashOf = async (name: string, of: readonly Line[]): Promise<string> =>
      (await prepared(withFile(name, eventsFile(`${name}.csv`, of)))).ingested.dataHash;
    const whole = await hashOf('h-whole', lines);
    expect(await hashOf('h-turned', [...lines].reverse())).toBe(whole);
    const lastMs = bars[0]!.closeTimeMs.at(-1)!;
    expect(
      await hashOf(
        'h-less',
        lines.filter(({ known }) => known <= lastMs),
      ),
    ).toBe(whole);
    expect(await hashOf('h-other', lines.slice(1))).not.toBe(whole);
    expect((await prepared(withFile('h-again', path('h-whole.csv')))).materialized).toBe(0);
  });
});

describe('the hunt for look-ahead', () => {
  const hunt = (name: string) =>
    place.run(['lookahead', withFile(name, eventsFile('hunted.csv', lines)), '--cuts', '1', '--seed', '3']);

  it('finds nothing: what becomes known after a time changes no decision up to it', async () => {
    const said = await hunt('hunted');
    expect(said.code, said.stderr + said.stdout).toBe(0);
    expect(said.stdout).toContain('Nothing decided before a time changed');
  });

  it('finds a kernel that sees events before they are known', async () => {
    const honest = EventKernel.prototype.next;
    vi.spyOn(EventKernel.prototype, 'next').mockImplementation(function (this: EventKernel, { closeTimeMs }) {
      return honest.call(this, { closeTimeMs: closeTimeMs + DAY_MS });
    });
    const leaking = withFile('leaking', eventsFile('leaking.csv', lines));
    const { experiment, bars: loaded, actions, calendar, set } = await prepared(leaking);
    const { huntInFeatures } = await import('../research/look-ahead.ts');
    const report = huntInFeatures(
      { experiment, bars: loaded, actions, calendar, events: set.events },
      { cuts: 3, random: createRandom(3) },
    );
    expect(report.findings.map(({ stage }) => stage)).toContain('features');
    expect(report.findings.map(({ what }) => what).join()).toContain('events(');
  });
});

describe('events on record', () => {
  it('are ingested, corrected, asked for as they were known, exported, and learned from', async () => {
    const file = eventsFile('stored.csv', lines);
    const first = await place.run(['events', 'ingest', file, '--source', 'desk', '--json']);
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({ read: lines.length, stored: lines.length, known: 0 });
    const again = await place.run(['events', 'ingest', file, '--source', 'desk', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ stored: 0, known: lines.length });

    const corrected = lines.find(({ cells }) => cells.endsWith(',1'))!;
    const id = corrected.cells.split(',')[6];
    const ask = async (atMs: number): Promise<unknown> => {
      const at = new Date(atMs).toISOString();
      const said = await place.run(['events', 'query', '--source', 'desk', '--as-of', at, '--limit', '9999', '--json']);
      return (JSON.parse(said.stdout) as { sourceId: string; kind: string; value: number }[]).find(
        (one) => one.sourceId === id && one.kind === 'news',
      )?.value;
    };
    expect(await ask(corrected.known)).toBe(9);
    expect(await ask(corrected.known - 1)).not.toBe(9);

    const out = path('exported.csv');
    expect((await place.run(['events', 'export', '--out', out])).code).toBe(0);
    const back = await place.run(['events', 'ingest', out, '--json']);
    expect(JSON.parse(back.stdout), back.stderr).toMatchObject({ stored: 0, known: lines.length });

    const listed = await place.run(['events', 'list']);
    expect(listed.stdout).toMatch(/desk .* news .* days from/);

    const stored = await prepared(experimentOf('from-store', '[{ stored: [desk] }]'));
    const ofFile = await prepared(withFile('from-file', file));
    expect(stored.dataset.x).toEqual(ofFile.dataset.x);
  });

  it('must be there where an experiment names them', async () => {
    const said = await place.run(['backtest', experimentOf('nobody', '[{ stored: [nobody] }]')]);
    expectRefusal(said, 2, [/events\[0\]\.stored: the store has no events of nobody/, /events ingest/]);
  });

  it('must be named where features read them', async () => {
    const file = place.experimentWith('unnamed', "'return(1)'", "'events(news,count,5d)'");
    expectRefusal(await place.run(['backtest', file]), 2, [/features: events\(\.\.\.\) needs events/]);
  });
});
