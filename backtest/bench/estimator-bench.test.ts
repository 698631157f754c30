import { expect, it } from 'vitest';
import { benchBoosting, benchExplain, benchForest } from './estimator-bench.ts';
import { benchNeural } from './neural-bench.ts';

const options = { now: () => performance.now(), runs: 1, rows: 2000 };

it('measures what it says, on a small table', async () => {
  const lines = [
    ...(await benchForest(options)),
    ...(await benchBoosting(options)),
    ...(await benchExplain(options)),
    ...(await benchNeural({ ...options, backend: 'wasm' })),
  ];
  expect(lines.map((line) => line.name)).toEqual([
    'forest',
    'forest',
    'boosting',
    'boosting',
    'explain',
    'explain',
    ...Array(4).fill('neural'),
  ]);
  for (const line of lines) {
    expect(line.seconds).toBeGreaterThan(0);
    if ('aucHeldOut' in line.checks) expect(line.checks.aucHeldOut).toBeGreaterThan(0.6);
  }
});
