import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LayeredCache } from './layered-cache.ts';
import { MemoryLayer } from './memory-layer.ts';

const bytes = (length: number): Uint8Array => new Uint8Array(length);

it('forgets the least recently used and never outgrows its bytes', () => {
  const layer = new MemoryLayer(100);
  for (const key of ['a', 'b', 'c']) layer.set(key, bytes(30));
  expect(layer.get('a')).toHaveLength(30);
  layer.set('d', bytes(40));
  expect(['a', 'b', 'c', 'd'].filter((key) => layer.get(key) !== undefined)).toEqual(['a', 'c', 'd']);
  layer.set('huge', bytes(101));
  expect(layer.get('huge')).toBeUndefined();
  expect(layer.bytes).toBe(100);
});

it('counts its bytes whatever is put in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 0, max: 60 }))),
      (sets) => {
        const layer = new MemoryLayer(100);
        for (const [key, length] of sets) layer.set(key, bytes(length));
        const held = ['a', 'b', 'c', 'd', 'e'].reduce((sum, key) => sum + (layer.get(key)?.length ?? 0), 0);
        expect(layer.bytes).toBe(held);
        expect(held).toBeLessThanOrEqual(100);
        const [last] = sets.at(-1) ?? [];
        if (last !== undefined) expect(layer.get(last)).toBeDefined();
      },
    ),
  );
});

it('asks the source once for readers of one key at one time, and again after a failure', async () => {
  const cache = new LayeredCache({ memory: new MemoryLayer(100) });
  let loads = 0;
  const load = async (): Promise<Uint8Array> => {
    loads++;
    if (loads === 1) throw new Error('away');
    return bytes(3);
  };
  await expect(Promise.all([cache.get('k', load), cache.get('k', load)])).rejects.toThrow('away');
  await Promise.all([cache.get('k', load), cache.get('k', load), cache.get('k', load)]);
  await cache.get('k', load);
  expect(loads).toBe(2);
  expect(cache.counts).toEqual({ memory: 1, redis: 0, loaded: 1 });
});
