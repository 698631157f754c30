import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCommandLine } from '../../command-line.ts';
import { runCommandLine } from '../../infra/command.ts';
import { outboxStatus } from '../../infra/mlflow/outbox-store.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { rowCounts } from '../testing/killed-run.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';
import { writeSmallExperiment } from '../testing/small-experiment.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-bad-input-'));
const home = join(folder, 'home');
const small = writeSmallExperiment(folder);
let database: TestDatabase;

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command line in this process and takes what it writes. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Said> {
  const said = { stdout: '', stderr: '' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  for (const stream of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      said[stream] += String(text);
      return true;
    });
  }
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    const code = await runCommandLine(createCommandLine(), args);
    return { code, ...said };
  } finally {
    process.exitCode = before;
    vi.restoreAllMocks();
    for (const name of Object.keys(env)) vi.stubEnv(name, BASE[name] ?? '');
  }
}

let BASE: Record<string, string> = {};

/** What a refusal has to be, whoever caused it: the right code, one clear message, no result and no stack. */
function expectRefusal(said: Said, code: 1 | 2, words: readonly (string | RegExp)[]): void {
  expect(said.code, said.stderr).toBe(code);
  expect(said.stdout).toBe('');
  expect(said.stderr).not.toMatch(/^ {2,}at .*[:(]/m);
  for (const word of words) expect(said.stderr).toMatch(word);
}

/** An experiment file made from the small one; `replace` must change it. */
function experimentWith(name: string, from: string | RegExp, to: string): string {
  const text = readFileSync(small, 'utf8');
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  const path = join(folder, `${name}.yaml`);
  writeFileSync(path, changed);
  return path;
}

beforeAll(async () => {
  database = await createTestDatabase();
  barsFile('good.csv', barLines().join('\n'));
  BASE = { DATABASE_URL: database.url, SIGNALBOX_HOME: home, REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
  for (const [name, value] of Object.entries(BASE)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('an experiment that names what there is not', () => {
  // Refused before a database is even looked for: the one configured here cannot be reached.
  const nowhere = { DATABASE_URL: 'postgres://nobody:sesame@127.0.0.1:1/none' };

  const cases: [what: string, from: string | RegExp, to: string, words: (string | RegExp)[]][] = [
    [
      'an unknown key',
      'trainBars: 300',
      'trainBarz: 300',
      [/bad-\d+\.yaml:5: unknown key splits\.trainBarz/, /did you mean splits\.trainBars\?/],
    ],
    [
      'a walk-forward by bars and by periods',
      'testBars: 110',
      'period: month, trainPeriods: 12, testPeriods: 3',
      [/bad-\d+\.yaml:5: splits\.trainBars: counts bars where period counts calendar periods/],
    ],
    [
      'a walk-forward by periods without their kind',
      'trainBars: 300, testBars: 110',
      'trainPeriods: 12, testPeriods: 3',
      [/bad-\d+\.yaml:5: splits\.period: is required beside trainPeriods/],
    ],
    ['an unknown top-level key', 'splits:', 'split:', [/bad-\d+\.yaml:5: unknown key split;/, /did you mean splits\?/]],
    ['an unknown feature', 'rsi(14)', 'rzi(14)', [/bad-\d+\.yaml: features: .*rzi/, /Did you mean "rsi"/]],
    [
      'a volatility gate without volatility',
      'innerFolds: 3',
      'innerFolds: 3, kind: regime',
      [/bad-\d+\.yaml: ensemble\.kind is regime/, /Add a feature such as stdev\(20\)/],
    ],
    [
      'a monotone constraint on a feature that is not there',
      /name: forest, kind: random-forest, .*}/,
      "name: boost, kind: gradient-boosting, monotone: { 'rsi(15)': 1 } }",
      [/bad-\d+\.yaml: estimators\.boost\.monotone: there is no feature "rsi\(15\)"/, /Features are: .*rsi\(14\)/],
    ],
    [
      'a primary side that is no feature',
      'splits:',
      "labels: { meta: { side: 'rsi(15)' } }\nsplits:",
      [
        /bad-\d+\.yaml: labels\.meta\.side: there is no feature "rsi\(15\)"; did you mean rsi\(14\)\?/,
        /Features are: /,
      ],
    ],
    [
      'a threshold that trades rows without a primary side',
      /splits:(.*)[^]*/,
      "labels: { meta: { side: 'rsi(14)' } }\nsplits:$1\nsignals: { buyAbove: 0.53, sellBelow: 0.52 }\n",
      [/bad-\d+\.yaml: signals\.sellBelow: 0\.52 would trade rows without a primary side/, /at or below 0\.5/],
    ],
    [
      'meta-labels as a kind of their own',
      'splits:',
      'labels: { kind: meta-label }\nsplits:',
      [/bad-\d+\.yaml:5: labels\.kind: meta-labels are learned on top of another kind.* meta: \{ side: FEATURE \}/],
    ],
    ['a feature with a wrong parameter', 'rsi(14)', 'rsi(0)', [/bad-\d+\.yaml: features: /, /rsi/]],
    [
      'an unknown symbol in a feature',
      'rsi(14)',
      'beta(SIM009,20)',
      [/bad-\d+\.yaml: features: .*SIM009/, /Did you mean "SIM00[12]"/],
    ],
    [
      'an unknown estimator',
      'random-forest',
      'random-florist',
      [/bad-\d+\.yaml:8: estimators\[1\]\.kind: unknown estimator "random-florist"/, /did you mean random-forest\?/],
    ],
    [
      'an unknown parameter of an estimator',
      'maxDepth',
      'maxDeepth',
      [/bad-\d+\.yaml:8: unknown key estimators\[1\]\.maxDeepth/, /did you mean estimators\[1\]\.maxDepth\?/],
    ],
    ['a parameter out of range', 'trees: 40', 'trees: 0', [/bad-\d+\.yaml:8: estimators\[1\]\.trees: /]],
    ['a parameter of the wrong kind', 'trees: 40', 'trees: many', [/bad-\d+\.yaml:8: estimators\[1\]\.trees: /]],
    [
      'two estimators of one name',
      'name: forest',
      'name: linear',
      [/bad-\d+\.yaml:8: estimators\[1\]\.name: linear is used twice/],
    ],
    ['an unknown symbol', 'simulated-2', '[SIM001, SYM002]', [/bad-\d+\.yaml: .*"SYM002"/, /SIM001, SIM002/]],
    ['a symbol twice', 'simulated-2', '[SIM001, SIM001]', [/bad-\d+\.yaml: universe names SIM001 twice/]],
    [
      'a symbol that the sample has not',
      /universe: .*\ndata: .*/,
      'universe: [SPY]\ndata: { source: sample }',
      [/bad-\d+\.yaml: .*"SPY".*SPX/],
    ],
    [
      'a vendor without its key',
      'source: simulated',
      'source: polygon',
      [/bad-\d+\.yaml: polygon needs POLYGON_API_KEY, and it is not set/, /csv/],
    ],
    ['text that is not YAML', 'splits: {', 'splits: [', [/bad-\d+\.yaml:\d+:\d+: not valid YAML/]],
  ];
  it.each(cases.map((one, index) => [one[0], index] as const))('is refused: %s', async (_what, index) => {
    const [, from, to, words] = cases[index]!;
    const path = experimentWith(`bad-${index}`, from, to);
    expectRefusal(await run(['run', path, '--once', '--json'], nowhere), 2, [...words, 'remedy: ']);
  });

  it('is refused when there is no such experiment, and the nearest is named', async () => {
    expectRefusal(await run(['run', 'defualt', '--json'], nowhere), 2, [/no experiment defualt/, /default/]);
  });
});

/** A clean file of daily bars: a header, then `rows` lines. */
function barLines(rows = 60): string[] {
  const lines = Array.from({ length: rows }, (_, i) => {
    const day = new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);
    const open = 100 + (i % 7);
    return `${day},${open},${open + 2},${open - 2},${open + 1},1000`;
  });
  return ['time,open,high,low,close,volume', ...lines];
}

function barsFile(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** The file with line `at` (the header is line 1) put through `change`. */
const withLine = (at: number, change: (line: string) => string): string =>
  barLines()
    .map((line, i) => (i === at - 1 ? change(line) : line))
    .join('\n');

describe('a bars file that is not one', () => {
  const packed = gzipSync(barLines(2_000).join('\n'));
  const cases: [what: string, name: string, content: string | Uint8Array | null, words: RegExp[]][] = [
    ['missing columns', 'columns.csv', 'time,open,close\n2024-01-01,1,1\n', [/high/, /low/]],
    ['NaN', 'nan.csv', withLine(5, (line) => line.replace(/,[^,]*,1000$/, ',NaN,1000')), [/line 5: close is "NaN"/]],
    [
      'a negative price',
      'negative.csv',
      withLine(6, (line) => line.replace(/,\d+,\d+$/, ',-3,1000')),
      [/line 6: close is negative/],
    ],
    [
      'high below low',
      'high.csv',
      withLine(7, () => '2024-01-06,100,90,95,100,1000'),
      [/line 7: high 90 is below low 95/],
    ],
    ['a duplicated time', 'twice.csv', withLine(8, () => barLines()[6]!), [/line 8: duplicate time 2024-01-06/]],
    [
      'unordered times',
      'order.csv',
      withLine(9, (line) => line.replace('2024-01-08', '2023-01-08')),
      [/line 9: .*must ascend/],
    ],
    [
      'mixed symbols without a column',
      'mixed.csv',
      [...barLines(), ...barLines().slice(1)].join('\n'),
      [/line 62: /, /symbol column/],
    ],
    ['an empty file', 'empty.csv', '', [/the file is empty/]],
    ['a header alone', 'header.csv', `${barLines()[0]}\n`, [/a header and no bars/]],
    ['a truncated gzip', 'cut.csv.gz', packed.subarray(0, packed.length - 40), [/damaged or cut off/]],
    ['an empty gzip', 'empty.csv.gz', '', [/the file is empty/]],
    ['a gzip in name only', 'plain.csv.gz', barLines().join('\n'), [/not a gzip file/]],
    ['a Parquet file in name only', 'plain.parquet', barLines().join('\n'), [/not a Parquet file/]],
    ['a truncated Parquet file', 'cut.parquet', 'PAR1 and then nothing', [/cut\.parquet/]],
    ['something binary', 'binary.csv', new Uint8Array(4096).map((_, i) => (i * 151) % 251), [/binary\.csv/]],
    ['no such file', 'absent.csv', null, [/no such file/]],
  ];

  it.each(cases.map((one, index) => [one[0], index] as const))(
    'is refused, and nothing is left: %s',
    async (_what, index) => {
      const [, name, content, words] = cases[index]!;
      const path = content === null ? join(folder, name) : barsFile(name, content);
      const place = join(folder, `out-${index}`);
      mkdirSync(place);
      const named = [new RegExp(name.replaceAll('.', '\\.')), ...words, /^ {2}remedy: \S/m];
      const before = await rowCounts(database);
      const out = ['--features', 'sma(3)', '--out', join(place, 'out.csv'), '--json'];
      expectRefusal(await run(['features', '--bars', path, ...out]), 2, named);
      expectRefusal(await run(['backtest', '--bars', path, '--strategy', 'sma-cross', '--json']), 2, named);
      expectRefusal(await run(['ingest', '--vendor', 'csv', '--path', path, '--json']), 2, named);
      expectRefusal(await run(['run', small, '--bars', path, '--once', '--json']), 2, named);
      expect(readdirSync(place)).toEqual([]);
      expect(await rowCounts(database)).toEqual(before);
    },
  );

  it('is refused when it holds several symbols and the experiment others, or has no column for them', async () => {
    const path = barsFile('one.csv', barLines().join('\n'));
    const two = experimentWith('two', 'simulated-2', '[AAA, BBB]');
    expectRefusal(await run(['run', two, '--bars', path, '--json']), 2, [/one\.csv: no symbol column/, /2 symbols/]);
    const [head, ...lines] = barLines();
    const named = barsFile('named.csv', [`${head},symbol`, ...lines.map((line) => `${line},AAA`)].join('\n'));
    expectRefusal(await run(['run', two, '--bars', named, '--json']), 2, [/no bars for BBB/, /nearest is AAA/]);
    const asked = ['--features', 'sma(3)', '--symbol', 'AAB', '--out', join(folder, 'never.csv'), '--json'];
    expectRefusal(await run(['features', '--bars', named, ...asked]), 2, [/no bars for AAB/, /nearest is AAA/]);
    expect(readdirSync(folder)).not.toContain('never.csv');
  });

  it('leaves nothing in the store when it has more errors than the experiment allows', async () => {
    await using(async (own) => {
      // Weekdays and weekends alike: on an exchange's calendar, the latter are errors.
      const path = barsFile('long.csv', barLines(700).join('\n'));
      const args = ['run', small, '--bars', path, '--calendar', 'us-equities', '--once', '--json'];
      const said = await run(args, { DATABASE_URL: own.url });
      expectRefusal(said, 1, [/quality errors?; the experiment allows 0/, /remedy: .*maxQualityErrors/]);
      const { bars, feature_rows: features, trainings } = await rowCounts(own);
      expect({ bars, features, trainings }).toEqual({ bars: 0, features: 0, trainings: 0 });
    });
  });

  it('is refused when its path cannot be written', async () => {
    const path = barsFile('fine.csv', barLines().join('\n'));
    const out = join(folder, 'no-such-folder', 'out.csv');
    const said = await run(['features', '--bars', path, '--features', 'sma(3)', '--out', out, '--json']);
    expectRefusal(said, 2, [/Cannot write .*out\.csv/, /remedy: /]);
    // A folder is in the way: noticed only when the finished file is put in place.
    const taken = join(folder, 'taken', 'out.csv');
    mkdirSync(taken, { recursive: true });
    const late = await run(['features', '--bars', path, '--features', 'sma(3)', '--out', taken, '--json']);
    expectRefusal(late, 2, [/Cannot write .*out\.csv/, /remedy: /]);
    expect(readdirSync(join(folder, 'taken'))).toEqual(['out.csv']);
  });
});

describe('options that make no sense', () => {
  const rule = (...more: string[]): string[] => {
    return ['backtest', '--bars', join(folder, 'good.csv'), '--strategy', 'sma-cross', '--json', ...more];
  };
  const cases: [args: string[], words: RegExp[]][] = [
    [rule('--set', 'fats=3'), [/no parameter "fats"/, /Did you mean "fast"/]],
    [rule('--set', 'fast'), [/--set fast: not of the form key=value/, /remedy: /]],
    [rule('--set', 'fast='), [/not of the form key=value/]],
    [rule('--set', 'fast=ten'), [/sma-cross: fast: /]],
    [rule('--set', 'fast=1.5'), [/sma-cross: fast: /]],
    [rule('--set', 'fast=3', '--set', 'fast=4'), [/fast is given twice/]],
    [rule('--set', 'constructor=1'), [/no parameter "constructor"/]],
    [rule('--set', '__proto__=1'), [/no parameter "__proto__"/]],
    [rule('--limit', 'positionFracton=0.1'), [/no limit positionFracton; did you mean positionFraction\?/]],
    [rule('--limit', 'positionFraction=7'), [/--limit positionFraction: /]],
    [rule('--limit', 'positionFraction'), [/not of the form key=value/]],
    [rule('--limits', 'standrad'), [/--limits standrad: /, /standard, unbounded/]],
    [rule('--size', 'half'), [/--size half is not understood/, /fraction=x/]],
    [rule('--size', 'fraction=2'), [/--size fraction=2 is not understood/]],
    [rule('--size', 'units=1=2'), [/--size units=1=2 is not understood/]],
    [rule('--fill', 'now'), [/--fill now is not known/, /next-open/]],
    [rule('--capital', '0'), [/--capital 0 is not above 0/]],
    [rule('--lot', '-1'), [/--lot -1 is not a number/]],
    [rule('--fee-bps', 'free'), [/--fee-bps free is not a number/]],
    [rule('--seed', '1e999'), [/--seed 1e999 is not a whole number/]],
    [rule('--seed', '1.5'), [/--seed 1\.5/]],
    [rule('--calendar', 'us-equity'), [/us-equity/, /us-equities/]],
    [['backtest', small, '--strategy', 'sma-cross'], [/An experiment has no --strategy/]],
    [
      ['backtest', '--bars', 'absent.csv', '--strategy', 'momentumm'],
      [/momentumm/, /Did you mean "momentum"/],
    ],
    [['backtest'], [/Nothing to backtest/]],
    [['backtest', '--strategy', 'sma-cross'], [/needs bars/]],
    [rule().map((arg) => (arg === 'sma-cross' ? 'sma-crss' : arg)), [/sma-crss/, /Did you mean "sma-cross"/]],
    [
      ['run', small, '--calendar', 'moon', '--json'],
      [/moon/, /remedy: /],
    ],
    ...['0', '65536', '80.5', 'http', '-1', ''].map((port): [string[], RegExp[]] => [
      ['run', small, '--serve', `--port=${port}`, '--json'],
      [/--port .*is not a port/, /1 to 65535/],
    ]),
    [['ingest', '--json'], [/Neither an experiment nor --vendor/]],
    [['ingest', '--vendor', 'alpaka', '--json'], [/Unknown vendor "alpaka"/]],
    [['ingest', '--vendor', 'csv'], [/needs --path/]],
    [['ingest', '--vendor', 'simulated', '--bars', 'many'], [/--bars many/]],
    [['ingest', '--vendor', 'simulated', '--from', '2024-02-30'], [/--from 2024-02-30 is not a date/]],
    [['ingest', '--vendor', 'simulated', '--timeframe', '7m'], [/Unknown timeframe "7m"/]],
    [
      ['materialize', small, '--features', 'smaa(3)', '--json'],
      [/smaa/, /Did you mean "sma"/],
    ],
    [['worker', '--concurrency', '0'], [/--concurrency 0 is not a whole number/]],
    [['worker', '--concurrency', 'all'], [/--concurrency all is not a whole number/]],
    [['bench', 'ordrs'], [/no benchmark ordrs; did you mean orders\?/]],
    [
      ['models', 'show', 'nobody'],
      [/no model named nobody/, /remedy: /],
    ],
    [['models', 'promote', 'nobody'], [/names no version/]],
    [['models', 'rollback', 'nobody'], [/no champion to go back from/]],
    [['models', 'rollback', 'nobody', '--force'], [/--force needs a reason/]],
    [['cancel', 'ffff'], [/No training or search begins with ffff/]],
    [['tracking', '--port', 'x'], [/--port x is not a port/]],
    [['tracking', 'drain'], [/MLFLOW_TRACKING_URI is not set/]],
    [['db', 'status', '--config', 'absent.yaml'], [/absent\.yaml: no such file/]],
    [
      ['rnu', 'default'],
      [/unknown command 'rnu'/, /Did you mean run/],
    ],
    [
      ['run', 'default', '--frseh'],
      [/unknown option '--frseh'/, /--fresh/],
    ],
    [['run'], [/missing required argument/]],
    [['run', 'default', 'again'], [/too many arguments/]],
    [['models', 'lsit'], [/unknown command/]],
    [['db'], [/Usage: signalbox db/]],
  ];

  let before: Record<string, number>;
  beforeAll(async () => {
    before = await rowCounts(database);
  });

  it.each(cases.map(([args], index) => [args.join(' ').replace(folder, ''), index] as const))(
    'are refused: %s',
    async (_words, index) => {
      const [args, words] = cases[index]!;
      expectRefusal(await run(args), 2, words);
    },
  );

  it('have left nothing behind', async () => expect(await rowCounts(database)).toEqual(before));
});

/** A port of loopback where nothing listens. */
async function closedPort(): Promise<number> {
  const { port, close } = await listen();
  await close();
  return port;
}

async function listen(): Promise<{ port: number; close: () => Promise<unknown> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<unknown> => new Promise((resolve) => server.close(resolve));
  return { port: (server.address() as AddressInfo).port, close };
}

describe('a database that cannot be used', () => {
  const commands = [
    ['run', small, '--once'],
    ['ingest', small],
    ['models', 'list'],
    ['db', 'status'],
  ];

  it('says that nothing listens', async () => {
    const url = `postgres://signalbox:secret@127.0.0.1:${await closedPort()}/signalbox`;
    for (const command of commands) {
      const said = await run([...command, '--json'], { DATABASE_URL: url });
      expectRefusal(said, 1, [/nothing listens there/, /remedy: Start that server/]);
      expect(said.stderr).not.toContain('secret');
    }
  });

  it('says that the password is wrong, and does not repeat it', async () => {
    const role = `reader_${Math.floor(performance.now() * 1000)}`;
    await database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'right'`);
    const url = new URL(database.url);
    url.username = role;
    url.password = 'wr0ng-password';
    const said = await run(['run', small, '--once', '--json'], { DATABASE_URL: url.href });
    await database.pool.query(`DROP ROLE ${role}`);
    expectRefusal(said, 1, [/refused the user or the password/, /remedy: /]);
    expect(said.stderr).not.toContain('wr0ng-password');
  });

  it('says that there is no such database, or that the URL is none', async () => {
    const url = new URL(database.url);
    url.pathname = '/nowhere';
    expectRefusal(await run(['run', small, '--json'], { DATABASE_URL: url.href }), 1, [/does not exist/, /remedy: /]);
    expectRefusal(await run(['run', small, '--json'], { DATABASE_URL: 'mysql://x' }), 2, [
      /DATABASE_URL: /,
      /remedy: /,
    ]);
  });

  it('is left alone when its schema is newer', async () => {
    await using(async (newer) => {
      await newer.pool.query("INSERT INTO signalbox.migrations (name, run_on) VALUES ('9999_later', now())");
      const before = await rowCounts(newer);
      const said = await run(['run', small, '--once', '--json'], { DATABASE_URL: newer.url });
      expectRefusal(said, 1, [/newer than this code: it has 9999_later/, /remedy: Update this checkout/]);
      expect(await rowCounts(newer)).toEqual(before);
    });
  });

  // The server itself reports the condition, by its real SQLSTATE, from inside the statement that writes.
  it.each(['bar_series', 'bars'])('says that the disk is full when %s cannot be written', async (table) => {
    await using(async (full) => {
      await full.pool.query(
        `CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
         CREATE TRIGGER full_disk BEFORE INSERT ON signalbox.${table} FOR EACH ROW EXECUTE FUNCTION public.full_disk()`,
      );
      const before = await rowCounts(full);
      const said = await run(['run', small, '--once', '--json'], { DATABASE_URL: full.url });
      expectRefusal(said, 1, [/disk of PostgreSQL .* is full/, /remedy: Free space/]);
      expect(await rowCounts(full)).toEqual(before);
    });
  });
});

/** Gives `work` a database of its own. */
async function using(work: (own: TestDatabase) => Promise<void>): Promise<void> {
  const own = await createTestDatabase();
  try {
    await work(own);
  } finally {
    await own.drop();
  }
}

describe('the servers around a run', () => {
  let withoutMlflow: Ended;
  let withoutRedis: { said: Ended; seconds: number; rows: Record<string, number> };

  // Real processes: whether they end by themselves is part of the question. Both at once.
  beforeAll(async () => {
    const started = performance.now();
    const mlflow = { ...BASE, SIGNALBOX_WORKERS: '2', MLFLOW_TRACKING_URI: `http://127.0.0.1:${await closedPort()}` };
    const completing = startSignalbox(['run', small, '--once'], process.env, mlflow).ended;
    await using(async (own) => {
      const redis = { ...BASE, DATABASE_URL: own.url, REDIS_URL: `redis://127.0.0.1:${await closedPort()}` };
      const said = await startSignalbox(['run', small, '--once', '--json'], process.env, redis).ended;
      withoutRedis = { said, seconds: (performance.now() - started) / 1000, rows: await rowCounts(own) };
    });
    withoutMlflow = await completing;
  });

  it('Redis refuses: the run ends by itself, with the remedy', () => {
    const { said, seconds, rows } = withoutRedis;
    expectRefusal({ ...said, code: said.code ?? -1 }, 1, [
      /redis does not answer/,
      /ECONNREFUSED/,
      /remedy: Start Redis/,
    ]);
    expect(Object.values(rows).every((count) => count === 0)).toBe(true);
    // 10 s of waiting and the start of a process; the margin is for a busy machine.
    expect(seconds).toBeLessThan(600);
  });

  it('MLflow refuses: the run completes and says what waits', async () => {
    expect(withoutMlflow.code, withoutMlflow.stderr).toBe(0);
    expect(withoutMlflow.stderr).toMatch(/0 delivered, \d+ wait in the outbox/);
    const { pending, delivered } = await outboxStatus(database.pool);
    expect(withoutMlflow.stderr).toContain(`, ${pending} wait in the outbox`);
    expect(delivered).toBe(0);
  });

  it('the port is in use: said before the work, exit code 1', async () => {
    const { port, close } = await listen();
    const said = await run(['run', small, '--serve', '--port', String(port)]);
    await close();
    expectRefusal(said, 1, [new RegExp(`Port ${port} is in use`), /remedy: Give a free one with --port N/]);
    expect(said.stderr).not.toContain('ingest');
  });

  it('a model altered in the database is refused, and no report is written', async () => {
    const reports = (): string[] => readdirSync(join(home, 'reports'), { recursive: true }).map(String).sort();
    rmSync(join(home, 'reports'), { recursive: true });
    mkdirSync(join(home, 'reports'));
    const before = await rowCounts(database);
    await database.pool.query(
      `UPDATE signalbox.models SET content = set_byte(content, length(content) / 2, get_byte(content, length(content) / 2) # 1)`,
    );
    const words = [/Model [0-9a-f]{12} was altered/, /remedy: Train again with --fresh/];
    expectRefusal(await run(['models', 'show', 'small', '--json']), 1, words);
    expectRefusal(await run(['run', small, '--once', '--json']), 1, words);
    expect(await rowCounts(database)).toEqual(before);
    expect(reports()).toEqual([]);
    const again = await run(['run', small, '--once', '--fresh', '--json']);
    expect(again.code, again.stderr).toBe(0);
    expect(await rowCounts(database)).toEqual(before);
  });
});

describe('the same commands, given what they need', () => {
  const good = (): string => join(folder, 'good.csv');
  const cases: [what: string, args: () => string[], code: 0 | 1][] = [
    ['run', () => ['run', small, '--once'], 0],
    [
      'backtest',
      () => ['backtest', '--bars', good(), '--strategy', 'sma-cross', '--set', 'fast=3', '--set', 'slow=5'],
      0,
    ],
    ['features', () => ['features', '--bars', good(), '--features', 'sma(3)', '--out', join(folder, 'made.csv')], 0],
    ['check', () => ['check', '--file', good()], 0],
    ['ingest', () => ['ingest', small], 0],
    ['ingest the sample', () => ['check', '--vendor', 'sample'], 0],
    ['materialize', () => ['materialize', small], 0],
    ['models list', () => ['models', 'list'], 0],
    ['models show', () => ['models', 'show', 'small@1'], 0],
    ['models promote, refused', () => ['models', 'promote', 'small@1'], 1],
    ['models promote', () => ['models', 'promote', 'small@1', '--force', '--reason', 'to see'], 0],
    ['tracking status', () => ['tracking', 'status'], 0],
    ['db status', () => ['db', 'status'], 0],
    ['db migrate', () => ['db', 'migrate'], 0],
    ['db backup', () => ['db', 'backup', join(folder, 'backup.tar')], 0],
    ['doctor', () => ['doctor'], 0],
  ];

  it.each(cases.map(([what], index) => [what, index] as const))(
    'print one JSON document and nothing else: %s',
    async (_what, index) => {
      const [, args, code] = cases[index]!;
      const said = await run([...args(), '--json']);
      expect(said.code, said.stderr).toBe(code);
      expect(said.stdout.trimEnd().split('\n')).toHaveLength(1);
      expect(() => JSON.parse(said.stdout) as unknown).not.toThrow();
    },
  );
});
