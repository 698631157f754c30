import { describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { runGuarded, ThreadLimitError } from './guarded-thread.ts';

const module = new URL('../testing/guarded-work.ts', import.meta.url);
const limits = { computeMs: 500, memoryBytes: 150e6 };

interface Item {
  readonly values: Float64Array;
}

async function outcomeOf(request: string, onItem: (item: Item) => void = () => undefined): Promise<unknown> {
  return runGuarded<Item>({ module, request, limits, onItem }).catch((error: unknown) => error);
}

describe('work in a guarded thread', () => {
  it('hands its items over in order, without copies, and is used again', async () => {
    for (let run = 0; run < 3; run++) {
      const seen: number[] = [];
      expect(await outcomeOf('items', ({ values }) => seen.push(values[0]!, values.length))).toBe(undefined);
      expect(seen).toEqual([0, 1000, 1, 1000, 2, 1000, 3, 1000, 4, 1000]);
    }
  });

  it.each([
    ['loop', 'time'],
    ['fill', 'memory'],
    ['heap', 'memory'],
    ['grow', 'memory'],
  ] as const)('is ended when it takes too much: %s', async (request, limit) => {
    const error = await outcomeOf(request);
    expect(error).toBeInstanceOf(ThreadLimitError);
    expect((error as ThreadLimitError).limit).toBe(limit);
    expect(await outcomeOf('items')).toBe(undefined);
  });

  it('passes on what went wrong', async () => {
    const refused = (await outcomeOf('refuse')) as InputError;
    expect(refused).toBeInstanceOf(InputError);
    expect([refused.message, refused.remedy]).toEqual(['it is not a file', 'give one']);
    expect(await outcomeOf('fail')).toEqual(new Error('x is not a function'));
    expect(String(await outcomeOf('leave'))).toMatch(/the thread ended with 3/);
    expect(String(await outcomeOf('reject'))).toMatch(/nobody waits/);
    const own = new Error('cannot take this');
    const thrown = await outcomeOf('items', () => {
      throw own;
    });
    expect(thrown).toBe(own);
    expect(await outcomeOf('items')).toBe(undefined);
  });
});
