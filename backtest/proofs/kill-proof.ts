import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf } from '../../infra/hash.ts';
import { openDatabase } from '../../infra/postgres/database.ts';
import { killAndRunAgain, KILL_POINTS, rowCounts } from '../testing/killed-run.ts';
import { startSignalbox } from '../testing/run-process.ts';
import { writeSmallExperiment } from '../testing/small-experiment.ts';
import { share, type CaseContext, type CaseFigures, type Proof } from './proof.ts';

/** A kill comes this long after its stage began, at most: training is the longest stage. */
const DELAY_MAX_MS = { training: 4_000, other: 400 };

interface Undisturbed {
  readonly result: string;
  readonly rows: string;
}

/** The same for every case of a process: made once. */
let undisturbed: Promise<Undisturbed> | null = null;

async function inFolder<T>(work: (folder: string, env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-prove-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  try {
    return await work(folder, {
      SIGNALBOX_HOME: join(folder, 'home'),
      DATABASE_URL: '',
      REDIS_URL: '',
      MLFLOW_TRACKING_URI: '',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Hash of the rows that a home's database holds; opening it last also stops its server. */
async function rowsIn(home: string): Promise<string> {
  const database = await openDatabase({ databaseUrl: null, dataDir: home });
  try {
    return hashOf(await rowCounts(database));
  } finally {
    await database.close();
  }
}

function runUndisturbed(path: string): Promise<Undisturbed> {
  return inFolder(async (folder, env) => {
    const experiment = writeSmallExperiment(folder);
    const base = { PATH: path };
    const { code, stdout, stderr } = await startSignalbox(['run', experiment, '--once', '--json'], base, env).ended;
    if (code !== 0) throw new Error(`the undisturbed run failed:\n${stderr}`);
    return { result: hashOf(JSON.parse(stdout)), rows: await rowsIn(join(folder, 'home')) };
  });
}

async function runCase({ config, random }: CaseContext): Promise<CaseFigures> {
  undisturbed ??= runUndisturbed(config.programPath);
  const expected = await undisturbed;
  const point = KILL_POINTS[random.integer(KILL_POINTS.length)]!;
  const delayMs = random.integer(point.stage === 'training' ? DELAY_MAX_MS.training : DELAY_MAX_MS.other);
  return inFolder(async (folder, env) => {
    const experiment = writeSmallExperiment(folder);
    const base = { PATH: config.programPath };
    const { killed, again } = await killAndRunAgain({ experiment, base, env, says: point.says, delayMs });
    const equal = again.code === 0 && hashOf(JSON.parse(again.stdout)) === expected.result;
    const sameRows = (await rowsIn(join(folder, 'home'))) === expected.rows;
    return { stage: point.stage, delayMs, killed, code: again.code ?? -1, equal, sameRows };
  });
}

/** Whole runs on the embedded server, killed at random moments. */
export const KILL_PROOF: Proof = {
  name: 'kills',
  shows: 'a run killed with kill -9 at a random moment is finished by the next: equal result, nothing doubled or lost',
  count: 200,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(({ equal, sameRows }) => equal === true && sameRows === true),
    figures: {
      runs: cases.length,
      killed: share(cases, 'killed'),
      equal: share(cases, 'equal'),
      sameRows: share(cases, 'sameRows'),
    },
  }),
};
