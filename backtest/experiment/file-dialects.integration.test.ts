import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCommandLine } from '../../command-line.ts';
import { runCommandLine } from '../../infra/command.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { rowCounts } from '../testing/killed-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'file-dialects-'));
const at = (name: string): string => join(folder, name);
const plain = at('PLAIN.csv');
const german = at('german.csv');
/** What `german.csv` does not say: its columns have names of their own, and nothing tells days from months. */
const FLAGS = [
  ...['--columns', 'time=Tag,open=Anfang,high=Hoch,low=Tief,close=Schluss,volume=Umsatz'],
  ...['--time-format', 'DD/MM/YY', '--delimiter', 'semicolon', '--symbol', 'PLAIN'],
];
let database: TestDatabase;

/** Runs a command line in this process. */
async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  }
  const before = process.exitCode;
  try {
    return { code: await runCommandLine(createCommandLine(), args), ...said };
  } finally {
    process.exitCode = before;
    vi.restoreAllMocks();
  }
}

async function value<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

function experiment(name: string, data: string): string {
  writeFileSync(
    at(`${name}.yaml`),
    `name: ${name}\nuniverse: [PLAIN]\ndata: { source: csv, calendar: none, ${data} }
features: ['return(1)', 'rsi(5)']\nsplits: { trainBars: 150, testBars: 60 }
estimators: [{ name: linear, kind: logistic-regression }]\nensemble: { innerFolds: 2 }\n`,
  );
  return at(`${name}.yaml`);
}

beforeAll(async () => {
  const made = plantedBars({ seed: 8, bars: 360, symbol: 'PLAIN', calendar: calendarNamed('none') });
  const text = [...barsCsv([made])].join('');
  writeFileSync(plain, text);
  const rows = text.trimEnd().split('\n').slice(1);
  const told = rows.map((row) => {
    const [time, ...cells] = row.split(',');
    const [year, month, day] = time!.slice(0, 10).split('-');
    return [`${day}/${month}/${year!.slice(2)}`, ...cells.map((cell) => cell.replace('.', ','))].join(';');
  });
  writeFileSync(german, `Kurse\nTag;Anfang;Hoch;Tief;Schluss;Umsatz\n${told.join('\n')}\n`);
  database = await createTestDatabase();
  vi.stubEnv('DATABASE_URL', database.url);
  vi.stubEnv('SIGNALBOX_HOME', at('home'));
  vi.stubEnv('REDIS_URL', '');
  vi.stubEnv('MLFLOW_TRACKING_URI', '');
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a file that does not say how it is written', () => {
  it('is refused with what was the trouble and the flag that helps', async () => {
    const { code, stderr } = await run('check', '--file', german);
    expect(code).toBe(2);
    expect(stderr).toMatch(/missing columns time, open, high, low, close; the file has: "Tag, Anfang, Hoch/);
    expect(stderr).toMatch(/--columns time=0,open=1/);
  });

  it('gives the same backtest with the flags, and says what it was taken for', async () => {
    const rule = ['--strategy', 'sma-cross', '--set', 'fast=3', '--set', 'slow=9'];
    interface Result {
      readonly journalHash: string;
      readonly equity: unknown;
      readonly taken: unknown;
    }
    const expected = await value<Result>('backtest', '--bars', plain, ...rule);
    const told = await value<Result>('backtest', '--bars', german, ...FLAGS, ...rule);
    expect([told.journalHash, told.equity]).toEqual([expected.journalHash, expected.equity]);
    expect(told.taken).toMatchObject({
      symbol: 'PLAIN',
      timeframe: '1d',
      unit: 'DD/MM/YY',
      zone: 'UTC',
      calendar: 'none',
    });
    const { stdout } = await run('backtest', '--bars', german, ...FLAGS, ...rule);
    expect(stdout).toMatch(/Taken for 1d bars of PLAIN; times: DD\/MM\/YY, UTC \(assumed\); calendar none/);
  });

  it('gives the same features, in Parquet too', async () => {
    const outs = [at('plain-out.csv'), at('german-out.csv'), at('german-out.parquet')];
    const features = ['--features', 'sma(3),macd(3,6,2)'];
    await value('features', '--bars', plain, ...features, '--out', outs[0]!);
    await value('features', '--bars', german, ...FLAGS, ...features, '--out', outs[1]!);
    await value('features', '--bars', german, ...FLAGS, ...features, '--out', outs[2]!);
    expect(readFileSync(outs[1]!, 'utf8')).toBe(readFileSync(outs[0]!, 'utf8'));
    const bytes = readFileSync(outs[2]!);
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const rows = await parquetReadObjects({ file });
    const [header, ...lines] = readFileSync(outs[0]!, 'utf8').trimEnd().split('\n');
    const names = header!.split(',').map((name) => name.replace(/^"|"$/g, ''));
    expect(Object.keys(rows[0]!)).toHaveLength(5);
    expect(
      rows.map((row) =>
        Object.values(row)
          .map((cell) => (cell instanceof Date ? cell.toISOString() : cell === null ? '' : String(cell)))
          .join(','),
      ),
    ).toEqual(lines);
    expect(names[0]).toBe('time');
  });

  it('gives the same bars in the store, by flags and by the keys of an experiment', async () => {
    interface Report {
      readonly dataHash: string;
      readonly taken: unknown;
    }
    const keys = `path: ${JSON.stringify(german)}, symbol: PLAIN, timeFormat: DD/MM/YY, delimiter: semicolon, columns: { time: Tag, open: 1, high: 2, low: 3, close: Schluss, volume: Umsatz }`;
    const expected = await value<Report>('ingest', '--vendor', 'csv', '--path', plain);
    const byFlags = await value<Report>('ingest', '--vendor', 'csv', '--path', german, ...FLAGS);
    const byKeys = await value<Report>('ingest', experiment('german', keys));
    expect([byFlags.dataHash, byKeys.dataHash]).toEqual([expected.dataHash, expected.dataHash]);
    expect(byKeys.taken).toMatchObject({ symbol: 'PLAIN', unit: 'DD/MM/YY' });
    const checked = await value<Report>('check', '--file', german, ...FLAGS);
    expect(checked.taken).toMatchObject({ symbol: 'PLAIN', unit: 'DD/MM/YY' });
    const missing = await run('ingest', experiment('wrong', keys.replace('DD/MM/YY', 'HH:mm')));
    expect(missing).toMatchObject({ code: 2 });
    expect(missing.stderr).toMatch(/"HH:mm" is no format of a time/);
  });

  it('trains and trades as the plain one does', async () => {
    interface Result {
      readonly journalHash: string;
      readonly taken: { readonly unit: string };
    }
    const path = experiment('short', `path: ${JSON.stringify(plain)}`);
    const expected = await value<Result>('walk-forward', path);
    const told = await value<Result>('walk-forward', path, '--bars', german, ...FLAGS);
    expect(told.journalHash).toBe(expected.journalHash);
    expect(told.taken.unit).toBe('DD/MM/YY');
  });

  it.each([
    ...['run', 'train', 'walk-forward', 'optimize', 'backtest', 'lookahead', 'warmup', 'monitor'],
    ...['ingest', 'check', 'materialize', 'features'],
  ])('is told of by the same flags in %s', (name) => {
    const flags = createCommandLine()
      .commands.find((command) => command.name() === name)!
      .options.map(({ long }) => long);
    const all = ['--columns', '--time-format', '--delimiter', '--timezone', '--decimal', '--symbol', '--timeframe'];
    expect(flags).toEqual(expect.arrayContaining(all));
  });

  it('leaves flags that would do nothing to nobody', async () => {
    const path = experiment('idle', `path: ${JSON.stringify(plain)}`);
    const idle = await run('walk-forward', path, '--timezone', 'UTC', '--symbol', 'A');
    expect(idle).toMatchObject({ code: 2 });
    expect(idle.stderr).toMatch(/Without --bars --symbol, --timezone would do nothing/);
    const finer = await run('walk-forward', path, '--bars', plain, '--timeframe', '1h');
    expect(finer.stderr).toMatch(/bars of PLAIN are 1d apart, and 1h was asked for/);
    const sample = await run('ingest', '--vendor', 'sample', '--delimiter', ';');
    expect(sample.stderr).toMatch(/--vendor sample reads no files: --delimiter would do nothing/);
  });
});

describe('a file that is too short for its experiment', () => {
  it.each(['walk-forward', 'train', 'lookahead'])('is refused by %s before anything is stored', async (command) => {
    const text = readFileSync(plain, 'utf8').split('\n').slice(0, 130).join('\n');
    writeFileSync(at('PLAIN-short.csv'), text);
    const before = await rowCounts(database);
    const asked = experiment('too-short', `path: ${JSON.stringify(at('PLAIN-short.csv'))}`);
    for (const args of [
      [asked],
      [experiment('long', `path: ${JSON.stringify(plain)}`), '--bars', at('PLAIN-short.csv')],
    ]) {
      const { code, stderr } = await run(command, ...args);
      expect(code, stderr).toBe(2);
      expect(stderr).toMatch(/PLAIN-short\.csv holds 129 bars, of which \d+ have features and a label/);
    }
    expect(await rowCounts(database)).toEqual(before);
  });
});
