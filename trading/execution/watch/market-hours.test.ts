import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../features/timeframe.ts';
import { MarketHours } from './market-hours.ts';

const share = { assetClass: 'equity' } as const;
const at = (text: string): number => Date.parse(text);

// Friday's close to Monday's open, over the change of the clock: 9:30 in New York is an hour earlier in UTC.
const close = at('2025-03-07T21:00:00Z');
const open = at('2025-03-10T13:30:00Z');
const shut = { isOpen: false, nextOpenMs: open, nextCloseMs: open + 6.5 * HOUR_MS };

describe('the hours of a venue', () => {
  it('are round the clock where it tells none, and for coins', () => {
    const hours = new MarketHours();
    expect(hours.isShut(share, close)).toBe(false);
    hours.note(null, close);
    expect(hours.isShut(share, close)).toBe(false);
    hours.note(shut, close);
    expect(hours.isShut({ assetClass: 'crypto' }, close)).toBe(false);
  });

  it('change at the moment that was told, before it is asked again', () => {
    const hours = new MarketHours();
    hours.note(shut, close);
    expect([hours.isShut(share, open - 1), hours.isShut(share, open)]).toEqual([true, false]);
    expect([hours.isStale(close + 1), hours.isStale(open), hours.isStale(close + HOUR_MS)]).toEqual([
      false,
      true,
      true,
    ]);
    hours.note({ isOpen: true, nextOpenMs: open + 24 * HOUR_MS, nextCloseMs: shut.nextCloseMs }, open + 5);
    expect([hours.isShut(share, open + 6), hours.isShut(share, shut.nextCloseMs)]).toEqual([false, true]);
  });

  it('end with the next close, though nobody asked since before its open', () => {
    const hours = new MarketHours();
    hours.note(shut, close);
    const { nextCloseMs } = shut;
    expect([-1, 0, 24 * HOUR_MS].map((ms) => hours.isShut(share, nextCloseMs + ms))).toEqual([false, true, true]);
    // Where a venue tells the close before, it says nothing of the next one.
    hours.note({ ...shut, nextCloseMs: close }, close);
    expect([hours.isShut(share, open - 1), hours.isShut(share, open)]).toEqual([true, false]);
  });

  it('are those that both clocks agree on', () => {
    const hours = new MarketHours();
    const clocks = { offsetMs: 5_000, errorMs: 300 };
    const ours = (theirsMs: number): number => theirsMs - clocks.offsetMs;
    hours.note(shut, ours(close), clocks);
    expect([299, 300].map((ms) => hours.isShut(share, ours(open) + ms))).toEqual([true, false]);
    hours.note({ ...shut, isOpen: true }, ours(open) + 400, clocks);
    expect([-301, -300].map((ms) => hours.isShut(share, ours(shut.nextCloseMs) + ms))).toEqual([false, true]);
  });

  it('make a decision older only while it could be traded', () => {
    const hours = new MarketHours();
    hours.note(shut, close);
    expect(hours.ageMs(close, open + 20)).toBe(20);
    hours.note({ isOpen: true, nextOpenMs: open + 24 * HOUR_MS, nextCloseMs: shut.nextCloseMs }, open + 30);
    expect(hours.ageMs(close, open + 40)).toBe(40);
    expect(hours.ageMs(open + HOUR_MS, open + HOUR_MS + 7)).toBe(7);
  });
});
