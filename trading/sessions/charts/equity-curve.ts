import { timeframeMs } from '../../../features/timeframe.ts';
import { thinnedRows } from '../../../infra/charts/thinned-rows.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { closesAt } from '../../../pipelines/bars/bar-row-store.ts';
import { listSeries } from '../../../pipelines/bars/bar-series-store.ts';
import { readPointColumns } from '../monitor/account-store.ts';
import { daysOfBars, sessionClosesAt } from '../session-bar-store.ts';
import type { ListedSession } from '../session-store.ts';

/** More symbols would be as many looks for a price at every point. */
const BENCHMARK_SYMBOLS_MAX = 50;

/** The account of a session over time, as columns of equal length. */
export interface EquityCurve {
  readonly capital: number;
  /** Moments of the market, in milliseconds. */
  readonly time: readonly number[];
  readonly equity: readonly number[];
  /** Fraction below the highest equity so far, or the capital: 0 or less. */
  readonly drawdown: readonly number[];
  /** Sum of absolute positions. */
  readonly gross: readonly number[];
  /** The capital in equal parts in each symbol from the first point on, each in its own currency; null: see why. */
  readonly benchmark: readonly number[] | null;
  readonly benchmarkWhyNot: string | null;
  /** Of all points in the span. */
  readonly maxDrawdown: number | null;
  readonly points: number;
  /** Not all points are among these: of each stretch the extremes are. */
  readonly thinned: boolean;
}

interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  /** Rows at most. */
  readonly points: number;
}

/**
 * Equity and drawdown of a session as its books had them minute by minute, beside what its symbols would have made of
 * the capital by themselves. Drawdowns are against all that was before, not only what is shown.
 */
export async function equityCurve(
  database: Pick<Database, 'pool'>,
  session: ListedSession,
  { fromMs, toMs, points }: Span,
): Promise<EquityCurve> {
  const { capital } = session;
  const all = await readPointColumns(database.pool, session.id, toMs);
  let peak = capital;
  const drawdowns = all.equity.map((equity) => {
    peak = Math.max(peak, equity);
    return peak > 0 ? Math.min(0, equity / peak - 1) : 0;
  });
  const after = all.timeMs.findIndex((timeMs) => timeMs >= fromMs);
  const first = after < 0 ? all.timeMs.length : after;
  const [equity, drawdown] = [all.equity.slice(first), drawdowns.slice(first)];
  const kept = thinnedRows([equity, drawdown], points);
  const time = kept.map((row) => all.timeMs[first + row]!);
  const benchmark = await benchmarkOf(database, session, time, all.timeMs[0]);
  return {
    capital,
    time,
    equity: kept.map((row) => equity[row]!),
    drawdown: kept.map((row) => drawdown[row]!),
    gross: kept.map((row) => all.gross[first + row]!),
    ...benchmark,
    maxDrawdown: drawdown.length === 0 ? null : drawdown.reduce((least, one) => Math.min(least, one), 0),
    points: equity.length,
    thinned: kept.length < equity.length,
  };
}

type Benchmark = Pick<EquityCurve, 'benchmark' | 'benchmarkWhyNot'>;
const without = (why: string): Benchmark => ({ benchmark: null, benchmarkWhyNot: why });

async function benchmarkOf(
  database: Pick<Database, 'pool'>,
  session: ListedSession,
  times: readonly number[],
  startMs: number | undefined,
): Promise<Benchmark> {
  const { symbols, capital } = session;
  if (startMs === undefined) return without('Nothing is on record yet.');
  if (symbols.length > BENCHMARK_SYMBOLS_MAX) {
    return without(
      `It trades ${symbols.length} symbols: buy and hold is reckoned of ${BENCHMARK_SYMBOLS_MAX} at most.`,
    );
  }
  const closesOf = await pricesOf(database, session, [startMs, ...times]);
  if (typeof closesOf === 'string') return without(closesOf);
  const growth = times.map(() => 0);
  for (const symbol of symbols.keys()) {
    const [begun, ...closes] = await closesOf(symbol);
    // Held as cash until it has a price.
    let price = begun ?? null;
    closes.forEach((close, row) => {
      price ??= close;
      growth[row]! += close === null || price === null ? 1 : close / price;
    });
  }
  return { benchmark: growth.map((sum) => (capital * sum) / symbols.length), benchmarkWhyNot: null };
}

type ClosesOf = (symbol: number) => Promise<(number | null)[]>;

/** Closes of each symbol at some moments: of the bars that the session was given, or else of the store. */
async function pricesOf(
  { pool }: Pick<Database, 'pool'>,
  { id, symbols }: ListedSession,
  times: readonly number[],
): Promise<ClosesOf | string> {
  if ((await daysOfBars(pool, [id])) > 0) return (symbol) => sessionClosesAt(pool, id, symbol, times);
  const all = await listSeries(pool);
  const chosen = symbols.map((symbol) => {
    const serving = all.filter((one) => one.symbol === symbol && one.firstOpenMs <= times[0]!);
    return serving.sort((a, b) => timeframeMs(a.timeframe) - timeframeMs(b.timeframe))[0];
  });
  const lacking = symbols.filter((_, at) => chosen[at] === undefined);
  if (lacking.length > 0) {
    return `No bars of ${lacking.slice(0, 3).join(', ')} from its beginning on are stored: signalbox ingest brings them.`;
  }
  return (symbol) => closesAt(pool, chosen[symbol]!.id, times);
}
