import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../infra/config.ts';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import { findFreePort } from '../../../infra/postgres/embedded/free-port.ts';
import { ensurePython } from '../../../infra/python/python-environment.ts';
import { spawnWatched } from '../../../infra/python/python-watchdog.ts';
import { startSignalbox } from '../../testing/run-process.ts';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';

const SCHEMATHESIS = {
  name: 'schemathesis',
  packages: ['schemathesis==4.32.5'],
  purpose: 'Schemathesis (60 MB, once)',
  remedy: 'Install Python 3.10 or newer with its venv module.',
};
const EXAMPLES = 20;
/** Below what a client may ask. */
const RATE = '95/s';
/** It ends tokens, that of whoever asks too: it is asked by itself. */
const ENDS_TOKENS = '/api/v1/tokens/{name}';

/**
 * What Schemathesis is to expect beyond its own rules: 422 refuses what is understood (a name that is taken, a span
 * that is too long) and says why; 412 is for a version that is not the newest, 413, 414 and 431 for a body, a path part
 * and a head that are too long. Rules between two fields, names that rules have, and a key `__proto__` beside keys that
 * are not looked at, which the document cannot say, are 400.
 */
const SETTINGS = `
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429", "503"]
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "406", "413", "414", "415", "422", "428", "429", "431"]

${[
  'POST /api/v1/orders',
  'POST /api/v1/alerts/silences',
  'POST /api/v1/alerts/prometheus',
  'POST /api/v1/backtest/run',
  'POST /api/v1/strategies',
  'POST /api/v1/backtest/experiment',
  'POST /api/v1/strategies/{strategy}/backtest',
  'POST /api/v1/data/ingests',
  'POST /api/v1/risk/evaluate',
  'POST /api/v1/mcp',
  'PUT /api/v1/risk/thresholds',
  'GET /api/v1/equity',
  'GET /api/v1/trades',
  'GET /api/v1/predictions',
]
  .map(
    (name) => `[[operations]]
include-name = "${name}"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404", "409", "422", "429", "503"]
`,
  )
  .join('\n')}
[[operations]]
include-name = "GET /api/v1/ws"
checks.positive_data_acceptance.expected-statuses = ["401", "426"]
`;

/** A service with runs, bars and a session that has ended; what `work` is given is its address. */
async function overService<T>(
  config: Config,
  work: (service: { address: string; folder: string; token: () => Promise<string> }) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-schema-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  const home = { SIGNALBOX_HOME: join(folder, 'home'), DATABASE_URL: '', REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
  const start = (words: string[]) => startSignalbox(words, { PATH: config.programPath }, home);
  const done = async (words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await start(words).ended;
    if (code !== 0) throw new Error(`signalbox ${words.join(' ')} ended with ${code}:\n${stderr}`);
    return stdout;
  };
  try {
    await done(['backtest', 'spx-trend']);
    await done(['paper', 'spx-trend', '--speed', 'max', '--session', 'over']);
    const port = String(await findFreePort());
    const serving = start(['serve', '--port', port]);
    try {
      // It says where it listens.
      await Promise.race([once(serving.child.stdout!, 'data'), serving.ended]);
      let tokens = 0;
      const token = async (): Promise<string> => {
        const said = await done(['tokens', 'create', `schema ${++tokens}`, '--role', 'admin', '--json']);
        return (JSON.parse(said) as { value: string }).value;
      };
      return await work({ address: `http://127.0.0.1:${port}`, folder, token });
    } finally {
      serving.child.kill('SIGTERM');
      await serving.ended;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** It keeps what it found where it is started. */
const IN_FOLDER =
  'import os, sys; os.chdir(sys.argv.pop(1)); from schemathesis.cli import schemathesis; schemathesis()';

/** What one run of Schemathesis counted. */
interface Counted {
  readonly requests: number;
  readonly failures: number;
}

interface Asked {
  readonly address: string;
  readonly folder: string;
  readonly token: string;
  readonly seed: number;
  /** `--include-path P` or `--exclude-path P`. */
  readonly paths: readonly string[];
}

async function schemathesis(config: Config, { address, folder, token, seed, paths }: Asked): Promise<Counted> {
  const { dataDir, programPath } = config;
  const python = await ensurePython({ ...SCHEMATHESIS, dataDir, programPath, onStage: () => undefined });
  const settings = join(folder, 'schemathesis.toml');
  writePrivateFile(settings, SETTINGS);
  const words = [
    ...['-c', IN_FOLDER, folder, '--config-file', settings, 'run', `${address}/api/openapi.json`],
    ...['--header', `Authorization: Bearer ${token}`, '--rate-limit', RATE, '--seed', String(seed)],
    ...['--phases', 'examples,coverage,fuzzing', '--max-examples', String(EXAMPLES), '--continue-on-failure'],
    ...['--suppress-health-check', 'all', '--no-color', ...paths],
  ];
  const child = spawnWatched(python, words, 'pipe');
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  await once(child, 'close');
  const counted = /^ *(\d+) generated(?:, (\d+) found)?/m.exec(said);
  if (counted === null) throw new Error(`Schemathesis did not run:\n${said.slice(-4_000)}`);
  const failures = Number(counted[2] ?? 0) + (/\berrors?\b in /.test(said.slice(-400)) ? 1 : 0);
  // What was found is for whoever mends it.
  if (failures > 0) writePrivateFile(join(dataDir, 'proofs', `api-schema-${seed}${paths[0]!}.txt`), said);
  return { requests: Number(counted[1]), failures };
}

async function runCase({ config, random }: CaseContext): Promise<CaseFigures> {
  const seed = random.integer(2 ** 31);
  const [all, ends] = await overService(config, async ({ address, folder, token }) => {
    const asked = { address, folder, seed };
    const all = await schemathesis(config, {
      ...asked,
      token: await token(),
      paths: ['--exclude-path', ENDS_TOKENS],
    });
    const ends = await schemathesis(config, { ...asked, token: await token(), paths: ['--include-path', ENDS_TOKENS] });
    return [all, ends];
  });
  return { seed, requests: all.requests + ends.requests, failures: all.failures + ends.failures };
}

/** Every route is asked what its description allows, and what it does not. */
export const API_SCHEMA_PROOF: Proof = {
  name: 'api-schema',
  shows: 'Schemathesis over the whole OpenAPI document finds nothing that is not as described',
  count: 7,
  run: runCase,
  conclude: (cases) => {
    const sum = (name: string): number => cases.reduce((all, one) => all + Number(one[name]), 0);
    const figures = { runs: cases.length, requests: sum('requests'), failures: sum('failures') };
    return { holds: figures.failures === 0, figures };
  },
};
