import { InputError } from '../../infra/errors.ts';
import type { BarLayout } from './bar-layout.ts';
import { TIME_FORMATS, type ReadTime } from './time-format.ts';

const SCRATCH: ReadTime = { localMs: 0, offsetMinutes: NaN };
/** An epoch in any unit since 1980; shorter numbers may be anything. */
const EPOCH = /^\d{9,19}(\.\d+)?$/;
const CLOCK = /^\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s*[ap]m)?$|^\d{4}$|^\d{6}$/i;
const PRICE = /^[\s$€£¥₹]*\d[\d\s.,'’]*$/;
const SYMBOL = /^[A-Za-z][\w./=^-]{0,29}$/;

/** Whether a cell looks like a time, in any of the ways that files write them. */
export function isTimeText(cell: string): boolean {
  const text = cell.trim();
  return EPOCH.test(text) || TIME_FORMATS.some((format) => format.read(text, SCRATCH));
}

const NUMBER_MARKS = /[^\d.,]/g;
/** For comparing cells of one row: their common way to write numbers matters little. */
const roughly = (cell: string): number => {
  const text = cell.replace(NUMBER_MARKS, '');
  return Number(
    /,\d*$/.test(text) && !/,\d{3}$/.test(text) ? text.replace('.', '').replace(',', '.') : text.replaceAll(',', ''),
  );
};

/** Share of rows whose second price is the greatest and third the least. */
function ordered(rows: readonly (readonly string[])[], at: number): number {
  const fitting = rows.filter((row) => {
    const prices = [0, 1, 2, 3].map((i) => roughly(row[at + i]!));
    return prices[1] === Math.max(...prices) && prices[2] === Math.min(...prices);
  });
  return fitting.length / rows.length;
}

/**
 * The columns of rows without a header: time, or date and time of day, then open, high, low, close and volume, perhaps
 * after a symbol, as MetaTrader, Binance and others write them. Undefined for rows that are no such bars. Throws
 * InputError where there are four prices in another order: which one is the open then nobody can tell.
 */
export function headlessLayout(seen: readonly (readonly string[])[], path: string): BarLayout | undefined {
  const [first] = seen;
  if (first === undefined) return undefined;
  const rows = seen.filter(({ length }) => length === first.length);
  if (rows.length < 0.9 * seen.length) return undefined;
  const symbol = !isTimeText(first[0]!) && SYMBOL.test(first[0]!.trim()) && isTimeText(first[1]!) ? 0 : -1;
  const timeAt = symbol + 1;
  if (!rows.every((row) => isTimeText(row[timeAt]!))) return undefined;
  const apart =
    !/[:T]|^\d{9,}$/.test(first[timeAt]!.trim()) && rows.every((row) => CLOCK.test((row[timeAt + 1] ?? '').trim()));
  const isClock = apart && (rows.every((row) => row[timeAt + 1]!.includes(':')) || first.length - timeAt >= 7);
  const at = timeAt + (isClock ? 2 : 1);
  if (first.length < at + 4 || !rows.every((row) => row.slice(at, at + 4).every((cell) => PRICE.test(cell))))
    return undefined;
  if (ordered(rows, at) < 0.9) {
    throw new InputError(
      `${path}: the file has no header, and its columns are not open, high, low, close in this order.`,
      'Say which is which: --columns time=0,open=1,high=2,low=3,close=4,volume=5.',
    );
  }
  const hasVolume = first.length > at + 4 && rows.every((row) => PRICE.test(row[at + 4]!));
  const series = { symbol: null, open: at, high: at + 1, low: at + 2, close: at + 3, volume: hasVolume ? at + 4 : -1 };
  return { time: isClock ? [timeAt, timeAt + 1] : [timeAt], symbol, series: [series] };
}
