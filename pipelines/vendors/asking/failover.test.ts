import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../../features/timeframe.ts';
import { createBarColumns } from '../../../features/bar.ts';
import { createRandom } from '../../../infra/random.ts';
import type { ManagedVendor } from './ask-vendors.ts';
import { DataManager } from './data-manager.ts';
import { stockOf } from '../symbols.ts';
import { VendorError } from '../vendor-error.ts';
import { createVendorGate } from './vendor-gate.ts';
import type { Quote, Vendor, VendorName } from '../vendor.ts';

const START_MS = Date.UTC(2024, 0, 2, 15);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: START_MS });
});
afterEach(() => vi.useRealTimers());

/** Waits pass at once and move the clock. */
async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  vi.setSystemTime(Date.now() + milliseconds);
}

interface Subject {
  readonly managed: ManagedVendor;
  /** When requests arrived, in seconds from the start. */
  readonly asked: number[];
  /** Whether the vendor is out at that second. */
  down: (second: number) => boolean;
  retryAfterMs?: number;
}

/** A vendor behind a real gate with its usual settings. */
function behindGate(name: VendorName, down: Subject['down'] = () => false): Subject {
  const gate = createVendorGate({ vendor: name, requestsPerMinute: 100_000, random: createRandom(name), sleep });
  const asked: number[] = [];
  const request = async <T>(answer: T): Promise<T> => {
    const second = (Date.now() - START_MS) / 1000;
    asked.push(second);
    if (!subject.down(second)) return answer;
    const { retryAfterMs } = subject;
    const kind = retryAfterMs === undefined ? 'unavailable' : 'rate-limited';
    throw new VendorError({ kind, vendor: name, endpoint: 'fake', detail: 'out', retryAfterMs });
  };
  const vendor: Vendor = {
    name,
    earliestMs: () => 0,
    instrumentOf: stockOf,
    originOf: () => 'fake',
    async *history({ symbol }, options) {
      yield await gate.call('bars', () => request(createBarColumns(symbol, 0)), options);
    },
    latestQuote: (symbol, options): Promise<Quote> =>
      gate.call(
        'quote',
        () => request({ symbol, bid: 1, ask: 2, bidSize: 1, askSize: 1, timeMs: Date.now() }),
        options,
      ),
  };
  const subject: Subject = { managed: { vendor, gate }, asked, down };
  return subject;
}

function managerOf(...subjects: readonly Subject[]): DataManager {
  const vendors = subjects.map(({ managed }) => managed);
  return new DataManager({ vendors, clock: () => Date.now(), sleep, random: createRandom('rounds') });
}

const quoteBy = async (manager: DataManager): Promise<VendorName> =>
  (await manager.latestQuote('AAPL', { first: 'alpaca' })).vendor;

const history = { symbol: 'AAPL', timeframe: '1d', calendar: 'us-equities', toMs: START_MS } as const;
async function readHistory(manager: DataManager): Promise<void> {
  const request = { ...history, fromMs: START_MS - 30 * DAY_MS };
  const pieces = manager.history(request, { first: 'alpaca' });
  while (!(await pieces.next()).done);
}

const seconds = (): number => (Date.now() - START_MS) / 1000;

describe('a vendor that was out for a while', () => {
  it('comes back by itself: another is asked only until the next trial succeeds', async () => {
    const alpaca = behindGate('alpaca', (second) => second < 3 * 60);
    const manager = managerOf(alpaca, behindGate('polygon'));
    const by: VendorName[] = [];
    for (let minute = 0; minute < 12; minute++) {
      vi.setSystemTime(START_MS + minute * MINUTE_MS);
      // Several an hour, so that failures in a row open the breaker while it is out.
      for (let again = 0; again < 4; again++) by.push(await quoteBy(manager));
    }
    expect(new Set(by.slice(0, 12))).toEqual(new Set(['polygon']));
    expect(new Set(by.slice(12))).toEqual(new Set(['alpaca']));
  });

  it('is left alone while it is held back, and tried once when that is over', async () => {
    const alpaca = behindGate('alpaca', () => true);
    const manager = managerOf(alpaca, behindGate('polygon'));
    while (!alpaca.managed.gate.broken) await quoteBy(manager);
    const opened = alpaca.asked.length;
    expect(opened).toBe(5);
    for (let i = 0; i < 10; i++) await quoteBy(manager);
    expect(alpaca.asked).toHaveLength(opened);
    vi.setSystemTime(Date.now() + 30_000);
    expect(alpaca.managed.gate.broken).toBe(false);
    for (let i = 0; i < 10; i++) await quoteBy(manager);
    expect(alpaca.asked).toHaveLength(opened + 1);
    expect(alpaca.managed.gate.broken).toBe(true);
  });

  it('rests as long as it asks to while another can serve', async () => {
    const alpaca = behindGate('alpaca', (second) => second < 45);
    alpaca.retryAfterMs = 45_000;
    const manager = managerOf(alpaca, behindGate('polygon'));
    expect(await quoteBy(manager)).toBe('polygon');
    expect(seconds()).toBe(0);
    expect(await quoteBy(manager)).toBe('polygon');
    expect(alpaca.asked).toEqual([0]);
    vi.setSystemTime(START_MS + 45_000);
    expect(await quoteBy(manager)).toBe('alpaca');
  });
});

describe('patience', () => {
  it('is short where another can serve: two tries for a quote, three for bars', async () => {
    const alpaca = behindGate('alpaca', () => true);
    const polygon = behindGate('polygon');
    await quoteBy(managerOf(alpaca, polygon));
    expect(alpaca.asked).toHaveLength(2);
    expect(polygon.asked[0]).toBeLessThanOrEqual(1);
    const [other, next] = [behindGate('alpaca', () => true), behindGate('polygon')];
    const fromSeconds = seconds();
    await readHistory(managerOf(other, next));
    expect(other.asked).toHaveLength(3);
    expect(next.asked[0]! - fromSeconds).toBeLessThanOrEqual(3);
  });

  it('lasts for two minutes where there is no other, over the pauses of the breaker, without asking in them', async () => {
    const alpaca = behindGate('alpaca', (second) => second < 75);
    expect(await quoteBy(managerOf(alpaca))).toBe('alpaca');
    expect(seconds()).toBeGreaterThanOrEqual(75);
    const gone = behindGate('alpaca', () => true);
    const fromSeconds = seconds();
    await expect(readHistory(managerOf(gone))).rejects.toMatchObject({ kind: 'unavailable', message: /fake.*: out/ });
    expect(gone.asked).toHaveLength(8);
    expect(seconds() - fromSeconds).toBeGreaterThan(100);
    expect(seconds() - fromSeconds).toBeLessThan(200);
    // The fifth failure opens it for half a minute; so does each trial that fails.
    const gaps = gone.asked.map((second, i) => second - (gone.asked[i - 1] ?? second));
    gaps.slice(5).forEach((gap) => expect(gap).toBeGreaterThanOrEqual(30));
  });

  it('lasts where all are out: whoever comes back first answers', async () => {
    const alpaca = behindGate('alpaca', () => true);
    const polygon = behindGate('polygon', (second) => second < 50);
    expect(await quoteBy(managerOf(alpaca, polygon))).toBe('polygon');
    expect(seconds()).toBeGreaterThanOrEqual(50);
    expect(seconds()).toBeLessThan(120);
    const fromSeconds = seconds();
    polygon.down = () => true;
    const both = managerOf(
      behindGate('alpaca', () => true),
      polygon,
    );
    await expect(readHistory(both)).rejects.toMatchObject({ message: /polygon, asked instead/ });
    expect(seconds() - fromSeconds).toBeGreaterThan(100);
    expect(seconds() - fromSeconds).toBeLessThan(300);
  });
});
