import { basename, dirname } from 'node:path';
import { stringify } from 'yaml';
import { InputError } from '../../infra/errors.ts';
import { hashOf } from '../../infra/hash.ts';
import { systemClock } from '../../infra/clock.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { readActions } from '../../pipelines/adjustments/action-store.ts';
import { actionsOfMode } from '../../pipelines/adjustments/corporate-action.ts';
import { readBars } from '../../pipelines/bars/bar-store.ts';
import { listSeries, type StoredSeries } from '../../pipelines/bars/bar-series-store.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { marketDays } from '../../pipelines/calendars/market-days.ts';
import { marketHours } from '../../pipelines/calendars/market-hours.ts';
import { createSizer, type SizingRule } from '../../trading/risk/sizing.ts';
import { actionsFrom } from '../../trading/sessions/session-rules.ts';
import { OPEN_SIGNAL_RULES } from '../../trading/signals/signal-validator.ts';
import { allocateStrategies } from '../../trading/strategies/allocated/allocate-strategies.ts';
import { createRuleStrategy } from '../../trading/strategies/rule-strategies.ts';
import type { Strategy } from '../../trading/strategies/strategy.ts';
import { keepReport } from '../report/keep-report.ts';
import { renderReport } from '../report/render-report.ts';
import { runCurves } from '../report/run-curves.ts';
import { runRecord } from '../report/run-record.ts';
import type { ReportInput } from '../report/report-input.ts';
import { toldWords } from '../report/told-words.ts';
import { ruleBacktest } from '../run/rule-backtest.ts';
import { resolveLimits } from '../run/session-options.ts';
import type { BacktestRequest } from './backtest-request.ts';

const DAY_SECONDS = 24 * 3_600;
const SEED = 1;

/**
 * What was asked for, over bars of the store, as `backtest --json` has it, and the id of the run that is kept of it.
 * One strategy that has the whole account trades all of it; several have their parts, of which each symbol is given an
 * equal share.
 * @throws InputError for bars that there are not, and for strategies and parameters that do not fit
 */
export async function requestedBacktest(
  database: Database,
  dataDir: string,
  asked: BacktestRequest,
): Promise<{ readonly result: object; readonly run: string }> {
  const strategies = asked.strategies.filter(({ enabled }) => enabled);
  const series = await chosenSeries(database, asked.symbols);
  const calendar = calendarNamed(series[0]!.calendar);
  const ids = series.map(({ id }) => id);
  const toMs = Date.parse(asked.endDate) + DAY_SECONDS * 1_000;
  const bars = await readBars(database, ids, { fromMs: Date.parse(asked.startDate), toMs });
  const empty = bars.find(({ length }) => length === 0);
  if (empty !== undefined) {
    throw new InputError(`There are no bars of ${empty.symbol} from ${asked.startDate} to ${asked.endDate}.`);
  }
  const recorded = (await readActions(database.pool, ids)).map((list) => actionsOfMode(list, 'splits-and-dividends'));
  const alone =
    strategies.length === 1 && strategies[0]!.allocation === 1 && strategies[0]!.symbols.length === bars.length;
  const sizing: SizingRule = alone ? { kind: 'all-in' } : { kind: 'fraction-of-equity', fraction: 1 / bars.length };
  const { result, evaluation, analysis } = ruleBacktest({
    bars,
    calendar,
    strategy: alone ? ruleOf(strategies[0]!) : allocated(strategies, { bars: bars.length, sizing, calendar }),
    sizing,
    longShort: false,
    limits: resolveLimits(undefined, []),
    costs: {},
    capital: asked.initialCapital,
    seed: SEED,
    actions: actionsFrom(recorded, bars),
  });
  const { source, origin, timeframe } = series[0]!;
  const taken = { symbols: asked.symbols, source, origin, timeframe, calendar: calendar.name };
  const document = { ...result, ...toldWords(evaluation.session), taken };
  const run = await keptRun(dataDir, { asked, series, document, report: { result, evaluation, analysis } });
  return { result: document, run };
}

interface DoneBacktest {
  readonly asked: BacktestRequest;
  readonly series: readonly StoredSeries[];
  readonly document: object;
  readonly report: Pick<ReportInput, 'result' | 'evaluation' | 'analysis'>;
}

/** Keeps the report of it beside those of commands. The same backtest over the same bars is kept once. */
async function keptRun(dataDir: string, { asked, series, document, report }: DoneBacktest): Promise<string> {
  const names = asked.strategies.filter(({ enabled }) => enabled).map(({ name }) => name);
  const { source, sourceStatement, timeframe } = series[0]!;
  const input: ReportInput = {
    ...{ title: names.join(', '), description: '', ...report, costs: {}, currency: 'USD' },
    data: {
      ...{ title: asked.symbols.join(', '), statement: sourceStatement, url: null, timeframe },
      simulated: source === 'simulated',
    },
    ...{ source: stringify(asked), identification: [], writtenAtMs: null },
  };
  const name = `rules-${names[0]!.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 60)}-${hashOf(asked).slice(0, 8)}`;
  const path = await keepReport({
    ...{ dataDir, name, html: await renderReport(input), result: JSON.stringify(document) },
    record: runRecord(input, { kind: 'rules', madeAtMs: systemClock() }),
    curves: runCurves(report.evaluation),
  });
  return basename(dirname(path));
}

type Asked = BacktestRequest['strategies'][number];

function ruleOf({ id, parameters }: Asked): Strategy {
  return createRuleStrategy(id, parameters);
}

function allocated(
  strategies: readonly Asked[],
  { bars, sizing, calendar }: { bars: number; sizing: SizingRule; calendar: ReturnType<typeof calendarNamed> },
): Strategy {
  return allocateStrategies({
    strategies: strategies.map((one) => ({
      name: one.name,
      strategy: ruleOf(one),
      allocation: one.allocation,
      symbols: one.symbols,
      limits: { positionFraction: 1, exposureFraction: 1 },
    })),
    sizer: () => createSizer(sizing, { symbols: bars, barsPerYear: 252 }),
    rules: OPEN_SIGNAL_RULES,
    dayOf: marketDays(calendar).dayOf,
    rebalanced: 'never',
    hours: marketHours(calendar),
  });
}

/** One series of each symbol, all of one size and calendar: that of the first symbol's that goes furthest. */
async function chosenSeries({ pool }: Pick<Database, 'pool'>, symbols: readonly string[]): Promise<StoredSeries[]> {
  const stored = (await listSeries(pool))
    .filter(({ bars }) => bars > 0)
    .sort((a, b) => b.lastOpenMs - a.lastOpenMs || b.bars - a.bars);
  const first = stored.find(({ symbol }) => symbol === symbols[0]);
  return symbols.map((symbol) => {
    const found = stored.find(
      (one) => one.symbol === symbol && one.timeframe === first?.timeframe && one.calendar === first.calendar,
    );
    if (found !== undefined) return found;
    const like = first === undefined ? '' : ` of ${first.timeframe} and calendar ${first.calendar}`;
    throw new InputError(`There are no bars${like} of ${symbol} in the store.`, 'signalbox ingest brings some.');
  });
}
