import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { openBook } from '../books/open-book.ts';
import type { BookReplica } from '../books/book-replica.ts';
import type { BookSide, Level } from '../books/book-side.ts';
import { systemVendorAccess, type VendorAccess } from '../vendors/vendor-access.ts';

export interface BookCommandOptions {
  readonly levels: string;
  readonly units?: string;
}

const LEVELS_MAX = 5_000;

/** `book SYMBOL`: the order book of a symbol as soon as it is live, and what an order of `--units` would cost in it. */
export async function runBook(
  context: Pick<CommandContext, 'config' | 'signal' | 'progress'>,
  options: BookCommandOptions,
  symbol: string,
  access: VendorAccess = systemVendorAccess(context.config.vendors),
): Promise<CommandOutput> {
  const levels = numberOf('--levels', options.levels);
  if (!Number.isInteger(levels) || levels > LEVELS_MAX) {
    throw new InputError(`--levels ${options.levels} is no whole number from 1 to ${LEVELS_MAX}.`, 'Correct it.');
  }
  const units = options.units === undefined ? null : numberOf('--units', options.units);
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const note = (text: string): void => context.progress.note(text);
  try {
    for await (const book of openBook(symbol, { access, note, signal })) {
      if (!book.isLive) continue;
      const value = shownBook(symbol, book, { levels, units });
      return { value, text: () => bookText(value) };
    }
    throw new InputError('It was stopped before the book was there.', 'Run it again.');
  } finally {
    stop.abort();
  }
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  throw new InputError(`${option} ${text} is no number above 0.`, 'Correct it.');
}

/** What an order at the next price would be executed at; `known` units are all that the book is known to hold. */
interface Cost {
  readonly units: number;
  readonly known: number;
  readonly price: number | null;
}

interface ShownBook {
  readonly symbol: string;
  readonly update: number | null;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly buy: Cost | null;
  readonly sell: Cost | null;
}

function shownBook(
  symbol: string,
  { bids, asks, last }: BookReplica,
  { levels, units }: { readonly levels: number; readonly units: number | null },
): ShownBook {
  const cost = (side: BookSide): Cost | null => {
    if (units === null) return null;
    const { units: known, price } = side.sweep(units);
    return { units, known, price: known < units ? null : price };
  };
  const best = (side: BookSide): Level[] =>
    Array.from({ length: Math.min(levels, side.length) }, (_, place) => side.level(place)!);
  return { symbol, update: last, bids: best(bids), asks: best(asks), buy: cost(asks), sell: cost(bids) };
}

function bookText({ symbol, update, bids, asks, buy, sell }: ShownBook): string {
  const rows = Array.from({ length: Math.max(bids.length, asks.length) }, (_, place) => {
    const [bid, ask] = [bids[place], asks[place]];
    return `${cell(bid?.[1])} ${cell(bid?.[0])} | ${cell(ask?.[0], true)} ${cell(ask?.[1], true)}`.trimEnd();
  });
  const costs = Object.entries({ buy, sell }).flatMap(([what, cost]) => (cost === null ? [] : [costText(what, cost)]));
  const head = `${symbol}, update ${update ?? '-'}`;
  return [head, `${cell('size')} ${cell('bid')} | ${cell('ask', true)} size`, ...rows, ...costs].join('\n');
}

const cell = (value: number | string | undefined, isLeft = false): string =>
  isLeft ? String(value ?? '').padEnd(14) : String(value ?? '').padStart(14);

function costText(what: string, { units, known, price }: Cost): string {
  if (price === null) return `${what} ${units}: not known; the book is known to hold ${known}`;
  return `${what} ${units}: ${Number(price.toPrecision(12))} on average`;
}
