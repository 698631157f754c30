import { expect, it } from 'vitest';
import { loadConfig } from '../../../infra/config.ts';
import { mistakesOf } from './sent-experiment.ts';

const mistakes = (yaml: string) => mistakesOf(yaml, loadConfig({}));
const GOOD = 'name: mine\nuniverse: [SPX]\nstrategies:\n  - { name: trend, kind: sma-cross }\n';

it('finds nothing wrong with an experiment, and names line and key of every mistake', async () => {
  expect(await mistakes(GOOD)).toEqual([]);
  expect(await mistakes(`${GOOD}capitl: 3\nsizing: { fraction: no }\n`)).toMatchObject([
    { line: 6, key: 'sizing.fraction', message: expect.stringContaining('must be a number') as string },
    { line: 5, key: 'capitl', message: expect.stringContaining('did you mean capital?') as string },
  ]);
  expect(await mistakes('name: mine\nuniverse: [SPX\n')).toMatchObject([{ line: 3, key: '' }]);
  expect(await mistakes(GOOD.replace('SPX]', 'SPX]\nrebalance: daily').replace(/strategies[^]*/, ''))).toMatchObject([
    { key: 'rebalance' },
  ]);
  expect(await mistakes(GOOD.replace('SPX', 'NONE'))).toMatchObject([
    { message: expect.stringMatching(/NONE/) as string },
  ]);
});

it.each([
  ['strategies[0].file', 'strategies: [{ name: mine, file: ./mine.ts }]'],
  ['features[1]', 'features: [rsi(14), "lag(./mine.ts(3),2)"]'],
  ['features', 'features: ./mine.ts'],
  ['estimators[0].kind', 'estimators: [{ name: mine, kind: ./mine.ts }]'],
  ['estimators[0].file', 'estimators: [{ name: mine, kind: file, file: ./mine.ts }]'],
  ['sizing', 'sizing: ./mine.ts'],
  ['sizing.file', 'sizing: { kind: file, file: ./mine.ts }'],
  ['costs', 'costs: ./mine.ts'],
  ['costs.file', 'costs: { file: ./mine.ts }'],
  ['data.source', 'data: { source: csv }'],
  ['data.path', 'data: { path: /etc/passwd }'],
  ['data.actions', 'data: { actions: /etc/passwd }'],
  ['data.changes', 'data: { changes: /etc/passwd }'],
  ['features[1].expand', "features: [rsi(14), { expand: './mine.ts({period})', periods: [3] }]"],
])('refuses a file at %s before it looks at it', async (key, text) => {
  expect(await mistakes(`name: mine\nuniverse: [SPX]\n${text}\n`)).toMatchObject([
    { line: 3, key, message: expect.stringContaining('names a file') as string },
  ]);
});
