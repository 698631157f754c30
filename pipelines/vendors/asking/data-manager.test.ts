import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { createRandom } from '../../../infra/random.ts';
import { HOUR_MS, DAY_MS } from '../../../features/timeframe.ts';
import { DataManager, type VendorPiece } from './data-manager.ts';
import { splitRange } from '../pages/split-range.ts';
import { cryptoOf, pairOf, stockOf } from '../symbols.ts';
import { VendorError, type VendorErrorKind } from '../vendor-error.ts';
import type { HistoryRequest, Quote, Vendor, VendorName } from '../vendor.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';

const NOW_MS = Date.UTC(2024, 0, 1);
const FROM_MS = NOW_MS - 6 * 833 * DAY_MS;

interface Stub {
  readonly vendor: Vendor;
  readonly gate: { broken: boolean; heldMs: number };
  readonly asked: HistoryRequest[];
}

/** A vendor with a bar every hour; `fails` says what goes wrong at each question. */
function stub(
  name: VendorName,
  fails: (index: number) => VendorErrorKind | undefined = () => undefined,
  changes: Partial<Vendor> = {},
): Stub {
  const asked: HistoryRequest[] = [];
  const check = (): void => {
    const kind = fails(asked.length - 1);
    if (kind !== undefined) throw new VendorError({ kind, vendor: name, endpoint: 'bars', detail: 'stub' });
  };
  const vendor: Vendor = {
    name,
    earliestMs: () => 0,
    instrumentOf: (symbol) => {
      const pair = pairOf(symbol);
      return pair === undefined ? stockOf(symbol) : cryptoOf(symbol, pair.quote);
    },
    originOf: () => 'stub',
    async *history(request) {
      asked.push(request);
      const pieces = hourly(request);
      yield pieces[0]!;
      // What is known of a window before it fails is not handed on.
      check();
      yield pieces[1]!;
    },
    latestQuote: async (symbol): Promise<Quote> => {
      asked.push({ symbol } as HistoryRequest);
      check();
      return { symbol, bid: 1, ask: 2, bidSize: 1, askSize: 1, timeMs: 0 };
    },
    ...changes,
  };
  return { vendor, gate: { broken: false, heldMs: 0 }, asked };
}

function hourly({ symbol, fromMs, toMs }: HistoryRequest): BarColumns[] {
  const first = Math.ceil(fromMs / HOUR_MS) * HOUR_MS;
  const count = Math.max(0, Math.ceil((toMs - first) / HOUR_MS));
  const half = Math.floor(count / 2);
  return [half, count - half].map((length, part) => {
    const bars = createBarColumns(symbol, length);
    for (let i = 0; i < length; i++) bars.openTimeMs[i] = first + (part * half + i) * HOUR_MS;
    return bars;
  });
}

const request: HistoryRequest = {
  symbol: 'BTC/USD',
  timeframe: '1h',
  calendar: 'crypto',
  fromMs: FROM_MS,
  toMs: Infinity,
};
const windows = [...splitRange({ fromMs: FROM_MS, toMs: NOW_MS }, '1h', calendarNamed('crypto'))];

/** Nobody waits. */
function managerOf(vendors: readonly Stub[]): DataManager {
  return new DataManager({ vendors, clock: () => NOW_MS, sleep: async () => undefined, random: createRandom(1) });
}

async function read(stubs: readonly Stub[], options: { only?: boolean; first?: VendorName; symbol?: string } = {}) {
  const manager = managerOf(stubs);
  const notes: string[] = [];
  const pieces: VendorPiece[] = [];
  const { first = 'alpaca', only, symbol = 'BTC/USD' } = options;
  const history = manager.history({ ...request, symbol }, { first, only, onNote: (note) => notes.push(note) });
  for await (const piece of history) pieces.push(piece);
  const opens = pieces.flatMap(({ bars }) => Array.from(bars.openTimeMs));
  return {
    pieces,
    notes,
    opens,
    by: windows.map((one) => pieces.find(({ window }) => window.fromMs === one.fromMs)?.vendor),
  };
}

const everyHour = Array.from({ length: (NOW_MS - FROM_MS) / HOUR_MS }, (_, i) => FROM_MS + i * HOUR_MS);

describe('DataManager', () => {
  it('takes everything from the first vendor while it answers', async () => {
    const [alpaca, polygon] = [stub('alpaca'), stub('polygon')];
    const { opens, pieces, notes } = await read([alpaca, polygon]);
    expect(windows.length).toBeGreaterThan(4);
    expect(opens).toEqual(everyHour);
    expect(pieces.every(({ vendor, because }) => vendor === 'alpaca' && because === null)).toBe(true);
    expect([polygon.asked, notes]).toEqual([[], []]);
  });

  it('lets another stand in for whole windows, and goes back: no bar twice, none missing, each with its vendor', async () => {
    const alpaca = stub('alpaca', (index) => (index === 1 || index === 3 ? 'unavailable' : undefined));
    const { opens, by, notes, pieces } = await read([alpaca, stub('polygon')]);
    expect(opens).toEqual(everyHour);
    expect(by.slice(0, 5)).toEqual(['alpaca', 'polygon', 'alpaca', 'polygon', 'alpaca']);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(/^polygon stands in for BTC\/USD from .*: alpaca is not available/);
    expect(pieces.filter(({ vendor }) => vendor === 'polygon').every(({ because }) => because !== null)).toBe(true);
  });

  it('asks the order of the configuration after the first', async () => {
    const down = (): VendorErrorKind => 'timed-out';
    const stubs = [stub('binance'), stub('alpaca', down), stub('polygon')];
    expect(new Set((await read(stubs)).by)).toEqual(new Set(['binance']));
  });

  it('leaves a vendor alone whose gate is broken, and says why another gives the bars', async () => {
    const alpaca = stub('alpaca');
    alpaca.gate.broken = true;
    const { by, pieces } = await read([alpaca, stub('polygon')]);
    expect(new Set(by)).toEqual(new Set(['polygon']));
    expect(pieces[0]!.because).toMatch(/alpaca is held back/);
    expect(alpaca.asked).toEqual([]);
    // Alone, it is asked all the same.
    expect(new Set((await read([alpaca])).by)).toEqual(new Set(['alpaca']));
  });

  it('never lets in a vendor that trades something else under the name, or knows less of the past', async () => {
    const down = (): VendorErrorKind => 'unavailable';
    const stock = stub('polygon', undefined, { instrumentOf: () => stockOf('OPBTC') });
    const euro = stub('polygon', undefined, { instrumentOf: () => cryptoOf('BTC/USD', 'EUR') });
    const young = stub('polygon', undefined, { earliestMs: () => FROM_MS + 1 });
    for (const other of [stock, euro]) {
      await expect(read([stub('alpaca', down), other])).rejects.toMatchObject({ vendor: 'alpaca' });
      expect(other.asked).toEqual([]);
    }
    await expect(read([stub('alpaca', down), young])).rejects.toMatchObject({ vendor: 'alpaca' });
  });

  it.each(['unauthorised', 'forbidden', 'not-found', 'invalid-request'] as const)(
    'does not cover up %s with another vendor',
    async (kind) => {
      const polygon = stub('polygon');
      await expect(read([stub('alpaca', () => kind), polygon])).rejects.toMatchObject({ kind });
      expect(polygon.asked).toEqual([]);
    },
  );

  it('fetches a window again whose pages contradict each other, three times in all', async () => {
    const twice = stub('alpaca', (index) => (index < 2 ? 'malformed' : undefined));
    const { opens, by } = await read([twice, stub('polygon')]);
    expect(opens).toEqual(everyHour);
    expect(new Set(by)).toEqual(new Set(['alpaca']));
    const always = stub('alpaca', () => 'malformed');
    expect((await read([always, stub('polygon')])).by[0]).toBe('polygon');
    expect(always.asked.filter(({ fromMs }) => fromMs === FROM_MS)).toHaveLength(3);
  });

  it('asks nobody else where only one will do', async () => {
    const polygon = stub('polygon');
    const down = stub('alpaca', () => 'unavailable');
    await expect(read([down, polygon], { only: true })).rejects.toMatchObject({ vendor: 'alpaca' });
    expect(polygon.asked).toEqual([]);
  });

  it('names all that failed', async () => {
    const down = (): VendorErrorKind => 'unavailable';
    await expect(read([stub('alpaca', down), stub('polygon', down)])).rejects.toMatchObject({
      message: /^alpaca is not available .*stub; polygon, asked instead: stub/,
      exitCode: 1,
    });
  });

  it('begins where the first vendor begins', async () => {
    const later = FROM_MS + 100 * DAY_MS;
    const { opens } = await read([stub('alpaca', undefined, { earliestMs: () => later })]);
    expect(opens).toEqual(everyHour.filter((timeMs) => timeMs >= later));
  });

  it('refuses a vendor that is not configured, and says who trades a symbol', async () => {
    await expect(read([stub('polygon')])).rejects.toMatchObject({ exitCode: 2, message: /alpaca is not configured/ });
    const none = stub('alpaca', undefined, { instrumentOf: () => undefined });
    await expect(read([none, stub('polygon')])).rejects.toMatchObject({ exitCode: 2, remedy: /polygon/ });
  });

  it('takes a quote from whoever has one, and says why another has none', async () => {
    const noQuote = (): string => 'polygon has no quotes of crypto';
    const polygon = stub('polygon', undefined, { noQuoteBecause: noQuote });
    const manager = managerOf([stub('alpaca', () => 'unavailable'), polygon, stub('binance')]);
    const found = await manager.latestQuote('BTC/USD', { first: 'alpaca' });
    expect(found).toMatchObject({ vendor: 'binance', because: /alpaca is not available/, quote: { bid: 1 } });
    const instead = await managerOf([polygon, stub('binance')]).latestQuote('BTC/USD', { first: 'polygon' });
    expect(instead).toMatchObject({ vendor: 'binance', because: 'polygon has no quotes of crypto' });
    await expect(managerOf([polygon]).latestQuote('BTC/USD', { first: 'polygon' })).rejects.toMatchObject({
      message: /polygon has no quotes of crypto/,
      exitCode: 2,
    });
    expect(polygon.asked).toEqual([]);
  });
});
