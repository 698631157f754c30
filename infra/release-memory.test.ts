import { expect, it } from 'vitest';
import { collectGarbage, releaseMemory } from './release-memory.ts';

it('takes the memory of buffers away, of each once, and leaves what threads share', () => {
  const values = new Float64Array(1024);
  const views = [values.subarray(0, 8), values.subarray(8)];
  const shared = new Float64Array(new SharedArrayBuffer(64));
  releaseMemory([...views, shared].map((view) => view.buffer));
  expect(values.buffer.byteLength).toBe(0);
  expect(views.map(({ length }) => length)).toEqual([0, 0]);
  expect(shared).toHaveLength(8);
});

it('collects what nobody holds any more, at once', async () => {
  const make = (): number => new Float64Array(16 * 2 ** 20).fill(1).length;
  const before = process.memoryUsage().arrayBuffers;
  expect(make()).toBe(16 * 2 ** 20);
  // What a job has touched is kept to its end.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(process.memoryUsage().arrayBuffers).toBeLessThan(before + 16 * 2 ** 20);
});
