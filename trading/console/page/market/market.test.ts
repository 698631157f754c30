import { expect, it } from 'vitest';
import type { Fill, Order, Signal } from '../service/shapes.ts';
import { joinedBars, rowBefore } from './bar-columns.ts';
import { levelsOf, marksOf, turnsOf } from './marks-of.ts';
import { panesOf } from './panes-of.ts';

const bars = (...time: number[]) => {
  const [open, high, low, close, volume] = [time, time, time, time.map((at) => at + 0.5), time];
  return { time, open, high, low, close, volume };
};

it('joins pages that were asked for backward, and what came since in the place of what it was', () => {
  const joined = joinedBars([bars(5, 6), bars(3, 4), bars(1, 2)], { ...bars(6, 7), close: [60, 70] });
  expect(joined.time).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(joined.close).toEqual([1.5, 2.5, 3.5, 4.5, 5.5, 60, 70]);
});

it('finds the bar that closed at a moment, not the one that opened then', () => {
  expect([rowBefore([10, 20, 30], 20), rowBefore([10, 20, 30], 21), rowBefore([10, 20], 10)]).toEqual([0, 1, -1]);
});

const iso = (ms: number): string => new Date(ms).toISOString();
const signal = (at: number, refused: string | null): Signal =>
  ({ time: iso(at), action: 'SELL', reason: 'crossed', refused }) as unknown as Signal;

it('tells entries from exits by what is held now, whatever lies before', () => {
  const fill = (at: number, quantity: number): Fill =>
    ({ time: iso(at), quantity, price: 9, takesBack: false }) as unknown as Fill;
  // Newest first; 5 short before, then flat, then 3 long, then 1 sold.
  const fills = [fill(40, -1), fill(30, 3), fill(20, 5)];
  const marks = marksOf({ signals: [], fills, held: 2 }, [0, 10, 20, 30]);
  expect(marks.map(({ time, kind, side }) => [time, kind, side])).toEqual([
    [10, 'exit', 'buy'],
    [20, 'entry', 'buy'],
    [30, 'exit', 'sell'],
  ]);
});

it('marks signals with why they fired, and those that were refused with why not', () => {
  const marks = marksOf({ signals: [signal(15, null), signal(16, 'cooldown')], fills: [], held: 0 }, [0, 10]);
  expect(marks.map(({ kind, words }) => [kind, words])).toEqual([
    ['signal', 'crossed'],
    ['refused', 'crossed; refused: cooldown'],
  ]);
});

it('draws of signals that say the same one after another the first', () => {
  const signals = [signal(5, null), signal(15, null), signal(25, 'cooldown'), signal(35, null)];
  const marks = marksOf({ signals, fills: [], held: 0 }, [0, 10, 20, 30]);
  expect(marks).toHaveLength(4);
  expect(turnsOf(marks).map(({ time, kind }) => [time, kind])).toEqual([
    [0, 'signal'],
    [20, 'refused'],
    [30, 'signal'],
  ]);
});

it('draws working orders at the prices that they have now', () => {
  const order = (role: string, currentTrigger: number | null, currentLimit: number | null): Order =>
    ({ role, side: 'sell', type: 'limit', currentTrigger, currentLimit }) as Order;
  const levels = levelsOf(
    [order('stop-loss', 90, null), order('take-profit', null, 120), order('order', null, null)],
    100,
  );
  expect(levels.map(({ title, price }) => [title, price])).toEqual([
    ['Stop', 90],
    ['Target', 120],
    ['Average', 100],
  ]);
});

it('draws what is a price over the candles, and each other feature in a pane of its own', () => {
  const names = ['ema(20)', 'bollinger(20,2).lower', 'bollinger(20,2).width', 'rsi(14)', 'macd(12,26,9).line'];
  const panes = panesOf([...names, 'macd(12,26,9).signal']);
  expect(panes.map(({ title, names: held }) => [title, held])).toEqual([
    ['', ['ema(20)', 'bollinger(20,2).lower']],
    ['bollinger(20,2)', ['bollinger(20,2).width']],
    ['rsi(14)', ['rsi(14)']],
    ['macd(12,26,9)', ['macd(12,26,9).line', 'macd(12,26,9).signal']],
  ]);
});
