import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { tablesInSql, tablesOfSchema } from './infra/testing/tables-in-sql.ts';
import { importCycles, importGraph, loadingChains } from './infra/testing/import-graph.ts';

// House rules that no linter knows. Each test lists the offenders, so that a failure says what to mend.

const ROOT = fileURLToPath(new URL('.', import.meta.url));
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(ROOT + path));
const source = files.filter((path) => /\.(ts|tsx|mjs)$/.test(path));
const text = (path: string): string => readFileSync(ROOT + path, 'utf8');
const isText = (path: string): boolean => !/\.(png|ico|woff2|gz|parquet)$/.test(path);
const BANNED_NAMES = ['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'src', 'index'];
const FOLDERS = ['features', 'infra', 'pipelines', 'models', 'trading', 'backtest', 'notebooks', 'examples'];

/** The runner of the migrations makes and fills them. */
const OF_THE_RUNNER = ['migrations', 'migrations_id_seq'];
/** What is told the name of a table by its owner, and reads or makes any schema. */
const NAMED_BY_CALLER = ['infra/postgres/', 'pipelines/binary-copy.ts', 'pipelines/bars/year-partitions.ts'];
/** Views of boards are theirs: they read nothing else, and nothing else reads them. */
const BOARDS = 'infra/grafana/';
const isBoardView = (table: string | null): boolean => table?.startsWith('board_') === true;
const isStore = (path: string): boolean => path.endsWith('-store.ts');
/** Looks, as tests do, at what is in the tables, beside the stores that are tested; it writes nothing. */
const isEvidence = (path: string): boolean => dirname(path).split('/').includes('testing');
const graph = importGraph(
  source.filter((path) => /\.tsx?$/.test(path)),
  text,
);

/**
 * Shapes of an experiment's sections: reading one computes no label and cuts no split. What they load is looked at all
 * the same.
 */
const SCHEMAS = ['models/splits/splits-schema.ts'];

const ROOM_FILES_MAX = 18;
/** One of a kind per file. */
const CATALOGUE = 'features/kernels';

/** Older commits are as they are. */
const SHORT_SUBJECTS_SINCE = '2026-11-27T00:00:00Z';

/** Leaves whole suites out, visibly, where the machine lacks what they need. */
const SKIPPER = 'infra/testing/requirements.ts';

/** Files that open files by themselves: those of the database's other user, readers, altered files, and a build. */
const WRITERS = [
  'infra/postgres/embedded/binaries.ts',
  'infra/postgres/embedded/cluster.ts',
  'infra/postgres/embedded/shared-folder.ts',
  'infra/postgres/embedded/embedded-outage.ts',
  'pipelines/dialects/file-text.ts',
  'pipelines/sources/files/parquet-columns.ts',
  'backtest/proofs/fuzz/fuzz-child.ts',
  'backtest/proofs/versions/checkout-copy.ts',
  'backtest/proofs/versions/package-proof.ts',
  'trading/console/vite.config.ts',
];

/** Offences of `pattern` as path:line, in files other than this one. */
function offences(paths: readonly string[], pattern: RegExp): string[] {
  return paths
    .filter((path) => path !== 'tidy.test.ts' && path !== SKIPPER)
    .flatMap((path) =>
      text(path)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
}

const known = (path: string): boolean => files.includes(path);
/** A name that stands for one file below `folder`, as a table of its parts writes it. */
const endsOnce = (folder: string, name: string): boolean =>
  files.filter((path) => path.startsWith(folder === '.' ? '' : `${folder}/`) && path.endsWith(`/${name}`)).length === 1;

describe('the house', () => {
  it('has files to look at', () => expect(source.length).toBeGreaterThan(20));

  it('names no file or folder after nothing', () => {
    const offenders = files.filter((path) =>
      path.split('/').some((part) => BANNED_NAMES.includes(basename(part, extname(part)))),
    );
    expect(offenders).toEqual([]);
  });

  it('names source files in kebab-case', () => {
    const offenders = source.filter(
      (path) =>
        !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|integration\.test|processor|config|d))*\.(ts|tsx|mjs)$/.test(basename(path)),
    );
    expect(offenders).toEqual([]);
  });

  it('keeps source files readable in one go', () => {
    const offenders = source.filter((path) => text(path).split('\n').length > 351);
    expect(offenders).toEqual([]);
  });

  it('makes two rooms of one that is too full', () => {
    const sources = source.filter((path) => path.includes('/') && !path.includes('.test.'));
    const held = new Map<string, number>();
    for (const path of sources) held.set(dirname(path), (held.get(dirname(path)) ?? 0) + 1);
    const full = [...held].filter(([room, count]) => room !== CATALOGUE && count > ROOM_FILES_MAX);
    expect(full).toEqual([]);
  });

  it('explains each top-level folder in at most 40 lines', () => {
    for (const folder of FOLDERS) {
      expect(existsSync(`${ROOT}${folder}/README.md`), `${folder}/README.md`).toBe(true);
      expect(text(`${folder}/README.md`).trimEnd().split('\n').length, folder).toBeLessThanOrEqual(40);
    }
  });

  it('names files in READMEs by paths that lead there', () => {
    const offenders = files
      .filter((path) => basename(path) === 'README.md')
      .flatMap((path) =>
        [...text(path).matchAll(/`((?:\.\.?\/)*[\w/-]+(?:\.[\w-]+)*\.(?:ts|mjs|yaml|sql|sh))`/g)]
          .map(([, name]) => name!)
          .filter((name) => !known(join(dirname(path), name)) && !known(name) && !endsOnce(dirname(path), name))
          .map((name) => `${path}: ${name}`),
      );
    expect(offenders).toEqual([]);
  });

  it('keeps comments within 120 columns', () => {
    const code = source.filter((path) => path !== 'tidy.test.ts');
    expect(offences(code, /^(?=.{121})\s*(\/\/|\*|\/\*)/)).toEqual([]);
  });

  it('keeps Markdown within 120 columns', () => {
    expect(
      offences(
        files.filter((path) => path.endsWith('.md')),
        /^.{121}/,
      ),
    ).toEqual([]);
  });

  it('keeps subjects of commits within 72 characters', () => {
    const log = ['log', '--no-merges', `--since=${SHORT_SUBJECTS_SINCE}`, '--format=%s'];
    const subjects = execFileSync('git', log, { cwd: ROOT, encoding: 'utf8' }).split('\n');
    expect(subjects.filter((subject) => subject.length > 72)).toEqual([]);
  });

  it('leaves nothing for later', () => {
    expect(offences(source, /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
    expect(offences(source, /\b(it|test|describe)\.(skip|only|todo|fails)\(/)).toEqual([]);
  });

  it('does not switch the checkers off', () => {
    expect(
      offences(
        source,
        /@ts-(ignore|expect-error|nocheck)|eslint-disable|prettier-ignore|\bas any\b|[\w)\]?]: any\b[^a-z]*[;,)=]/,
      ),
    ).toEqual([]);
  });

  it('names no machine, registry or path of one', () => {
    const hosts =
      /registry\.npmjs\.org|pypi\.org|files\.pythonhosted\.org|deb\.debian\.org|\/home\/\w+|\/root\/|\/work\/(main|shared)/;
    expect(offences(files.filter(isText), hosts)).toEqual([]);
  });

  it('writes files through the writers only, which close and replace them whole', () => {
    const writing = /\b(writeFile|appendFile|createWriteStream|copyFile|cp|mkdir|open)(Sync)?\b/;
    const offenders = source
      .filter((path) => path.endsWith('.ts') && !/^infra\/files\/|(^|\/)testing\/|\.test\.ts$/.test(path))
      .filter((path) => !WRITERS.includes(path))
      .filter((path) =>
        [...text(path).matchAll(/import ([^;]*?) from '(?:node:)?fs(?:\/promises)?'/g)].some(
          ([, names]) => writing.test(names!) || !names!.includes('{'),
        ),
      );
    expect(offenders).toEqual([]);
  });

  it('carries no secret', () => {
    expect(offences(files.filter(isText), /-----BEGIN [A-Z ]*PRIVATE KEY-----|AKIA[0-9A-Z]{16}/)).toEqual([]);
  });

  it('locks every package of a registry to its content', () => {
    interface Lock {
      readonly packages: Record<string, { integrity?: string; link?: boolean; inBundle?: boolean }>;
    }
    const locks = files.filter((path) => basename(path) === 'package-lock.json');
    expect(locks).toContain('package-lock.json');
    const offenders = locks.flatMap((path) =>
      Object.entries((JSON.parse(text(path)) as Lock).packages)
        .filter(([name, { link, inBundle }]) => name !== '' && link !== true && inBundle !== true)
        .filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==/.test(integrity ?? ''))
        .map(([name]) => `${path}: ${name}`),
    );
    expect(offenders).toEqual([]);
  });

  it('loads TypeScript by its own loader only: others run what lies in the temp folder', () => {
    expect(offences([...source, 'package.json'], /['"]tsx['"/]|--import[ =',]+tsx/)).toEqual([]);
  });

  it('lets no test end by a limit of its own: a busy machine is no fault', () => {
    const tests = source.filter((path) => /\.test\.ts$/.test(path));
    expect(offences(tests, /vi\.setConfig\(|(test|hook)Timeout|\{ timeout: \d|^\s*\}, \d[\d_]{3,}\);$/)).toEqual([]);
    expect(offences(tests, /deadline = .*\d_000/)).toEqual([]);
  });

  it('numbers migrations once and says what owns a table', () => {
    const migrations = files.filter((path) => path.startsWith('infra/migrations/') && /\d{4}_/.test(path));
    const numbers = migrations.map((path) => basename(path).slice(0, 4));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(migrations.every((path) => /^\d{4}_[a-z0-9_]+\.sql$/.test(basename(path)))).toBe(true);
  });

  it('names each table in the SQL of the one store that owns it', () => {
    const tables = tablesOfSchema(text('infra/migrations/schema.sql')).filter(
      (table) => !OF_THE_RUNNER.includes(table),
    );
    const named = source
      .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts') && !path.startsWith('infra/migrations/'))
      .flatMap((path) => tablesInSql(text(path), tables).map((one) => ({ ...one, path })))
      .filter(({ path, writes }) => writes || !isEvidence(path));
    const owners = (table: string): string[] => [
      ...new Set(named.filter((one) => one.table === table && isStore(one.path)).map(({ path }) => path)),
    ];
    const strangers = named
      .filter(
        ({ table, path }) =>
          isBoardView(table) !== path.startsWith(BOARDS) ||
          (!isBoardView(table) &&
            !isStore(path) &&
            (table !== null || !NAMED_BY_CALLER.some((of) => path.startsWith(of)))),
      )
      .map(({ table, path, line }) => `${path}:${line} ${table ?? 'a name put together'}`);
    expect(strangers).toEqual([]);
    const wanted = tables.filter((table) => !table.endsWith('_view') && !isBoardView(table));
    expect(wanted.filter((table) => owners(table).length !== 1).map((table) => [table, ...owners(table)])).toEqual([]);
  });

  it('says once how long a day is', () => {
    const timed = source.filter((path) => path !== 'features/timeframe.ts');
    expect(offences(timed, /\b86_?400_?000\b|\bconst (DAY|HOUR|MINUTE)_MS\b/)).toEqual([]);
  });

  it('imports in no circle, types included', () => {
    expect(importCycles(graph)).toEqual([]);
  });

  it('lets nothing that trades load labels, splits or training', () => {
    const trades = (path: string): boolean => path.startsWith('trading/') && !/\.test\.ts$|\/testing\//.test(path);
    const foresees = (path: string): boolean =>
      /^models\/(labels|splits|training)\//.test(path) && !SCHEMAS.includes(path);
    expect([...graph.keys()].filter(trades).length).toBeGreaterThan(40);
    expect(loadingChains(graph, trades, foresees)).toEqual([]);
  });

  it('has nothing that trades ask a tracking server: that one is away stops no session', () => {
    const trades = (path: string): boolean => path.startsWith('trading/') && !/\.test\.ts$|\/testing\//.test(path);
    const asks = (path: string): boolean => path.startsWith('infra/mlflow/');
    expect([...graph.keys()].filter(asks).length).toBeGreaterThan(4);
    expect(loadingChains(graph, trades, asks)).toEqual([]);
  });

  it('hands sessions their broker: no driver knows one', () => {
    const drives = (path: string): boolean =>
      /^trading\/(engine|sessions\/[\w-]+-session\.ts$)/.test(path) && !/\.test\.ts$|experiment-session/.test(path);
    const broker = (path: string): boolean => /^trading\/brokers\/\w+\//.test(path);
    expect([...graph.keys()].filter(drives).length).toBeGreaterThan(4);
    expect(loadingChains(graph, drives, broker)).toEqual([]);
  });

  it('sets every test beside what it tests', () => {
    const offenders = source
      .filter((path) => path.endsWith('.test.ts') && path.includes('/'))
      .filter((path) => /(^|\/)(tests?|__tests__|spec)(\/|$)/.test(dirname(path)));
    expect(offenders).toEqual([]);
  });
});
