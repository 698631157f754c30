import { quantile } from '../../../models/scores/block-bootstrap.ts';
import type { SessionResult } from '../../../trading/session-result.ts';
import { isoTime } from '../../statistics/performance.ts';
import { thinned } from '../../statistics/thinned.ts';

/** Shares of the paths that lie below the lines of a fan. */
export const FAN_QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const;

/** Points that a fan is kept with: as wide as it is drawn. */
const POINTS_MAX = 260;

/** The equity of all reconstructed paths over the same marks, beside that of the chosen one. */
export interface PathFan {
  readonly times: readonly string[];
  /** Equity by quantile over the paths, in the order of `FAN_QUANTILES`, one value per time each. */
  readonly bands: readonly (readonly number[])[];
  /** Equity of the path that everything else of the result is of. */
  readonly chosen: readonly number[];
  /** Share of the paths that end below their capital, and below buy-and-hold of the same average exposure. */
  readonly losing: number;
  readonly belowBenchmark: number | null;
  /** Share of the paths that end lower than the chosen one. */
  readonly belowChosen: number;
}

/** A path's session with what it had in excess a year; null where that could not be computed. */
export interface TradedPath {
  readonly session: Pick<SessionResult, 'timeMs' | 'equity'>;
  readonly initialCapital: number;
  readonly excessReturn: number | null;
}

/**
 * The fan of reconstructed paths, the first of them the chosen one. Paths begin with their own first prediction: marks
 * before that are of capital that waits. Null for fewer than two.
 */
export function pathFan(paths: readonly TradedPath[]): PathFan | null {
  const [chosen] = paths;
  if (chosen === undefined || paths.length < 2) return null;
  const { timeMs, equity } = chosen.session;
  const points = thinned(equity, POINTS_MAX);
  const columns = paths.map((path) => equityAt(path, points, timeMs));
  const sorted = points.map((_, point) => Float64Array.from(columns, (column) => column[point]!).sort());
  const end = (path: TradedPath): number => path.session.equity.at(-1)!;
  const share = (is: (path: TradedPath) => boolean, of = paths): number => of.filter(is).length / of.length;
  const benchmarked = paths.filter(({ excessReturn }) => excessReturn !== null);
  return {
    times: points.map((point) => isoTime(timeMs[point]!)),
    bands: FAN_QUANTILES.map((q) => sorted.map((values) => quantile(values, q))),
    chosen: [...columns[0]!],
    losing: share((path) => end(path) < path.initialCapital),
    belowBenchmark: benchmarked.length === 0 ? null : share(({ excessReturn }) => excessReturn! < 0, benchmarked),
    belowChosen: share((path) => end(path) < end(chosen)),
  };
}

/** The equity of a path at marks of the chosen one: its last one at or before each. */
function equityAt(
  { session, initialCapital }: TradedPath,
  points: readonly number[],
  timeMs: Float64Array,
): Float64Array {
  let mark = -1;
  return Float64Array.from(points, (point) => {
    while (mark + 1 < session.timeMs.length && session.timeMs[mark + 1]! <= timeMs[point]!) mark++;
    return mark < 0 ? initialCapital : session.equity[mark]!;
  });
}
