import { describe, expect, it } from 'vitest';
import { RequestLimiter, type Lane } from './request-limiter.ts';

/** A limiter over a clock that moves only while somebody waits for it. */
function limiter(perMinute: number) {
  let nowMs = 0;
  const left: (readonly [lane: Lane, atMs: number])[] = [];
  const sleeping: { readonly atMs: number; readonly wake: () => void }[] = [];
  const one = new RequestLimiter({
    perMinute,
    clock: () => nowMs,
    sleep: (ms) => new Promise((wake) => sleeping.push({ atMs: nowMs + ms, wake })),
  });
  const never = new AbortController().signal;
  const ask = (lane: Lane, signal = never): Promise<void> =>
    one.turn(lane, signal).then(() => void left.push([lane, nowMs]));
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const pass = async (ms: number): Promise<void> => {
    const untilMs = nowMs + ms;
    for (;;) {
      await turn();
      const next = sleeping.sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      nowMs = next.atMs;
      sleeping.shift()!.wake();
    }
    nowMs = untilMs;
    await turn();
  };
  return { one, ask, pass, left, now: () => nowMs };
}

describe('the budget of a venue', () => {
  it('lets a cancel out at once where orders and questions have used up theirs', async () => {
    const { ask, pass, left } = limiter(200);
    for (let order = 0; order < 300; order++) void ask('order');
    for (let query = 0; query < 300; query++) void ask('query');
    await pass(0);
    expect(left).toHaveLength(190);
    void ask('cancel');
    await pass(0);
    expect(left.at(-1)).toEqual(['cancel', 0]);
  });

  it('is never passed in any 60 s', async () => {
    const { ask, pass, left } = limiter(20);
    for (let order = 0; order < 100; order++) void ask(order % 3 === 0 ? 'query' : 'order');
    await pass(600_000);
    expect(left).toHaveLength(100);
    const times = left.map(([, atMs]) => atMs);
    for (const [index, atMs] of times.entries()) {
      expect(times.filter((other, at) => at >= index && other - atMs < 60_000).length).toBeLessThanOrEqual(20);
    }
  });

  it('is not touched for as long as the venue asks', async () => {
    const { one, ask, pass, left } = limiter(100);
    one.pause(5_000);
    void ask('cancel');
    await pass(4_900);
    expect(left).toEqual([]);
    await pass(300);
    expect(left).toHaveLength(1);
  });

  it('forgets a request that is given up before its turn', async () => {
    const { one, ask, pass, left } = limiter(4);
    const given = new AbortController();
    for (let order = 0; order < 3; order++) void ask('order');
    const waiting = ask('order', given.signal).catch((error: Error) => error.message);
    await pass(0);
    given.abort(new Error('given up'));
    expect(await waiting).toBe('given up');
    expect(one.waiting).toBe(0);
    await pass(120_000);
    expect(left).toHaveLength(3);
  });
});
