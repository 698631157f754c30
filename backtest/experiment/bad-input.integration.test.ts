import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine } from '../../command-line.ts';
import { CommandPlace, barLines, expectRefusal, using } from '../testing/command-place.ts';
import { rowCounts } from '../testing/killed-run.ts';

const place = new CommandPlace('bad-input', createCommandLine);
const { folder, small } = place;

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
    const path = place.experimentWith(`bad-${index}`, from, to);
    expectRefusal(await place.run(['run', path, '--once', '--json'], nowhere), 2, [...words, 'remedy: ']);
  });

  it('is refused when there is no such experiment, and the nearest is named', async () => {
    expectRefusal(await place.run(['run', 'defualt', '--json'], nowhere), 2, [/no experiment defualt/, /default/]);
  });
});

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
      const path = content === null ? join(folder, name) : place.barsFile(name, content);
      const outFolder = join(folder, `out-${index}`);
      mkdirSync(outFolder);
      const named = [new RegExp(name.replaceAll('.', '\\.')), ...words, /^ {2}remedy: \S/m];
      const before = await rowCounts(place.database);
      const out = ['--features', 'sma(3)', '--out', join(outFolder, 'out.csv'), '--json'];
      expectRefusal(await place.run(['features', '--bars', path, ...out]), 2, named);
      expectRefusal(await place.run(['backtest', '--bars', path, '--strategy', 'sma-cross', '--json']), 2, named);
      expectRefusal(await place.run(['ingest', '--vendor', 'csv', '--path', path, '--json']), 2, named);
      expectRefusal(await place.run(['run', small, '--bars', path, '--once', '--json']), 2, named);
      expect(readdirSync(outFolder)).toEqual([]);
      expect(await rowCounts(place.database)).toEqual(before);
    },
  );

  it('is refused when it holds several symbols and the experiment others, or has no column for them', async () => {
    const path = place.barsFile('one.csv', barLines().join('\n'));
    const two = place.experimentWith('two', 'simulated-2', '[AAA, BBB]');
    expectRefusal(await place.run(['run', two, '--bars', path, '--json']), 2, [
      /one\.csv: no symbol column/,
      /2 symbols/,
    ]);
    const [head, ...lines] = barLines();
    const named = place.barsFile('named.csv', [`${head},symbol`, ...lines.map((line) => `${line},AAA`)].join('\n'));
    expectRefusal(await place.run(['run', two, '--bars', named, '--json']), 2, [/no bars for BBB/, /nearest is AAA/]);
    const asked = ['--features', 'sma(3)', '--symbol', 'AAB', '--out', join(folder, 'never.csv'), '--json'];
    expectRefusal(await place.run(['features', '--bars', named, ...asked]), 2, [/no bars for AAB/, /nearest is AAA/]);
    expect(readdirSync(folder)).not.toContain('never.csv');
  });

  it('leaves nothing in the store when it has more errors than the experiment allows', async () => {
    await using(async (own) => {
      // Weekdays and weekends alike: on an exchange's calendar, the latter are errors.
      const path = place.barsFile('long.csv', barLines(700).join('\n'));
      const args = ['run', small, '--bars', path, '--calendar', 'us-equities', '--once', '--json'];
      const said = await place.run(args, { DATABASE_URL: own.url });
      expectRefusal(said, 1, [/quality errors?; the experiment allows 0/, /remedy: .*maxQualityErrors/]);
      const { bars, feature_rows: features, trainings } = await rowCounts(own);
      expect({ bars, features, trainings }).toEqual({ bars: 0, features: 0, trainings: 0 });
    });
  });

  it('is refused when its path cannot be written', async () => {
    const path = place.barsFile('fine.csv', barLines().join('\n'));
    const out = join(folder, 'no-such-folder', 'out.csv');
    const said = await place.run(['features', '--bars', path, '--features', 'sma(3)', '--out', out, '--json']);
    expectRefusal(said, 2, [/Cannot write .*out\.csv/, /remedy: /]);
    // A folder is in the way: noticed only when the finished file is put in place.
    const taken = join(folder, 'taken', 'out.csv');
    mkdirSync(taken, { recursive: true });
    const late = await place.run(['features', '--bars', path, '--features', 'sma(3)', '--out', taken, '--json']);
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
    [['backtest', 'default', '--deadline', '5'], [/--deadline would do nothing/]],
    [['paper', 'default', '--deadline', '5'], [/--deadline would do nothing/]],
    [rule('--size', 'half'), [/--size half is not understood/, /fraction=x/]],
    [rule('--size', 'fraction=2'), [/takes credit, and equity may hold 1 of itself/, /margin: \{ initial/]],
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
    [['bench', 'risk', 'ordrs'], [/no benchmark ordrs; did you mean orders\?/]],
    [['bench', 'risk,ordrs'], [/no benchmark ordrs; did you mean orders\?/]],
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
    [
      ['backtest', 'default', '--fee-bps', '50', '--stop-loss', '2%', '--fill', 'next-open'],
      [/--fill, --fee-bps, --stop-loss would do nothing/, /Change it in the experiment/],
    ],
    [
      ['walk-forward', 'default', '--set', 'costs.feeBpz=1'],
      [/default\.yaml:\d+ with --set/, /feeBpz/, /feeBps/],
    ],
    [['run'], [/missing required argument/]],
    [['run', 'default', 'again'], [/too many arguments/]],
    [['models', 'lsit'], [/unknown command/]],
    [['db'], [/Usage: signalbox db/]],
  ];

  let before: Record<string, number>;
  beforeAll(async () => {
    before = await rowCounts(place.database);
  });

  it.each(cases.map(([args], index) => [args.join(' ').replace(folder, ''), index] as const))(
    'are refused: %s',
    async (_words, index) => {
      const [args, words] = cases[index]!;
      expectRefusal(await place.run(args), 2, words);
    },
  );

  it('have left nothing behind', async () => expect(await rowCounts(place.database)).toEqual(before));
});
