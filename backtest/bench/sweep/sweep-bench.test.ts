import { expect, it } from 'vitest';
import { benchSweep } from './sweep-bench.ts';

it('bench sweep runs every pair as the plain session does, on any number of threads', async () => {
  let ms = 0;
  const now = (): number => (ms += 1);
  const lines = await benchSweep({ now, bars: 4_000, pairs: 60, runs: 1, threads: [1, 2] });
  expect(lines.map(({ name }) => name)).toEqual(['sweep, 1 thread', 'sweep, 2 threads']);
  expect(lines[0]!.checks).toEqual(lines[1]!.checks);
  expect(lines[0]!.checks).toMatchObject({ pairs: 60 });
  expect(lines[0]!.checks['trades']).toBeGreaterThan(60);
});
