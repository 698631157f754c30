import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { SignalboxError } from '../../infra/errors.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { keptReports, type KeptReport } from '../../trading/results/kept-reports.ts';
import { rowLimit } from '../../trading/results/rows-source.ts';
import { minuteText, stateOf } from '../../trading/sessions/operators/chosen-session.ts';
import { listSessions, type ListedSession } from '../../trading/sessions/session-store.ts';
import { decimal, percent } from '../number-format.ts';
import { parseDate } from '../../pipelines/commands/command-options.ts';
import { kindOf, readListedRun } from './kept-run.ts';

/** Options of `runs list`. */
export interface RunsAsked {
  readonly all?: boolean;
  readonly experiment?: string | undefined;
  readonly limit?: string;
  /** `experiment`, `rules`, `walk-forward`, `search`, or that of a session. */
  readonly kind?: string | undefined;
  readonly verdict?: string | undefined;
  /** Days, both included, on which it was made. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  /** False: kept runs alone. */
  readonly sessions?: boolean;
}

/** A run or session as it is listed; what is not known of one is null. */
interface ListedRun {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly made: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly bars: number | null;
  readonly totalReturn: number | null;
  readonly sharpe: number | null;
  readonly maxDrawdown: number | null;
  readonly trades: number | null;
  readonly verdict: string | null;
  readonly deflatedSharpe: number | null;
  readonly trials: number | null;
}

/**
 * `runs list`: kept reports and sessions that traded (`--all`: backtest sessions too), the newest first. @throws
 * InputError for a limit or a day that is none
 */
export async function runsOutput(context: CommandContext, asked: RunsAsked): Promise<CommandOutput> {
  const limit = rowLimit(asked.limit, Infinity);
  const isAsked = fitsOf(asked);
  const sessions =
    asked.sessions === false
      ? []
      : await listSessions((await context.database()).pool, { backtests: asked.all === true });
  const unread: string[] = [];
  const runs = keptReports(context.config.dataDir).flatMap((report) => listedReport(report, unread));
  const all = [...runs, ...sessions.map(listedSession)]
    .filter(isAsked)
    .sort((a, b) => (a.made < b.made ? 1 : a.made > b.made ? -1 : 0));
  const listed = all.slice(0, limit);
  const more = all.length - listed.length;
  return {
    value: { runs: listed, more, unread },
    text: () => [listed.length === 0 ? noRun(asked) : tableOf(listed), ...moreLines(more), ...unread].join('\n'),
  };
}

/** What is asked for, as a question to each. */
function fitsOf({ experiment, kind, verdict, since, until }: RunsAsked): (run: ListedRun) => boolean {
  const from = parseDate(since, 'since');
  const to = parseDate(until, 'until');
  return (run) =>
    (experiment === undefined || run.name === experiment) &&
    (kind === undefined || run.kind === kind) &&
    (verdict === undefined || run.verdict === verdict) &&
    (from === undefined || run.made.slice(0, 10) >= from) &&
    (to === undefined || run.made.slice(0, 10) <= to);
}

function noRun({ experiment, kind, verdict, since, until }: RunsAsked): string {
  if ((kind ?? verdict ?? since ?? until) !== undefined) {
    return 'There is no such run. signalbox runs list without options shows what there is.';
  }
  if (experiment !== undefined) return `There is no run of ${experiment}. signalbox runs list shows what there is.`;
  return 'There is no run yet. Make one: signalbox run EXPERIMENT, or paper EXPERIMENT.';
}

const moreLines = (more: number): string[] => (more === 0 ? [] : [`There are ${more} more: --limit N shows more.`]);

/** A report whose result cannot be read is told of beside the others, and hides none of them. */
function listedReport(report: KeptReport, unread: string[]): ListedRun[] {
  try {
    const run = readListedRun(report);
    const { experiment, strategy, from, to, bars, totalReturn, sharpe, maxDrawdown, trades, verdict } = run.summary;
    const { deflatedSharpe = null, trials = null } = run.summary;
    const figures = { totalReturn: totalReturn ?? null, sharpe: sharpe ?? null, maxDrawdown: maxDrawdown ?? null };
    const isSearch = kindOf(run) === 'search';
    return [
      {
        ...{ id: run.id, kind: kindOf(run), name: experiment ?? strategy, made: run.keptAt.toISOString() },
        ...{ from, to, bars, ...figures, trades: isSearch ? null : (trades ?? null), verdict },
        ...{ deflatedSharpe, trials },
      },
    ];
  } catch (error) {
    if (!(error instanceof SignalboxError)) throw error;
    unread.push(`${report.id}: ${error.message} ${error.remedy ?? ''}`.trimEnd());
    return [];
  }
}

function listedSession(session: ListedSession): ListedRun {
  const { id, kind, experiment, startedAt, lastClose, equity, capital } = session;
  return {
    ...{ id, kind: `${kind} session`, name: experiment, made: startedAt.toISOString() },
    ...{ from: null, to: lastClose?.toISOString() ?? null, bars: null },
    totalReturn: equity === null ? null : equity / capital - 1,
    ...{ sharpe: null, maxDrawdown: null, trades: null, verdict: stateOf(session) },
    ...{ deflatedSharpe: null, trials: null },
  };
}

function tableOf(runs: readonly ListedRun[]): string {
  const day = (time: string | null): string | null => time?.slice(0, 10) ?? null;
  return plainTable(
    [
      ...['run or session', 'kind', 'name', 'made (UTC)', 'from', 'to'],
      ...['bars', 'return', 'Sharpe', 'drawdown', 'trades'].map((number) => ({ number })),
      'verdict or state',
    ],
    runs.map((run) => [
      ...[run.id, run.kind, run.name, minuteText(new Date(run.made)), day(run.from), day(run.to)],
      run.bars === null ? null : decimal(run.bars, 0),
      run.totalReturn === null ? null : percent(run.totalReturn),
      run.sharpe === null ? null : decimal(run.sharpe),
      run.maxDrawdown === null ? null : percent(run.maxDrawdown),
      run.trades === null ? null : decimal(run.trades, 0),
      run.verdict,
    ]),
  );
}
