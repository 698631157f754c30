import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { barsCsv } from '../../pipelines/bars/bars-csv.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { startSignalbox } from '../testing/run-process.ts';

// Code of a user's that never answers, in every command that runs it: each ends in words, and none hangs.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-silence-'));
const place = (name: string): string => join(folder, name);
const LOOP = '// It never ends.\nwhile (true) continue;\n';
let database: TestDatabase;

const FILES = {
  'feature.ts': `export default { name: 'own', parameters: {}, warmUpBars: () => 1, value: (): number => { ${LOOP} } };\n`,
  'sizer.ts': `export default { parameters: {}, size: (): { units: number } => { ${LOOP} } };\n`,
  'costs.ts': `export default { parameters: {}, charge: (): number => { ${LOOP} } };\n`,
  'strategy.ts': `export default { parameters: {}, create: () => ({ decide: (): 'HOLD' => { ${LOOP} } }) };\n`,
};

const experiment = (name: string, ...lines: readonly string[]): string =>
  [`name: ${name}`, 'universe: [MADE]', `data: { source: csv, path: ${place('bars.csv')} }`, ...lines, ''].join('\n');
const CROSS = 'strategies: [{ name: cross, kind: sma-cross, parameters: { fast: 2, slow: 5 } }]';

beforeAll(async () => {
  database = await createTestDatabase();
  for (const [name, text] of Object.entries(FILES)) writeFileSync(place(name), text);
  const bars = plantedBars({ symbol: 'MADE', bars: 900, seed: 4, correlation: 0.2 });
  writeFileSync(place('bars.csv'), [...barsCsv([bars])].join(''));
  writeFileSync(place('feature.yaml'), experiment('feature', `features: ['return(1)', '${place('feature.ts')}']`));
  writeFileSync(place('sizer.yaml'), experiment('sizer', CROSS, `sizing: ${place('sizer.ts')}`));
  writeFileSync(place('costs.yaml'), experiment('costs', CROSS, `costs: ${place('costs.ts')}`));
  writeFileSync(place('own.yaml'), experiment('own', `strategies: [{ name: own, file: ${place('strategy.ts')} }]`));
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('code that never answers', () => {
  it.each<[string, string, RegExp]>([
    ['features', 'feature', /feature\.ts: value at the bar that closed at \d{4}-\S+ did not answer within 10 s/],
    ['materialize', 'feature', /feature\.ts: value at the bar that closed at \d{4}-\S+ did not answer within 10 s/],
    ['backtest', 'feature', /feature\.ts: value at the bar that closed at \d{4}-\S+ did not answer within 10 s/],
    ['paper', 'sizer', /sizer\.ts: size did not answer within 10 s/],
    ['backtest', 'sizer', /sizer\.ts: size did not answer within 10 s/],
    ['paper', 'costs', /costs\.ts: charge did not answer within 10 s/],
    ['backtest', 'costs', /costs\.ts: charge did not answer within 10 s/],
    ['paper', 'own', /The strategy strategy did not answer within 10 s/],
  ])('ends %s in words that name the %s', async (command, file, words) => {
    const bars = ['--bars', place('bars.csv'), '--features', place('feature.ts'), '--out', place('out.csv')];
    const args = command === 'features' ? bars : [place(`${file}.yaml`)];
    const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: place(`home-${command}-${file}`), REDIS_URL: '' };
    const { code, stderr } = await startSignalbox([command, ...args], process.env, env).ended;
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/Look for a loop without an end/);
    expect(code).toBe(1);
  });
});
