import { describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../../features/timeframe.ts';
import { place, run, type Row } from '../../testing/scripted-orders.ts';

const FLAT: Row = [100, 100, 100, 100];
const LATE = { costs: { latencyMs: HOUR_MS / 2 } };
const limit = place({ type: 'limit', side: 'buy', limit: 99 });
/** Reaches 99 and 98, and closes at 100. */
const DIP: Row = [100, 100, 97, 100];

const told = ({ fills }: ReturnType<typeof run>): number[][] =>
  fills.map(({ quantity, price, hour }) => [quantity, price, hour]);

describe('what is asked of an order and has not arrived', () => {
  it('leaves it as it is: a cancel does not keep the next bar from filling it', () => {
    expect(told(run([FLAT, FLAT, DIP], { 0: [limit], 1: [{ do: 'cancel', label: 'one' }] }, LATE))).toEqual([
      [10, 99, 3],
    ]);
    const script = { 0: [limit], 1: [{ do: 'cancel', label: 'one' } as const] };
    expect(told(run([FLAT, FLAT, FLAT, DIP], script, LATE))).toEqual([]);
  });

  it('leaves a stop at its old price, however often it is moved, and takes each move once it is there', () => {
    const stop = place({ type: 'stop', side: 'sell', stop: 90, label: 'exit' });
    const to = (price: number) => [{ do: 'amend', label: 'exit', stop: price } as const];
    const rows: Row[] = [FLAT, FLAT, FLAT, FLAT, [100, 100, 92, 95], FLAT];
    const script = { 0: [place({ type: 'market', side: 'buy' }), stop], 2: to(93), 3: to(97), 4: to(99) };
    expect(told(run(rows, script, LATE))).toEqual([
      [10, 100, 2],
      [-10, 93, 5],
    ]);
  });

  it('is never filled beyond the lesser of both sizes', () => {
    const fewer = { 0: [limit], 1: [{ do: 'amend', label: 'one', units: 4 } as const] };
    const more = { 0: [limit], 1: [{ do: 'amend', label: 'one', units: 16 } as const] };
    for (const [script, units] of [
      [fewer, 4],
      [more, 10],
    ] as const) {
      const { entries, codes, ...rest } = run([FLAT, FLAT, DIP, DIP], script, LATE);
      expect(told({ entries, codes, ...rest })).toEqual([[units, 99, 3]]);
      expect(codes).toEqual([]);
    }
  });

  it('is restated by a split', () => {
    const rows: Row[] = [FLAT, FLAT, [50, 50, 49, 50], [50, 50, 48, 50]];
    const script = { 0: [limit], 1: [{ do: 'amend', label: 'one', limit: 97, units: 6 } as const] };
    const early = run(rows, script, { ...LATE, split: [2, 2] });
    expect(told(early)).toEqual([[12, 49.5, 3]]);
    const never = run([...rows.slice(0, 2), [50, 50, 50, 50], rows[3]!], script, { ...LATE, split: [2, 2] });
    expect(told(never)).toEqual([[12, 48.5, 4]]);
  });
});

describe('a limit that is moved is new at its price', () => {
  const costs = { commission: { makerBps: 0, takerBps: 100 } };
  const moved = [{ do: 'amend', label: 'one', limit: 101 } as const];

  it('and takes what its next open finds', () => {
    expect(run([FLAT, FLAT, FLAT], { 0: [limit], 1: moved }, { costs }).fills.map(({ fee }) => fee)).toEqual([10]);
  });

  it('unless it may only add', () => {
    const { fills, codes } = run([FLAT, FLAT, FLAT], { 0: [{ ...limit, postOnly: true }], 1: moved }, { costs });
    expect(fills).toEqual([]);
    expect(codes).toEqual(['post-only']);
  });
});

describe('prices on the tick', () => {
  it('a trailing stop is where its distance says, whatever floats make of it', () => {
    // 103.29 + 3.31 is 106.60000000000001.
    const rows: Row[] = [FLAT, [104, 105, 103.29, 105], [105, 106.6, 105, 106]];
    const stop = place({ type: 'trailing', side: 'buy', trail: { price: 3.31 }, stop: 110 });
    expect(told(run(rows, { 0: [stop] }))).toEqual([[10, 106.6, 3]]);
  });

  it('a trailing share stands on the tick below, and is filled there', () => {
    const rows: Row[] = [FLAT, FLAT, [100, 100.3, 100, 100.3], [100.3, 100.3, 95, 95]];
    const stop = place({ type: 'trailing', side: 'sell', trail: { percent: 0.033 }, label: 'exit' });
    // 3.3 % below 100.3 is 96.9901.
    expect(told(run(rows, { 0: [place({ type: 'market', side: 'buy' })], 1: [stop] })).at(-1)).toEqual([-10, 96.99, 4]);
  });

  it('a split leaves no price between ticks', () => {
    const third: Row = [33, 33, 32, 33];
    const rows: Row[] = [FLAT, FLAT, third, third];
    const { fills } = run(rows, { 0: [place({ type: 'limit', side: 'buy', limit: 97 })] }, { split: [2, 3] });
    expect(fills.map(({ quantity, price }) => [quantity, price])).toEqual([[30, 32.33]]);
    const stop = place({ type: 'stop', side: 'sell', stop: 97, label: 'exit', size: 'position' });
    const stopped = run(rows, { 0: [place({ type: 'market', side: 'buy' })], 1: [stop] }, { split: [2, 3] });
    expect(stopped.fills.at(-1)).toMatchObject({ price: 32.33 });
  });
});
