import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { parseFeatureSet } from '../../features/feature-set.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { typeCommand, type TypedCommand } from '../../infra/terminal/testing/typed-command.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import type { DataOptions } from '../../pipelines/data-options.ts';
import { ingest } from '../../pipelines/ingest/ingest.ts';
import { materialize } from '../../pipelines/materialized/materialize.ts';
import { registerRetentionCommands } from '../../pipelines/retention/commands.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { scratchFiles } from '../../pipelines/testing/scratch-files.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { registerRetainCommand } from './commands.ts';

const { folder, file } = scratchFiles('db-commands');
const set = parseFeatureSet(['return(1)'], { timeframe: '1d', symbols: ['X'] });
const bars = plantedBars({ bars: 600, seed: 5, symbol: 'X', calendar: calendarNamed('us-equities') });
const changed: BarColumns = { ...bars, close: bars.close.map((close, at) => (at === 300 ? close * 1.0001 : close)) };

let database: TestDatabase;
let id: number;

const csv = (of: BarColumns): string => [...barsCsv([of])].join('');
async function offer(of: BarColumns): Promise<void> {
  const path = file(csv(of), 'X.csv');
  const simulated = { symbols: 1, bars: 1, seed: 1 };
  const way = { timeframe: '1d', calendar: 'us-equities', adjust: 'raw', maxQualityErrors: 0 } as const;
  const data: DataOptions = { source: 'csv', path, simulated, ...way };
  const { series, range } = await ingest(database, { data, universe: ['X'], revise: true });
  await materialize(database, { set, series, range });
  id = series[0]!.id;
}
const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand(
    {
      register: (program) => {
        program.command('db').exitOverride();
        registerRetentionCommands(program);
        registerRetainCommand(program);
      },
      env: { DATABASE_URL: database.url, SIGNALBOX_HOME: folder },
    },
    'db',
    ...argv,
  );

beforeAll(async () => {
  database = await createTestDatabase();
  await offer(bars);
});
afterAll(() => database.drop());

interface Listed {
  name: string;
  year: number;
  rows: number;
  bytes: number;
  from: string;
  to: string;
}

describe('db partitions', () => {
  it('lists years with rows and sizes, and adds them up', async () => {
    const { code, out } = await typed('partitions', '--json');
    expect(code).toBe(0);
    const value = JSON.parse(out) as Listed[];
    const years = value.filter(({ name }) => name.startsWith('bars_'));
    expect(years.reduce((sum, { rows }) => sum + rows, 0)).toBe(600);
    expect(years[0]).toMatchObject({ from: `${years[0]!.year}-01-01T00:00:00.000Z` });
    const words = await typed('partitions');
    const megabytes = (value.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1);
    expect(words.out).toMatch(new RegExp(`${value.length} partitions, ${megabytes} MB\\n$`));
    for (const { name, rows } of value) expect(words.out).toMatch(new RegExp(`${name} .* ${rows} `));
  });
});

describe('db revisions', () => {
  it('says that there are none, then lists what a source took back and writes the bars as they were', async () => {
    expect(JSON.parse((await typed('revisions', '--json')).out)).toEqual([]);
    expect((await typed('revisions')).out).toBe('No source has offered corrections of stored bars.\n');
    const { rows } = await database.pool.query<{ at: Date }>('SELECT clock_timestamp() AS at FROM pg_sleep(0.01)');
    await database.pool.query('SELECT pg_sleep(0.01)');
    await offer(changed);

    const listed = await typed('revisions', '--json');
    const openTime = new Date(bars.openTimeMs[300]!).toISOString();
    expect(JSON.parse(listed.out)).toEqual([
      expect.objectContaining({ seriesId: id, symbol: 'X', bars: 1, firstOpen: openTime, lastOpen: openTime }),
    ]);
    expect((await typed('revisions')).out).toMatch(new RegExp(`${id} .*X .* 1 .*${openTime}.*${openTime}.* yes`));

    const out = join(folder, 'before.csv');
    const at = rows[0]!.at.toISOString();
    const written = await typed('revisions', '--series', String(id), '--at', at, '--out', out);
    expect([written.code, written.out]).toEqual([0, `${out}: 600 bars of X as stored at ${at}\n`]);
    expect(readFileSync(out, 'utf8')).toBe(csv(bars));
  });

  it.each([
    ['a part of what is needed', ['--series', '1'], /need --series, --at and --out[\s\S]*remedy: Give all three/],
    ['a moment that is none', ['--series', '1', '--at', 'noon', '--out', 'a.csv'], /--at noon is not a time/],
    [
      'a series that is no number',
      ['--series', 'X', '--at', '2020-01-01', '--out', 'a.csv'],
      /--series X is not a number/,
    ],
    [
      'a number that no series has',
      ['--series', '9'.repeat(20), '--at', '2020-01-01', '--out', 'a.csv'],
      /--series 9+ is/,
    ],
  ])('refuses %s, exit code 2', async (_what, more, words) => {
    const { code, out, err } = await typed('revisions', ...more);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
    expect(existsSync('a.csv')).toBe(false);
  });

  it('names a series that is not there, and does not write over its own settings', async () => {
    const at = ['--series', '999', '--at', '2020-01-01', '--out'];
    expect(await typed('revisions', ...at, join(folder, 'none.csv'))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/There is no bar series 999.*\n {2}remedy: .*db revisions/) as string,
    });
    const settings = file('workers: 1\n', 'settings.yaml');
    const over = await typed('revisions', ...at, settings, '--config', settings);
    expect([over.code, readFileSync(settings, 'utf8')]).toEqual([2, 'workers: 1\n']);
    expect(over.err).toMatch(/--out .*--config/);
  });
});

describe('db retain', () => {
  it('says what it would remove, removes it when told, and then finds nothing', async () => {
    const asked = ['retain', '--bars-before', `${new Date(bars.openTimeMs[0]!).getUTCFullYear() + 1}-06-01`];
    const listed = JSON.parse((await typed('partitions', '--json')).out) as Listed[];
    const [first] = listed.filter(({ name }) => name.startsWith('bars_'));
    const dry = await typed(...asked, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.out).toContain(`would remove ${first!.name}: ${first!.rows} rows, `);
    expect(dry.out).toMatch(new RegExp(`Would remove ${first!.rows} rows; 1 partitions give [\\d.]+ MB back\\.\\n$`));
    expect(JSON.parse((await typed('partitions', '--json')).out)).toEqual(listed);

    expect(JSON.parse((await typed(...asked, '--json')).out)).toMatchObject({ rows: first!.rows, dryRun: false });
    expect((await typed(...asked)).out).toBe('Removed 0 rows; 0 partitions give 0.0 MB back.\n');
  });

  it('keeps what a stored training was made from, unless it is told to', async () => {
    await database.pool.query(
      `INSERT INTO trainings (hash, experiment_name, experiment_hash, data_hash, feature_set_hash, backend, plan)
       VALUES ('t', 'trained', 'e', 'd', $1, 'none', $2)`,
      [set.hash, JSON.stringify({ series: [{ id }], fromMs: null, toMs: null })],
    );
    const all = ['retain', '--bars-before', '2200-01-01'];
    const dry = await typed(...all, '--dry-run');
    expect(dry.out).toContain('1 stored trainings were made from them: trained (--force is needed).');
    const kept = await typed(...all);
    expect([kept.code, kept.out]).toEqual([1, '']);
    expect(kept.err).toMatch(/trained[\s\S]*remedy: .*--force/);
    expect((await typed(...all, '--force')).out).toMatch(/1 stored trainings were made from them: trained\.\n$/);
  });

  it.each([
    ['nothing', [], /Nothing to remove is named[\s\S]*remedy: Give --bars-before/],
    ['no date', ['--bars-before', '2020-02-30'], /--bars-before 2020-02-30 is not a date[\s\S]*YYYY-MM-DD/],
    ['no date of features', ['--features-older-than', 'May'], /--features-older-than May is not a date/],
  ])('refuses %s, exit code 2', async (_what, more, words) => {
    const { code, out, err } = await typed('retain', ...more);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(words);
  });
});
