import type { CommandContext } from '../../infra/command.ts';
import { keptReports, namedReport } from '../../trading/results/kept-reports.ts';
import type { RunCurves } from '../report/run-curves.ts';
import { drawdownSeries } from '../statistics/drawdown.ts';
import { thinned } from '../statistics/thinned.ts';
import { readCurves, readKeptRun, runRows } from './kept-run.ts';

/** A page draws that many in a moment; of more, the lowest and highest of each stretch are kept. */
const POINTS_MAX = 120_000;

/** Curves of a run by columns: one value for each mark, in order of time. Drawdowns are fractions at or below 0. */
export interface RunChart {
  readonly id: string;
  readonly currency: string | null;
  /** Marks of the run; more than there are points where these were thinned. */
  readonly marks: number;
  readonly timeMs: readonly number[];
  readonly equity: readonly number[];
  readonly drawdown: readonly number[];
  /** Benchmarks and months; null where an earlier version did not keep them. */
  readonly buyAndHold: readonly number[] | null;
  readonly buyAndHoldDrawdown: readonly number[] | null;
  readonly sameExposure: readonly number[] | null;
  readonly months: RunCurves['months'] | null;
}

/**
 * What is drawn of a kept run, `latest` among them. Drawdowns are those of all marks, also where fewer are drawn.
 * @throws InputError for one that there is not, and for a search, which has no equity
 */
export function runChart({ config }: Pick<CommandContext, 'config'>, id: string): RunChart {
  const run = readKeptRun(namedReport(keptReports(config.dataDir), id));
  const timeMs: number[] = [];
  const equity: number[] = [];
  for (const [time, value] of runRows(run, 'equity')) {
    timeMs.push(Date.parse(time));
    equity.push(value);
  }
  const kept = readCurves(run);
  const curves = kept?.buyAndHold.length === equity.length ? kept : null;
  const points = thinned(equity, POINTS_MAX);
  const at = (values: ArrayLike<number>): number[] => points.map((mark) => values[mark]!);
  const fallsOf = (values: ArrayLike<number>): number[] =>
    at(drawdownSeries(values)).map((fall) => Number(fall.toFixed(6)));
  return {
    ...{ id: run.id, currency: run.record?.currency ?? null, marks: equity.length },
    ...{ timeMs: at(timeMs), equity: at(equity), drawdown: fallsOf(equity) },
    buyAndHold: curves === null ? null : at(curves.buyAndHold),
    buyAndHoldDrawdown: curves === null ? null : fallsOf(curves.buyAndHold),
    sameExposure: curves?.sameExposure === undefined || curves.sameExposure === null ? null : at(curves.sameExposure),
    months: kept?.months ?? null,
  };
}
