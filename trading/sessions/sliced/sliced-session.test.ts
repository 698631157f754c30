import { describe, expect, it } from 'vitest';
import { place, run, type Row } from '../../testing/scripted-orders.ts';

const rows = (closes: readonly number[], volume = 1_000): Row[] =>
  closes.map((close) => [close, close, close, close, volume]);

describe('twap', () => {
  it('sends equal slices at equal times', () => {
    const order = place({ type: 'market', side: 'buy', execution: { kind: 'twap', slices: 4, withinMinutes: 240 } });
    const { fills } = run(rows([100, 101, 102, 103, 104, 105]), { 0: [order] });
    expect(fills.map(({ quantity, price, hour }) => [quantity, price, hour])).toEqual([
      [2, 101, 1],
      [3, 102, 2],
      [2, 103, 3],
      [3, 104, 4],
    ]);
  });
});
