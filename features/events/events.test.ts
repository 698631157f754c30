import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPrefix, checkRestore, checkStream, dailyBars, firstDifference } from '../feature-contract.ts';
import { computeFeatures } from '../feature-matrix.ts';
import { parseFeatureSet } from '../feature-set.ts';
import { DAY_MS, HOUR_MS } from '../timeframe.ts';
import { changedAfter } from './changed-events.ts';
import { EventBook } from './event-book.ts';
import { MARKET, type PointInTimeEvent } from './point-in-time-event.ts';
import { EVENT_MEASURES, EventKernel } from './event-kernel.ts';
import { drawnEvents } from './testing/drawn-events.ts';

const DAYS = 30;
const bars = dailyBars('AAA', DAYS, (i) => [10 + i, 11 + i, 9 + i, 10 + i, 100]);

function event(knownMs: number, change: Partial<PointInTimeEvent> = {}): PointInTimeEvent {
  const plain = { symbol: 'AAA', kind: 'news', field: '', value: NaN, expected: NaN, key: String(knownMs) } as const;
  return { ...plain, eventMs: knownMs, knownMs, ...change };
}

/** One column: bar i closes at (i + 1) days. */
function column(expression: string, events: readonly PointInTimeEvent[]): number[] {
  const set = parseFeatureSet(expression, { timeframe: '1d', symbols: ['AAA'], events: new EventBook(events) });
  return [...computeFeatures(set, [bars])[0]!.values];
}

const at = (days: number): number => Math.round(days * DAY_MS);

describe('events(KIND,MEASURE,SPAN)', () => {
  it('sees an event at the close at which it is known, and not a millisecond before', () => {
    expect(column('events(news,count,5d)', [event(at(3))]).slice(0, 9)).toEqual([0, 0, 1, 1, 1, 1, 1, 0, 0]);
    expect(column('events(news,count,5d)', [event(at(3) + 1)]).slice(0, 9)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 0]);
  });

  it('moves by one bar where every event becomes known one bar later', () => {
    const days = [2.5, 3.1, 3.2, 8, 12.9];
    for (const measure of EVENT_MEASURES) {
      const written = `events(fundamental.eps,${measure},6d)`;
      const of = (shift: number): number[] => {
        const made = days.map((day) => {
          const eps = { kind: 'fundamental', field: 'eps', value: day, expected: 1 } as const;
          return event(at(day + shift), { ...eps, key: `${day}` });
        });
        return column(written, made);
      };
      expect(of(1).slice(1), measure).toEqual(of(0).slice(0, -1));
    }
  });

  it('sums, averages and decays values', () => {
    const events = [event(at(1), { value: 2 }), event(at(2), { value: 4 }), event(at(2.5))];
    expect(column('events(news,sum,10d)', events).slice(0, 3)).toEqual([2, 6, 6]);
    expect(column('events(news,mean,10d)', events).slice(0, 3)).toEqual([2, 3, 3]);
    const [first, second] = column('events(news,decay,1d)', events);
    expect([first, second]).toEqual([2, expect.closeTo(5, 12)]);
  });

  it('knows the newest by its own time, its age, and how far it was from what was expected', () => {
    const eps = { kind: 'fundamental', field: 'eps' } as const;
    const events = [
      event(at(2), { ...eps, value: 1.5, expected: 1, eventMs: at(1) }),
      // An older period that is published later is not the newest.
      event(at(4), { ...eps, value: 9, expected: 9, eventMs: at(0) }),
    ];
    expect(column('events(fundamental.eps,last,90d)', events).slice(0, 5)).toEqual([0, 1.5, 1.5, 1.5, 1.5]);
    expect(column('events(fundamental.eps,surprise,90d)', events).slice(0, 5)).toEqual([0, 0.5, 0.5, 0.5, 0.5]);
    expect(column('events(fundamental.eps,age,9d)', events).slice(0, 5)).toEqual([9, 0, 1, 0, 1]);
    expect(column('events(fundamental.dps,last,90d)', events).slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
  });

  it('counts the days to what is announced', () => {
    const events = [event(at(2), { kind: 'calendar', eventMs: at(5) })];
    expect(column('events(calendar,until,30d)', events).slice(0, 6)).toEqual([30, 3, 2, 1, 30, 30]);
  });

  it('has the earlier value until a correction becomes known, and one event all along', () => {
    const eps = { kind: 'fundamental', field: 'eps', key: 'Q1', eventMs: 0 } as const;
    const events = [event(at(2), { ...eps, value: 1 }), event(at(4), { ...eps, value: 3 })];
    expect(column('events(fundamental,last,90d)', events).slice(0, 5)).toEqual([0, 1, 1, 3, 3]);
    expect(column('events(fundamental,count,90d)', events).slice(0, 5)).toEqual([0, 1, 1, 1, 1]);
    expect(column('events(fundamental,age,90d)', events).slice(1, 5)).toEqual([0, 1, 2, 3]);
  });

  it('tells the market from a symbol, and symbols from each other', () => {
    const events = [event(at(1), { symbol: MARKET }), event(at(1), { symbol: 'BBB', key: 'b' })];
    expect(column('events(news,count,5d)', events)[0]).toBe(0);
    expect(column('events(news,count,5d,scope=market)', events)[0]).toBe(1);
  });

  it('stands inside other features, and on longer bars', () => {
    const events = [event(at(1)), event(at(2), { key: 'b' })];
    expect(column('lag(events(news,count,1d),2)', events).slice(2, 5)).toEqual([1, 1, 0]);
    // Bar 4 begins the week that the first Monday begins: the week before is closed by it.
    expect(column('events(news,count,3d)@1w', events).slice(0, 6).map(Number)).toEqual([NaN, NaN, NaN, 1, 1, 1]);
  });

  it.each([
    ['events()', 'needs a kind of events'],
    ['events(gossip,count,5d)', 'There are no events of kind "gossip"'],
    ['events(news,cuont,5d)', 'Did you mean "count"?'],
    ['events(news,count,5)', 'Write 5d'],
    ['events(news,count,5y)', 'is no span'],
    ['events(news,count,0d)', 'is no span'],
    ['events(news,count,5d,6d)', 'Remove what is too much'],
    ['events(news.a.b,count,5d)', 'There are no events of kind'],
    ['events(news,count,5d,scope=world)', 'One of symbol, market'],
    ['rank(events)', 'Write events().'],
  ])('%s is refused with the position', (expression, words) => {
    let message = '';
    try {
      parseFeatureSet(expression, { timeframe: '1d', symbols: ['AAA'] });
    } catch (error) {
      message = `${(error as Error).message} ${(error as { remedy: string }).remedy}`;
    }
    expect(message).toContain(words);
    expect(message).toContain('at character');
  });

  it('is not computed from nothing', () => {
    const set = parseFeatureSet('events(news,count,5d)', { timeframe: '1d', symbols: ['AAA'] });
    expect(() => computeFeatures(set, [bars])).toThrow('events(news,count,5d) is made of events');
  });

  it('writes a span in one way', () => {
    const set = parseFeatureSet(['events(news,count,120h)', 'Events(news,count,5D)'], {
      ...{ timeframe: '1d', symbols: ['AAA'] },
    });
    expect(set.columns).toEqual(['events(news,count,5d)']);
  });
});

describe('whatever the events', () => {
  const expressions = EVENT_MEASURES.flatMap((measure) =>
    ['news', 'fundamental.eps', 'calendar'].flatMap((topic) => [
      `events(${topic},${measure},36h)`,
      `events(${topic},${measure},9d,scope=market)`,
    ]),
  );

  it('what becomes known after a close changes no row up to it', () => {
    const seeds = fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 50, maxLength: 50 });
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: DAYS - 1 }), (numbers, rows) => {
        let drawn = 0;
        const next = (): number => numbers[drawn++ % numbers.length]!;
        const events = drawnEvents(['AAA'], DAYS, next);
        const setOf = (book: EventBook) =>
          parseFeatureSet(expressions, { timeframe: '1d', symbols: ['AAA'], events: book });
        const whole = computeFeatures(setOf(events), [bars]);
        const changed = computeFeatures(setOf(changedAfter(events, at(rows), next)), [bars]);
        expect(firstDifference(whole, changed, rows)).toBeNull();
        const set = setOf(events);
        expect([...checkStream(set, [bars]), ...checkRestore(set, [bars]), ...checkPrefix(set, [bars])]).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('one that comes as it happens is seen as one that was there before', () => {
    const all = drawnEvents(['AAA'], DAYS, mulberry(5)).events();
    const grown = new EventBook();
    const live = new EventKernel(grown.timeline('AAA', 'news'), 'decay', 6 * HOUR_MS);
    const before = new EventKernel(new EventBook(all).timeline('AAA', 'news'), 'decay', 6 * HOUR_MS);
    let taken = 0;
    for (let i = 0; i < DAYS; i++) {
      const closeTimeMs = at(i + 1);
      for (; taken < all.length && all[taken]!.knownMs <= closeTimeMs; taken++) grown.add(all[taken]!);
      expect(live.next({ closeTimeMs })).toBe(before.next({ closeTimeMs }));
    }
    expect(() => grown.add(event(0))).toThrow('in the order in which they became known');
  });
});

function mulberry(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}
