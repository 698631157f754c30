import { expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { BarRoom } from './bar-room.ts';

/** Puts bars into the hand of the room, as a read does. */
function inHand(room: BarRoom, bars: BarColumns): BarColumns {
  const hand = room.hand(bars.length);
  expect(hand.length).toBeGreaterThanOrEqual(bars.length);
  const fields = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;
  for (const field of fields) hand[field].set(bars[field]);
  return { ...sliceBarColumns(hand, 0, bars.length), symbol: bars.symbol };
}

it('keeps series after series in few blocks, and times once where they are the same', () => {
  const series = [9_000, 9_000, 5_000].map((bars, at) => plantedBars({ bars, seed: at, symbol: `S${at}` }));
  const room = new BarRoom(23_000);
  const kept = series.map((bars) => room.keep(inHand(room, bars)));
  expect(kept).toEqual(series);
  expect(new Set(kept.map(({ close }) => close.buffer)).size).toBe(1);
  expect(kept[1]!.openTimeMs).toBe(kept[0]!.openTimeMs);
  expect(kept[1]!.closeTimeMs).toBe(kept[0]!.closeTimeMs);
  expect(kept[2]!.openTimeMs).not.toBe(kept[1]!.openTimeMs);
});

it('has room for more than it was told of, and for none', () => {
  const room = new BarRoom(0);
  expect(room.keep(createBarColumns('NONE', 0)).length).toBe(0);
  const bars = plantedBars({ bars: 6_000, seed: 1, symbol: 'MORE' });
  expect(room.keep(inHand(room, bars))).toEqual(bars);
});
