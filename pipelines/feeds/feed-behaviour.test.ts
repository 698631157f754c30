import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import type { Bar } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { VendorError } from '../vendors/vendor-error.ts';
import { barsOf, MINUTE, minute, OPEN_MS, setting, statuses } from './testing/vendor-in-hand.ts';

describe('bars', () => {
  it('come as soon as every symbol has closed the minute, in universe order', async () => {
    const { clock, hand, events, run } = setting();
    clock.after(MINUTE + 10, () => hand.stream('B', minute(0)));
    let before = -1;
    clock.after(MINUTE + 400, () => (before = barsOf(events).length));
    clock.after(MINUTE + 500, () => hand.stream('A', minute(0)));
    clock.after(MINUTE + 600, () => expect(barsOf(events)).toEqual(['A0 stream', 'B0 stream']));
    await run(MINUTE + 700);
    expect(before).toBe(0);
    expect(events.flatMap((event) => (event.kind === 'bar' ? [event.lastOfClose] : []))).toEqual([false, true]);
    expect(hand.asked).toEqual([]);
  });

  it('that the stream has not brought within the lateness are read from history, with two minutes to check', async () => {
    const { clock, hand, events, run } = setting({ latenessMs: 7_000 });
    hand.history.set('A', [minute(0), minute(1)]);
    for (const index of [0, 1]) clock.after((index + 1) * MINUTE + 10, () => hand.stream('B', minute(index)));
    clock.after(MINUTE + 10, () => hand.stream('A', minute(0)));
    await run(3 * MINUTE);
    expect(barsOf(events)).toEqual(['A0 stream', 'B0 stream', 'A1 history', 'B1 stream']);
    const atMs = OPEN_MS + 2 * MINUTE + 7_000;
    expect(hand.asked).toEqual([{ symbol: 'A', fromMs: OPEN_MS - MINUTE, toMs: OPEN_MS + 2 * MINUTE, atMs }]);
    expect(statuses(events, 'gap-filled')).toMatchObject([{ symbol: 'A' }]);
  });

  it('that nobody traded are known to be none, once history says so', async () => {
    const { clock, hand, feed, run } = setting({ latenessMs: 7_000 });
    hand.history.set('A', [minute(0)]);
    const passed: number[] = [];
    const look = (afterMs: number): void => void clock.after(afterMs, () => passed.push(feed.passedMs - OPEN_MS));
    for (const symbol of ['A', 'B']) clock.after(MINUTE + 10, () => hand.stream(symbol, minute(0)));
    for (const afterMs of [MINUTE, MINUTE + 100, 2 * MINUTE + 6_000, 2 * MINUTE + 8_000]) look(afterMs);
    // Of B the third minute was traded: A is read first, and until then it waits.
    clock.after(3 * MINUTE + 10, () => hand.stream('B', minute(2)));
    for (const afterMs of [3 * MINUTE + 100, 3 * MINUTE + 8_000]) look(afterMs);
    await run(4 * MINUTE);
    expect(passed.map((ms) => ms / MINUTE)).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('of a longer size begin with the one under way, completed from history', async () => {
    const { hand, events, run } = setting({ symbols: ['A'], timeframe: '5m' }, OPEN_MS + 2 * MINUTE + 30_000);
    hand.history.set('A', [minute(-1, 7), minute(0, 8), minute(3, 9), minute(4, 11)]);
    await run(5 * MINUTE);
    const bars = events.flatMap((event) => (event.kind === 'bar' ? [event.bar] : []));
    expect(bars).toEqual([{ ...minute(0), closeTimeMs: OPEN_MS + 5 * MINUTE, close: 11, volume: 15 }]);
  });

  it('before and after trading hours are left out, and the night is no gap', async () => {
    const beforeOpen = Date.UTC(2024, 6, 11, 13, 25);
    const { clock, hand, events, run } = setting({ symbols: ['A'] }, beforeOpen);
    const at = (index: number): Bar => ({ ...minute(0), openTimeMs: beforeOpen + index * MINUTE });
    for (let index = 0; index < 7; index++) clock.after((index + 1) * MINUTE + 10, () => hand.stream('A', at(index)));
    await run(7 * MINUTE + 1_000);
    expect(events.filter(({ kind }) => kind === 'bar')).toHaveLength(2);
    expect(hand.asked).toEqual([]);
  });

  it('never repeat, and what is said otherwise afterwards is told as a correction', async () => {
    const { clock, hand, feed, events, run } = setting({ symbols: ['A'] });
    clock.after(MINUTE + 10, () => hand.stream('A', minute(0)));
    clock.after(MINUTE + 20, () => hand.stream('A', minute(0)));
    clock.after(MINUTE + 30_000, () => hand.stream('A', minute(0, 11), 'revision'));
    // The second minute was quiet, says history; then a bar of it comes after all.
    clock.after(2 * MINUTE + 20_000, () => hand.stream('A', minute(1)));
    clock.after(2 * MINUTE + 20_010, () => hand.stream('A', minute(1)));
    await run(3 * MINUTE);
    expect(barsOf(events)).toEqual(['A0 stream']);
    const corrections = events.filter(({ kind }) => kind === 'correction');
    expect(corrections).toMatchObject([
      { reason: 'revised', bar: minute(0, 11), previous: minute(0) },
      { reason: 'late', bar: minute(1), previous: null },
    ]);
    expect(feed.status()).toMatchObject({ repeats: 2, corrections: 2 });
  });

  it('that are revised while they wait for one before them come with the new values', async () => {
    const { clock, hand, events, run } = setting({ symbols: ['B'], latenessMs: 70_000 });
    clock.after(2 * MINUTE + 10, () => hand.stream('B', minute(1, 10)));
    clock.after(2 * MINUTE + 20, () => hand.stream('B', minute(1, 11), 'revision'));
    await run(3 * MINUTE);
    const closes = events.flatMap((event) => (event.kind === 'bar' && event.symbol === 'B' ? [event.bar.close] : []));
    expect(closes).toEqual([11]);
    expect(events.filter(({ kind }) => kind === 'correction')).toEqual([]);
  });

  it('off the minute, from the future or of a stranger are invalid', async () => {
    const { clock, hand, feed, events, run } = setting({ symbols: ['A'] });
    clock.after(10, () => {
      hand.stream('A', { ...minute(-1), openTimeMs: OPEN_MS - 30_000 });
      hand.stream('A', minute(5));
      hand.stream('C', minute(-1));
      hand.quote('C', 1);
    });
    await run(1_000);
    expect(feed.status().invalid).toBe(4);
    expect(statuses(events, 'invalid')).toHaveLength(4);
  });
});

describe('a connection', () => {
  it('is given up when it is silent while the market is open, and made anew after a short wait', async () => {
    const { clock, hand, events, run } = setting({ silentAfterMs: 90_000 });
    clock.after(30_000, () => hand.quote('A', 1));
    await run(150_000);
    expect(statuses(events, 'silent')).toMatchObject([{ timeMs: OPEN_MS + 120_000 }]);
    expect(hand.connectedMs).toHaveLength(2);
    const waited = hand.connectedMs[1]! - (OPEN_MS + 120_000);
    expect(waited).toBeGreaterThanOrEqual(500);
    expect(waited).toBeLessThanOrEqual(1_000);
  });

  it('may be silent outside trading hours, through a night and a holiday', async () => {
    // From Wednesday's close before Independence Day to Friday's open.
    const { hand, events, run } = setting({}, Date.UTC(2024, 6, 3, 17));
    await run(Date.UTC(2024, 6, 5, 13, 31) - Date.UTC(2024, 6, 3, 17));
    expect(statuses(events, 'silent')).toEqual([]);
    expect(hand.connectedMs).toHaveLength(1);
    expect(hand.asked).toEqual([]);
  });

  it('is made anew when it has forgotten one symbol of many', async () => {
    const { clock, hand, events, run } = setting();
    for (let index = 0; index < 6; index++) {
      hand.history.set('A', [...(hand.history.get('A') ?? []), minute(index)]);
      clock.after((index + 1) * MINUTE + 10, () => hand.stream('B', minute(index)));
    }
    await run(5 * MINUTE);
    expect(statuses(events, 'silent')).toMatchObject([{ message: 'the stream brings no bars of A' }]);
    expect(hand.connectedMs).toHaveLength(2);
  });

  it('waits longer and longer between attempts, up to a minute', async () => {
    const { hand, run } = setting({ silentAfterMs: DAY_MS });
    hand.refusal = new VendorError({ kind: 'unavailable', vendor: 'hand', endpoint: 'stream', detail: 'no' });
    await run(10 * MINUTE);
    const waits = hand.connectedMs.slice(1).map((timeMs, index) => timeMs - hand.connectedMs[index]!);
    [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000].forEach((longest, index) => {
      expect(waits[index]).toBeLessThanOrEqual(longest);
      expect(waits[index]).toBeGreaterThanOrEqual(longest / 2);
    });
  });

  it('that breaks as soon as it is made is no reason to hurry; one that lasted is', async () => {
    const { clock, hand, run } = setting({ silentAfterMs: DAY_MS });
    const breakAtOnce = (left: number): void => {
      clock.after(10, () => {
        if (hand.open === null) return breakAtOnce(left);
        const { onClose } = hand.open;
        hand.open = null;
        onClose('gone');
        if (left > 1) breakAtOnce(left - 1);
      });
    };
    breakAtOnce(4);
    clock.after(3 * MINUTE, () => hand.open!.onClose('gone after a while'));
    await run(4 * MINUTE);
    const waits = hand.connectedMs.slice(1).map((timeMs, index) => timeMs - hand.connectedMs[index]!);
    expect(waits[3]).toBeGreaterThan(4_000);
    expect(hand.connectedMs[5]! - (OPEN_MS + 3 * MINUTE)).toBeLessThanOrEqual(1_000);
  });

  it('that is refused for good at the start ends the feed; one that worked before is tried again', async () => {
    const no = new VendorError({ kind: 'unauthorised', vendor: 'hand', endpoint: 'stream', detail: 'no' });
    const first = setting();
    first.hand.refusal = no;
    await expect(first.run(MINUTE)).rejects.toBe(no);
    const later = setting();
    later.clock.after(1_000, () => {
      later.hand.refusal = no;
      later.hand.open!.onClose('gone');
    });
    later.clock.after(20_000, () => (later.hand.refusal = null));
    await later.run(MINUTE);
    expect(statuses(later.events, 'refused').length).toBeGreaterThan(1);
    expect(later.feed.status().connections).toBe(2);
  });
});

describe('history', () => {
  it('that fails is asked again, later and later; no bar passes it by', async () => {
    const { clock, hand, events, run } = setting({ symbols: ['A'] });
    hand.historyFailure = new VendorError({ kind: 'unavailable', vendor: 'hand', endpoint: 'bars', detail: 'no' });
    hand.history.set('A', [minute(0)]);
    clock.after(2 * MINUTE + 10, () => hand.stream('A', minute(1)));
    clock.after(2 * MINUTE + 30_000, () => {
      expect(barsOf(events)).toEqual([]);
      hand.historyFailure = null;
    });
    await run(4 * MINUTE);
    expect(statuses(events, 'history-failed').length).toBeGreaterThan(3);
    expect(barsOf(events)).toEqual(['A0 history', 'A1 stream']);
  });

  it('that does not hold yet what the stream has brought takes nothing away', async () => {
    const { clock, hand, events, run } = setting({ symbols: ['A'] });
    hand.historyFailure = new VendorError({ kind: 'unavailable', vendor: 'hand', endpoint: 'bars', detail: 'no' });
    hand.history.set('A', [minute(0), minute(2)]);
    clock.after(2 * MINUTE + 10, () => hand.stream('A', minute(1)));
    clock.after(3 * MINUTE + 20_000, () => (hand.historyFailure = null));
    await run(6 * MINUTE);
    expect(barsOf(events)).toEqual(['A0 history', 'A1 stream', 'A2 history']);
  });

  it('waits as long as the vendor asks', async () => {
    const { hand, run } = setting({ symbols: ['A'] });
    const options = {
      kind: 'rate-limited',
      vendor: 'hand',
      endpoint: 'bars',
      detail: 'slow',
      retryAfterMs: 90_000,
    } as const;
    hand.historyFailure = new VendorError(options);
    await run(4 * MINUTE);
    expect(hand.asked[1]!.atMs - hand.asked[0]!.atMs).toBe(90_000);
  });

  it('that refuses for good ends the feed', async () => {
    const { hand, run } = setting({ symbols: ['A'] });
    hand.historyFailure = new InputError('no such symbol');
    await expect(run(3 * MINUTE)).rejects.toThrow('no such symbol');
  });
});
