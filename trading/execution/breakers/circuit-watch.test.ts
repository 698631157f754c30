import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { CircuitWatch, isKeptOff } from './circuit-watch.ts';

afterEach(() => {
  vi.useRealTimers();
});

it.each([-3_600_000, 3_600_000])(
  'one may try after as long as ever, though our clock was put by %i ms',
  async (putMs) => {
    const watch = new CircuitWatch('requests', { failuresMax: 1, openMs: 500 });
    const fails = (): Promise<void> => watch.through(() => Promise.reject(new Error('away')));
    await expect(fails()).rejects.toThrow('away');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + putMs });
    expect(isKeptOff(await fails().catch((error: unknown) => error))).toBe(true);
    await sleep(510);
    await watch.through(() => Promise.resolve());
    expect(watch.state).toBe('closed');
  },
);
