import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InputError } from '../../../infra/errors.ts';
import { createRandom } from '../../../infra/random.ts';
import { FULL_PATIENCE } from './patience.ts';
import { VendorError, type VendorErrorKind } from '../vendor-error.ts';
import { createVendorGate, type GateOptions } from './vendor-gate.ts';

const START_MS = Date.UTC(2024, 0, 1);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START_MS });
});
afterEach(() => vi.useRealTimers());

function failure(kind: VendorErrorKind, retryAfterMs?: number): VendorError {
  return new VendorError({ kind, vendor: 'alpaca', endpoint: 'bars', detail: '', retryAfterMs });
}

/** A gate whose waits pass at once and move the clock. */
function gateWith(options: Partial<GateOptions> = {}) {
  const waits: number[] = [];
  const sleep = async (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    waits.push(milliseconds);
    signal?.throwIfAborted();
    vi.setSystemTime(Date.now() + milliseconds);
  };
  const base = { vendor: 'alpaca', requestsPerMinute: 10_000, random: createRandom(1), sleep } as const;
  return { waits, gate: createVendorGate({ ...base, ...options }) };
}

/** Fails with each of `errors` in turn, then answers. */
function answering(errors: readonly unknown[], answer = 'bars') {
  let requests = 0;
  const work = async (): Promise<string> => {
    const error = errors[requests++];
    if (error !== undefined) throw error;
    return answer;
  };
  return { work, requests: () => requests };
}

const once = { patience: { ...FULL_PATIENCE, attempts: 1 } };

describe('a gate before a vendor', () => {
  it('waits 1, 2, 4 ... 60 s, each cut by at most a half, then gives up', async () => {
    const { gate, waits } = gateWith({ breaker: { failures: 1000, halfOpenAfterMs: 0 } });
    const { work, requests } = answering(Array.from({ length: 20 }, () => failure('unavailable')));
    await expect(gate.call('bars', work)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(requests()).toBe(8);
    const longest = [1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * 1000);
    expect(waits).toHaveLength(longest.length);
    waits.forEach((wait, i) => {
      expect(wait).toBeLessThanOrEqual(longest[i]!);
      expect(wait).toBeGreaterThanOrEqual(longest[i]! / 2);
    });
    expect(new Set(waits.map((wait, i) => wait / longest[i]!)).size).toBeGreaterThan(3);
  });

  it('draws its waits from the seed', async () => {
    const runs = [1, 1, 2].map(async (seed) => {
      const { gate, waits } = gateWith({ random: createRandom(seed) });
      await gate.call('bars', answering([failure('timed-out'), failure('malformed'), failure('unavailable')]).work);
      return waits;
    });
    const [a, again, b] = await Promise.all(runs);
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });

  it('waits as long as the vendor asks, and not at all for one that asks too much', async () => {
    const { gate, waits } = gateWith();
    expect(await gate.call('bars', answering([failure('rate-limited', 7000)]).work)).toBe('bars');
    expect(waits).toEqual([7000]);
    await expect(gate.call('bars', answering([failure('rate-limited', 301_000)]).work)).rejects.toMatchObject({
      kind: 'rate-limited',
    });
    expect(waits).toHaveLength(1);
  });

  it.each(['unauthorised', 'forbidden', 'not-found', 'invalid-request'] as const)(
    'does not ask again when %s',
    async (kind) => {
      const { gate, waits } = gateWith();
      const { work, requests } = answering([failure(kind)]);
      await expect(gate.call('bars', work)).rejects.toMatchObject({ kind, exitCode: 2 });
      expect([requests(), waits]).toEqual([1, []]);
    },
  );

  it('does not ask again after an error of ours', async () => {
    const { gate } = gateWith();
    const { work, requests } = answering([new InputError('no such symbol')]);
    await expect(gate.call('bars', work)).rejects.toThrow('no such symbol');
    expect(requests()).toBe(1);
  });

  it('holds requests back after failures in a row, until a trial request succeeds', async () => {
    const { gate } = gateWith();
    const fail = answering(Array.from({ length: 20 }, () => failure('unavailable')));
    for (let i = 0; i < 5; i++) {
      expect(gate.broken).toBe(false);
      await expect(gate.call('bars', fail.work, once)).rejects.toMatchObject({ kind: 'unavailable' });
    }
    expect(gate.broken).toBe(true);
    await expect(gate.call('bars', fail.work, once)).rejects.toMatchObject({
      message: /held back after 5 failures in a row/,
    });
    expect(fail.requests()).toBe(5);
    vi.setSystemTime(Date.now() + 30_001);
    await expect(gate.call('bars', fail.work, once)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(fail.requests()).toBe(6);
    vi.setSystemTime(Date.now() + 30_001);
    expect(await gate.call('bars', answering([]).work)).toBe('bars');
    expect(gate.broken).toBe(false);
  });

  it('ends the attempts at once when failures in a row hold requests back', async () => {
    const { gate, waits } = gateWith();
    const fail = answering(Array.from({ length: 20 }, () => failure('unavailable')));
    await expect(gate.call('bars', fail.work)).rejects.toMatchObject({ detail: '' });
    expect([fail.requests(), waits.length]).toEqual([5, 4]);
    await expect(gate.call('bars', fail.work)).rejects.toMatchObject({ message: /held back/ });
    expect([fail.requests(), waits.length]).toEqual([5, 4]);
  });

  it('says for how long, and that a trial is due or on its way', async () => {
    const { gate } = gateWith();
    const fail = answering(Array.from({ length: 20 }, () => failure('unavailable')));
    await expect(gate.call('bars', fail.work)).rejects.toThrow();
    vi.setSystemTime(Date.now() + 20_000);
    expect([gate.broken, gate.heldMs]).toEqual([true, 10_000]);
    vi.setSystemTime(Date.now() + 10_000);
    expect([gate.broken, gate.heldMs]).toEqual([false, 0]);
    let answer = (_text: string): void => undefined;
    const trial = gate.call('bars', () => new Promise<string>((resolve) => (answer = resolve)));
    await vi.waitFor(() => expect(gate.broken).toBe(true));
    answer('bars');
    expect(await trial).toBe('bars');
    expect(gate.broken).toBe(false);
  });

  it('does not take a limit for an outage', async () => {
    const { gate } = gateWith();
    for (let i = 0; i < 10; i++) {
      await expect(gate.call('bars', answering([failure('rate-limited')]).work, once)).rejects.toThrow();
    }
    expect(gate.broken).toBe(false);
  });

  it('sends no more than its limit a minute', async () => {
    const { gate, waits } = gateWith({ requestsPerMinute: 3 });
    const sentMs: number[] = [];
    const work = async (): Promise<void> => void sentMs.push(Date.now() - START_MS);
    for (let i = 0; i < 8; i++) await gate.call('bars', work);
    expect(waits.length).toBeGreaterThan(0);
    for (const [i, timeMs] of sentMs.entries())
      if (i >= 3) expect(timeMs - sentMs[i - 3]!).toBeGreaterThanOrEqual(60_000);
    expect(sentMs.at(-1)).toBeLessThan(125_000);
  });

  it('stops waiting when the caller says so', async () => {
    const controller = new AbortController();
    const reason = new Error('stopped');
    const { gate } = gateWith({ onRetry: () => controller.abort(reason) });
    const { work, requests } = answering([failure('unavailable'), failure('unavailable')]);
    await expect(gate.call('bars', work, { signal: controller.signal })).rejects.toBe(reason);
    expect(requests()).toBe(1);
  });
});
