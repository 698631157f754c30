import { afterEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { parseDay, type Day } from '../calendars/day.ts';
import { createDeadlineCall } from './asking/deadline-call.ts';
import { BROKEN_ANSWERS, type FakeFault } from './testing/fake-fault.ts';
import type { FakeAction } from './testing/fake-market.ts';
import { createVendorAt } from './testing/fake-subjects.ts';
import { startFakeVendorServer, type FakeVendorServer } from './testing/fake-vendor-server.ts';
import type { VendorActions } from './vendor-actions.ts';
import { VendorError } from './vendor-error.ts';
import type { Vendor } from './vendor.ts';

const dayOf = (iso: string): Day => parseDay(iso)!;

/** Forty quarters of dividends, each announced three weeks before, and three splits. */
const DIVIDENDS: FakeAction[] = Array.from({ length: 40 }, (_, i) => {
  const timeMs = Date.UTC(2014, 1 + 3 * i, 7);
  const announced = new Date(timeMs - 21 * DAY_MS).toISOString().slice(0, 10);
  return { kind: 'dividend', timeMs, rates: [0.2 + i / 100, 1], announced };
});
const SPLITS: FakeAction[] = [
  ['2014-06-09', [7, 1]],
  ['2018-01-02', [1, 4]],
  ['2020-08-31', [4, 1]],
].map(([iso, rates]) => {
  return { kind: 'split', timeMs: dayOf(iso as string) * DAY_MS, rates: rates as [number, number] };
});
const ALL = [...DIVIDENDS, ...SPLITS].sort((a, b) => a.timeMs - b.timeMs);
const REQUEST = { symbol: 'AAPL', fromDay: dayOf('2014-03-01'), toDay: dayOf('2023-06-30') };

/** What a client should make of the server's actions. */
function truth(announces: boolean): unknown[] {
  return ALL.filter(({ timeMs }) => timeMs >= REQUEST.fromDay * DAY_MS && timeMs <= REQUEST.toDay * DAY_MS).map(
    ({ kind, timeMs, rates, announced }) => ({
      id: expect.any(String) as unknown,
      kind,
      exDay: timeMs / DAY_MS,
      value: rates[0] / rates[1],
      announcedDay: announces && announced !== undefined ? dayOf(announced) : null,
    }),
  );
}

let server: FakeVendorServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

interface StartOptions {
  readonly fault?: (index: number) => FakeFault | undefined;
  readonly actions?: readonly FakeAction[];
  readonly timeoutMs?: number;
  readonly key?: string;
}

async function start(name: 'alpaca' | 'polygon', options: StartOptions = {}): Promise<Vendor> {
  const { fault, actions = ALL, timeoutMs = 20_000, key } = options;
  server = await startFakeVendorServer({
    market: {
      bars: () => undefined,
      quote: () => undefined,
      actions: (symbol) => (symbol === 'AAPL' ? actions : []),
    },
    pageBars: 9,
    ...(fault === undefined ? {} : { fault }),
  });
  const call = createDeadlineCall(name, timeoutMs);
  const clock = (): number => Date.UTC(2023, 5, 30);
  return createVendorAt(name, { url: server.url, clock, call, ...(key === undefined ? {} : { key }) });
}

async function refusal(work: Promise<VendorActions>): Promise<VendorError> {
  const error = await work.then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(VendorError);
  return error as VendorError;
}

describe.each([
  ['alpaca', false],
  ['polygon', true],
] as const)('splits and dividends of %s', (name, announces) => {
  it('come whole over many pages, by ex-date, with the announcement where it is said', async () => {
    const vendor = await start(name);
    const { actions, passedOver } = await vendor.actions!(REQUEST);
    expect(actions.map(({ exDay }) => exDay)).toEqual(actions.map(({ exDay }) => exDay).sort((a, b) => a - b));
    const order = (a: unknown, b: unknown): number => {
      const [x, y] = [a, b] as { exDay: Day; kind: string }[];
      return x!.exDay - y!.exDay || (x!.kind < y!.kind ? -1 : 1);
    };
    expect([...actions].sort(order)).toEqual(truth(announces).sort(order));
    expect(passedOver).toEqual([]);
    expect(server!.seen.length).toBeGreaterThan(3);
  });

  it('come in any order of pages', async () => {
    const vendor = await start(name, { fault: (index) => (index === 0 ? { kind: 'swapped-pages' } : undefined) });
    expect((await vendor.actions!(REQUEST)).actions).toHaveLength(truth(announces).length);
  });

  it('are none where two answers say so, and are asked for again where one is empty', async () => {
    const once = await start(name, { fault: (index) => (index === 1 ? { kind: 'empty' } : undefined) });
    expect((await once.actions!(REQUEST)).actions).toHaveLength(truth(announces).length);
    await server!.close();
    const none = await start(name, { actions: [] });
    expect(await none.actions!(REQUEST)).toEqual({ actions: [], passedOver: [] });
    expect(server!.seen).toHaveLength(announces ? 4 : 2);
  });

  it('leave out a dividend in another currency, and say so', async () => {
    const foreign: FakeAction = { kind: 'dividend', timeMs: Date.UTC(2020, 1, 3), rates: [3, 1], currency: 'CAD' };
    const vendor = await start(name, { actions: [foreign, { ...SPLITS[2]! }] });
    const { actions, passedOver } = await vendor.actions!(REQUEST);
    expect(actions).toHaveLength(1);
    expect(passedOver).toEqual(['the dividend of 2020-02-03 is in CAD']);
  });

  it.each(['repeated-page', 'circle', 'overlapping', 'other-range', 'other-symbol', 'wrong-shape'] as const)(
    'nothing is taken of an answer with the fault %s',
    async (kind) => {
      // Polygon's splits come before its dividends, on one page. A shift by a year shows at the start of the range
      // only.
      const from = { 'repeated-page': 1, overlapping: 1, 'other-range': -1 }[kind as string] ?? 0;
      const vendor = await start(name, { fault: (index) => (index > from ? { kind } : undefined) });
      const error = await refusal(vendor.actions!(REQUEST));
      expect(error).toMatchObject({ kind: 'malformed', retryable: true, exitCode: 1, vendor: name });
    },
  );

  it.each([
    [401, 'unauthorised'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [429, 'rate-limited'],
    [503, 'unavailable'],
  ] as const)('a status %i is %s, after one request', async (status, kind) => {
    const vendor = await start(name, { fault: () => ({ kind: 'status', status, retryAfter: '7' }) });
    const error = await refusal(vendor.actions!(REQUEST));
    expect(error).toMatchObject({ kind, message: expect.stringMatching(/(splits|dividends) of AAPL/) as unknown });
    expect(server!.seen).toHaveLength(1);
  });

  it.each(BROKEN_ANSWERS)('a %s answer is %s', async (fault, kind) => {
    const timeoutMs = kind === 'timed-out' ? 150 : 20_000;
    const vendor = await start(name, { fault: () => ({ kind: fault }), timeoutMs });
    const error = await refusal(vendor.actions!(REQUEST));
    expect(error).toMatchObject({ kind, retryable: true });
    expect(error.message).not.toMatch(/fake-(key|secret|polygon)/);
  });

  it('need the right key, and a symbol that the vendor trades', async () => {
    const vendor = await start(name, { key: 'wrong-key' });
    expect(await refusal(vendor.actions!(REQUEST))).toMatchObject({ kind: 'unauthorised' });
    await expect(vendor.actions!({ ...REQUEST, symbol: 'aapl' })).rejects.toMatchObject({ exitCode: 2 });
  });
});
