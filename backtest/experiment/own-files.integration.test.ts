import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';

// One experiment with a user's feature, estimator, costs and sizer, through everything that an experiment goes through.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-own-'));
const root = join(import.meta.dirname, '../..');
const place = (name: string): string => join(folder, name);
let database: TestDatabase;

const EXAMPLES = {
  'feature.ts': 'pipelines/own-features/example/reach-of-range.ts',
  'estimator.ts': 'models/estimators/own/example/nearest-means.ts',
  'costs.ts': 'trading/brokers/simulated/example/tiered-broker.ts',
  'sizer.ts': 'trading/risk/example/steady-risk.ts',
};

const EXPERIMENT = `name: own
universe: simulated-2
data: { source: simulated, simulated: { bars: 500, seed: 5 } }
features: ['return(1)', '${place('feature.ts')}(20)', 'zscore(close,20)']
splits: { trainBars: 250, testBars: 100 }
estimators:
  - { name: mine, kind: ${place('estimator.ts')}, parameters: { softness: 0.5 } }
ensemble: { innerFolds: 2 }
signals: { buyAbove: 0.5, sellBelow: 0.5 }
sizing: ${place('sizer.ts')}
costs: { file: ${place('costs.ts')}, parameters: { least: 2 } }
`;

beforeAll(async () => {
  database = await createTestDatabase();
  for (const [name, example] of Object.entries(EXAMPLES)) copyFileSync(join(root, example), place(name));
  writeFileSync(place('own.yaml'), EXPERIMENT);
});

afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function signalbox(...args: string[]): Promise<Ended> {
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: place('home'), REDIS_URL: '' };
  return startSignalbox(args, process.env, env).ended;
}

interface Traded {
  readonly trades: number;
  readonly fees: number;
  readonly journalHash: string;
  readonly costModel: { readonly file: string };
}

describe('an experiment of files of one’s own', () => {
  let traded: Traded;

  it('is trained, traded in a backtest and on paper alike, and its model is one of the registry', async () => {
    const backtest = await signalbox('backtest', place('own.yaml'), '--json');
    expect({ code: backtest.code, told: backtest.stderr }).toMatchObject({ code: 0 });
    traded = JSON.parse(backtest.stdout) as Traded;
    expect(traded.trades).toBeGreaterThan(5);
    expect(traded.fees).toBeGreaterThanOrEqual(2 * traded.trades);
    expect(traded.costModel.file).toBe(place('costs.ts'));
    const paper = await signalbox('paper', place('own.yaml'), '--json');
    expect({ code: paper.code, told: paper.stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(paper.stdout)).toMatchObject({ trades: traded.trades, journalHash: traded.journalHash });
    const models = await signalbox('models', 'list', '--json');
    expect(models.stdout).toContain('own');
  });

  it('is another set of features once the text of a file is another', async () => {
    const text = readFileSync(place('feature.ts'), 'utf8');
    writeFileSync(place('feature.ts'), `${text}\n// Another text.\n`);
    const computed = await signalbox('materialize', place('own.yaml'));
    expect(computed.stderr).toContain('1000 rows of 3 features written, 0 already there');
    writeFileSync(place('feature.ts'), text);
  });

  it('is refused with file, line and key for a mistake in one of its files', async () => {
    writeFileSync(place('bad.ts'), "export default { parameters: {}, size: () => 'much' };\n");
    writeFileSync(place('bad.yaml'), EXPERIMENT.replace(place('sizer.ts'), place('bad.ts')));
    const refused = await signalbox('backtest', place('bad.yaml'));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      `${place('bad.yaml')}:10: sizing.file: ${place('bad.ts')}:1:1: the default export`,
    );
    expect(refused.stderr).toContain("import type { OwnSizer } from 'signalbox'");
  });
});
