import { expect, it } from 'vitest';
import { GREATEST_MAGNITUDE, LEAST_MAGNITUDE } from '../../features/bar.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { impossibleBar } from '../sources/files/bar-collector.ts';
import { plantedBars } from '../sources/made-up/planted-bars.ts';
import { impossiblePrices } from './impossible-prices.ts';

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
type Change = Partial<Record<(typeof FIELDS)[number], number>>;

/** What the check says of clean bars of which one is changed, and what the reader of files says of that bar. */
function judge(change: Change): { check: string[]; reader: string | undefined } {
  const bars = plantedBars({ bars: 9, seed: 3 });
  for (const field of FIELDS) bars[field][4] = change[field] ?? bars[field][4]!;
  const messages: string[] = [];
  const context = { calendar: calendarNamed('none'), timeframe: '1d', assetClass: 'equity' } as const;
  const check = impossiblePrices.create(context, ({ message }) => messages.push(message));
  check.inspect(bars);
  check.finish();
  const [open, high, low, close, volume] = FIELDS.map((field) => bars[field][4]!) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { check: messages, reader: impossibleBar({ open, high, low, close, volume }) };
}

const flat = (price: number): Change => ({ open: price, high: price, low: price, close: price });

it.each<[string, Change]>([
  ['the least price', flat(LEAST_MAGNITUDE)],
  ['the greatest price', flat(GREATEST_MAGNITUDE)],
  ['the least volume', { volume: LEAST_MAGNITUDE }],
  ['the greatest volume', { volume: GREATEST_MAGNITUDE }],
  ['no volume', { volume: 0 }],
])('%s passes both', (_what, change) => {
  expect(judge(change)).toEqual({ check: [], reader: undefined });
});

it.each<[string, Change]>([
  ['a price below the least', { low: LEAST_MAGNITUDE * 0.99 }],
  ['a price above the greatest', { high: GREATEST_MAGNITUDE * 1.01 }],
  ['a volume below the least', { volume: LEAST_MAGNITUDE * 0.99 }],
  ['a volume above the greatest', { volume: GREATEST_MAGNITUDE * 1.01 }],
  ['a price of zero', { low: 0 }],
])('%s passes neither', (_what, change) => {
  const { check, reader } = judge(change);
  expect(check).toHaveLength(1);
  expect(reader).toBeDefined();
});

it('leaves what is no number to its own check', () => {
  for (const value of [NaN, Infinity]) expect(judge({ high: value }).check).toEqual([]);
});
