import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCommandLine } from '../command-line.ts';
import { runCommandLine } from '../infra/command.ts';
import { freePort } from '../infra/postgres/free-port.ts';
import { createTestDatabase, type TestDatabase } from '../infra/testing/test-database.ts';
import { rowCounts } from './killed-run.ts';
import type { BacktestResult } from './result.ts';
import { startSignalbox } from './run-process.ts';
import { writeSmallExperiment } from './small-experiment.ts';

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
  const nowhere = { DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none' };

  const cases: [what: string, from: string | RegExp, to: string, words: (string | RegExp)[]][] = [
    [
      'an unknown key',
      'trainBars: 300',
      'trainBarz: 300',
      [/bad-\d+\.yaml:5: unknown key splits\.trainBarz/, /did you mean splits\.trainBars\?/],
    ],
    ['an unknown top-level key', 'splits:', 'split:', [/bad-\d+\.yaml:5: unknown key split;/, /did you mean splits\?/]],
    ['an unknown feature', 'rsi(14)', 'rzi(14)', [/bad-\d+\.yaml: features: .*rzi/, /Did you mean "rsi"/]],
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
    ['a source that is not offered', 'source: simulated', 'source: polygon', [/bad-\d+\.yaml: .*polygon/, /csv/]],
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
