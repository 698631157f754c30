import type { Fill, Order, Signal } from '../service/shapes.ts';
import { rowBefore } from './bar-columns.ts';

/** Something that happened at a bar. */
export interface Mark {
  /** Open of the bar, in milliseconds. */
  readonly time: number;
  /** When it was, as the record has it. */
  readonly at: string;
  readonly kind: 'signal' | 'refused' | 'entry' | 'exit';
  readonly side: 'buy' | 'sell';
  readonly words: string;
}

interface Happened {
  readonly signals: readonly Signal[];
  /** The newest first, without a gap up to now. */
  readonly fills: readonly Fill[];
  /** Units that are held now. */
  readonly held: number;
}

/** Signals and fills at their bars, in the order of time. What lies before the first bar is left out. */
export function marksOf({ signals, fills, held }: Happened, time: readonly number[]): Mark[] {
  const last = time.at(-1) ?? NaN;
  // What came after the last bar that is drawn is of no bar here.
  const endMs = last + (last - (time.at(-2) ?? last));
  const at = (moment: string): number | undefined => {
    const atMs = Date.parse(moment);
    return atMs <= endMs ? time[rowBefore(time, atMs)] : undefined;
  };
  const marks: Mark[] = [];
  for (const { time: moment, action, refused, reason } of signals) {
    const bar = at(moment);
    if (bar === undefined) continue;
    const side = action === 'BUY' ? 'buy' : 'sell';
    const words = refused === null ? reason : `${reason}; refused: ${refused}`;
    marks.push({ time: bar, at: moment, kind: refused === null ? 'signal' : 'refused', side, words });
  }
  let after = held;
  for (const { time: moment, quantity, price, takesBack } of fills) {
    const before = after - (takesBack ? -quantity : quantity);
    const bar = at(moment);
    if (bar !== undefined && !takesBack) {
      const kind = Math.abs(after) > Math.abs(before) ? 'entry' : 'exit';
      const side = quantity > 0 ? 'buy' : 'sell';
      const words = `${kind === 'entry' ? 'Entry' : 'Exit'}: ${side} ${Math.abs(quantity)} at ${price}`;
      marks.push({ time: bar, at: moment, kind, side, words });
    }
    after = before;
  }
  return marks.sort((a, b) => a.time - b.time || Date.parse(a.at) - Date.parse(b.at));
}

/** Without signals that say the same as the one before: a model that holds on says so at every bar. */
export function turnsOf(marks: readonly Mark[]): Mark[] {
  let said = '';
  return marks.filter(({ kind, side }) => {
    if (kind === 'entry' || kind === 'exit') return true;
    const isNews = `${kind} ${side}` !== said;
    said = `${kind} ${side}`;
    return isNews;
  });
}

/** A price that something waits at. */
export interface PriceLevel {
  readonly price: number;
  readonly title: string;
  readonly tone: 'good' | 'bad' | 'plain';
}

const TITLES: Readonly<Record<string, string>> = {
  'stop-loss': 'Stop',
  'take-profit': 'Target',
  'trailing-stop': 'Trailing stop, as placed',
};

/** Where orders that work wait, and what the position cost on average. */
export function levelsOf(orders: readonly Order[], averagePrice: number | null): PriceLevel[] {
  const levels = orders.flatMap(({ role, side, type, currentTrigger, currentLimit }): PriceLevel[] => {
    const price = currentTrigger ?? currentLimit;
    if (price === null) return [];
    const title = TITLES[role ?? ''] ?? `${side} ${type}`;
    return [{ price, title, tone: role === 'take-profit' ? 'good' : role === 'order' ? 'plain' : 'bad' }];
  });
  return averagePrice === null ? levels : [...levels, { price: averagePrice, title: 'Average', tone: 'plain' }];
}
