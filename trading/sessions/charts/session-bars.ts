import { sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import { longerBars } from '../../../features/columns/longer-bars.ts';
import { TIMEFRAMES, timeframeMs } from '../../../features/timeframe.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { ChartRange } from '../../../pipelines/charts/chart-bars.ts';
import { requireSymbol } from '../operators/rows-output.ts';
import { sessionBarColumns } from '../session-bar-store.ts';
import type { ListedSession } from '../session-store.ts';

/** Bars of a session that one answer is made of at most. */
export const SESSION_BARS_MAX = 200_000;

/** Bars that tell the timeframe: the last of a day may be cut short. */
const LOOK_BARS = 20;

/** Bars of one symbol as a session was given them live. */
export interface SessionBarsFound {
  readonly timeframe: string;
  readonly bars: BarColumns;
  readonly more: boolean;
}

/**
 * Bars of a symbol that a session was given live; a longer timeframe is made of them, of closed bars in UTC.
 * @throws InputError for a symbol that it does not trade, a shorter timeframe, and where no bars were recorded
 */
export async function sessionBars(
  { pool }: Pick<Database, 'pool'>,
  session: ListedSession,
  asked: { readonly symbol: string; readonly timeframe?: string | undefined },
  { fromMs = -Infinity, toMs = Infinity, limit, last }: ChartRange,
): Promise<SessionBarsFound> {
  requireSymbol(session, asked.symbol);
  const wanted = { name: asked.symbol, symbol: session.symbols.indexOf(asked.symbol) };
  const read = (range: { fromMs: number; toMs: number; limit: number; last: boolean }): Promise<BarColumns> =>
    sessionBarColumns(pool, session.id, { ...wanted, ...range });
  const own = ownTimeframe(await read({ fromMs: -Infinity, toMs: Infinity, limit: LOOK_BARS, last: true }), session);
  const timeframe = asked.timeframe ?? own;
  const ratio = Math.ceil(timeframeMs(timeframe)! / timeframeMs(own)!);
  if (timeframeMs(timeframe)! < timeframeMs(own)!) {
    throw new InputError(`timeframe: bars of session "${session.id}" are of ${own}.`, 'Ask for those, or longer ones.');
  }
  const count = ratio === 1 ? limit + 1 : Math.min(SESSION_BARS_MAX, (limit + 2) * ratio);
  const stored = await read({ fromMs, toMs, limit: count, last });
  const isFull = stored.length === count;
  const made = ratio === 1 ? stored : longerBars(stored, timeframeMs(timeframe)!, null).bars;
  // One that began before what was read is not whole.
  const isCut = ratio > 1 && isFull && last;
  const whole = sliceBarColumns(made, isCut ? 1 : 0, made.length);
  const extra = Math.max(0, whole.length - limit);
  const bars = last ? sliceBarColumns(whole, extra, whole.length) : sliceBarColumns(whole, 0, whole.length - extra);
  return { timeframe, bars, more: extra > 0 || (ratio > 1 && isFull) };
}

function ownTimeframe(bars: BarColumns, { id }: ListedSession): string {
  if (bars.length === 0) {
    throw new InputError(
      `There are no bars on record of session "${id}": those of a replay are not kept with it.`,
      'GET /api/v1/historical/SYMBOL has those of the store.',
    );
  }
  const spanMs = bars.closeTimeMs.reduce((most, closeMs, row) => Math.max(most, closeMs - bars.openTimeMs[row]!), 0);
  // A day of an exchange is shorter than a day.
  if (spanMs > timeframeMs('4h')) return '1d';
  return [...TIMEFRAMES].reverse().find((one) => timeframeMs(one) <= spanMs) ?? '1m';
}
