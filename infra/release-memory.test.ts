import { expect, it } from 'vitest';
import { releaseMemory } from './release-memory.ts';

it('takes the memory of buffers away, of each once, and leaves what threads share', () => {
  const values = new Float64Array(1024);
  const views = [values.subarray(0, 8), values.subarray(8)];
  const shared = new Float64Array(new SharedArrayBuffer(64));
  releaseMemory([...views, shared].map((view) => view.buffer));
  expect(values.buffer.byteLength).toBe(0);
  expect(views.map(({ length }) => length)).toEqual([0, 0]);
  expect(shared).toHaveLength(8);
});
