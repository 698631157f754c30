import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { loadConfig } from '../../../infra/config.ts';
import { ensurePython } from '../../../infra/python/python-environment.ts';

/** What the models of volatility are held against. */
const ECONOMETRICS = {
  name: 'econometrics',
  packages: ['arch==8.0.0', 'hmmlearn==0.3.3'],
  purpose: 'arch and hmmlearn (400 MB, once)',
  remedy: 'Install Python 3.10 or newer with its venv module.',
};

const SCRIPT = join(import.meta.dirname, 'econometrics.py');

/** Asks a question of `econometrics.py`: its `kind` and what that takes. */
export type AskEconometrics = <Answer>(asked: object) => Answer;

/** Makes the environment where it is not there. */
export async function openEconometrics(): Promise<AskEconometrics> {
  const { dataDir, programPath } = loadConfig();
  const python = await ensurePython({ ...ECONOMETRICS, dataDir, programPath, onStage: () => undefined });
  return <Answer>(asked: object) => {
    const output = execFileSync(python, [SCRIPT], { input: JSON.stringify(asked), maxBuffer: 2 ** 26 });
    return JSON.parse(output.toString('utf8')) as Answer;
  };
}
