import type { LedgerEntry } from '../../trading/session-result.ts';
import type { Evaluation } from '../judgement/evaluation.ts';
import { firstAtOrAfter } from '../statistics/equity-before.ts';
import { explainsMore, fitTwoStates, turbulenceFilter, type TwoStates } from '../statistics/hidden-markov.ts';
import { mean } from '../statistics/moments.ts';
import { annualVolatility, sharpeRatio } from '../statistics/sharpe-ratio.ts';
import { marketReturns } from './benchmark-section.ts';

/** Days that the first fit needs, and days from one fit to the next. */
const FIRST_FIT_DAYS = 252;
const REFIT_DAYS = 63;

export const REGIMES = ['calm', 'turbulent'] as const;
type Regime = (typeof REGIMES)[number];

/**
 * Filters daily returns of a market point in time: parameters come from the days before the last fit alone, the state
 * from days up to each one. Nothing is smoothed, so that later days change nothing. The probability of the turbulent
 * state after each day; NaN before the first fit and where the last one found two states no better than one.
 */
export function regimePath(returns: Float64Array): Float64Array {
  const turbulent = new Float64Array(returns.length).fill(NaN);
  let model: TwoStates | null = null;
  let filter: ReturnType<typeof turbulenceFilter> | null = null;
  for (let day = 0; day < returns.length; day++) {
    if (day >= FIRST_FIT_DAYS && (day - FIRST_FIT_DAYS) % REFIT_DAYS === 0) {
      const past = returns.subarray(0, day);
      model = fitTwoStates(past, model);
      // Where one state explains the past as well, there is none to be told.
      filter = model !== null && explainsMore(model, past) ? turbulenceFilter(model) : null;
      for (const value of past) filter?.next(value);
    }
    if (filter !== null) turbulent[day] = filter.next(returns[day]!);
  }
  return turbulent;
}

/** The session in one state of the market, by the days that began in it. */
interface RegimeRow {
  readonly name: Regime;
  readonly days: number;
  /** Mean daily return x periods a year, of the session and of the market. */
  readonly annualReturn: number;
  readonly volatility: number | null;
  readonly sharpe: number | null;
  readonly marketReturn: number;
  readonly marketVolatility: number | null;
}

/** `regimes` of the result document. */
export interface RegimeSection {
  /** How states are told: filtered, on parameters of the past. */
  readonly model: 'hidden-markov';
  readonly firstFitDays: number;
  readonly refitDays: number;
  /** Days without a state: before the first fit, or told apart by none. */
  readonly unknownDays: number;
  readonly switches: number;
  /** Probability of the turbulent state after the last day; null where it is not told then. */
  readonly turbulentNow: number | null;
  readonly states: readonly RegimeRow[];
}

/** Results by state, and the state that was known at the entry of a trade. */
export interface Regimes {
  readonly section: RegimeSection | null;
  readonly reasons: readonly string[];
  readonly regimeOf: (trade: LedgerEntry) => Regime | null;
}

const stateOf = (turbulent: number | undefined): Regime | null =>
  turbulent === undefined || Number.isNaN(turbulent) ? null : turbulent > 0.5 ? 'turbulent' : 'calm';

/** The states of the market that a session traded in, by buy-and-hold's daily returns, and what it made in each. */
export function regimesOf(evaluation: Pick<Evaluation, 'baselines' | 'market' | 'measured'>): Regimes {
  const { returns, daily, insolvent } = evaluation.measured;
  const market = marketReturns(evaluation);
  const path = insolvent === null ? regimePath(market) : new Float64Array(0);
  const known = Array.from(path, stateOf);
  if (!known.some((state) => state !== null)) {
    const few = `${market.length} daily returns; more than ${FIRST_FIT_DAYS} are needed`;
    const alike = 'two states of the market explain its daily returns no better than one';
    const why = insolvent ?? (market.length > FIRST_FIT_DAYS ? alike : few);
    return { section: null, reasons: [`regimes: ${why}.`], regimeOf: () => null };
  }
  // Day d of the returns is known after the close daily.timeMs[d + 1].
  const closes = daily.timeMs.subarray(1);
  const before = [null, ...known.slice(0, -1)];
  const { periodsPerYear } = evaluation.market;
  const rows = REGIMES.map((name) => rowOf(name, { returns, market, before, periodsPerYear }));
  const told = known.filter((state) => state !== null);
  const section: RegimeSection = {
    model: 'hidden-markov',
    firstFitDays: FIRST_FIT_DAYS,
    refitDays: REFIT_DAYS,
    unknownDays: before.filter((state) => state === null).length,
    switches: told.filter((state, at) => at > 0 && state !== told[at - 1]).length,
    turbulentNow: Number.isNaN(path.at(-1)!) ? null : path.at(-1)!,
    states: rows,
  };
  const missing = rows.filter(({ volatility, sharpe, marketVolatility }) =>
    [volatility, sharpe, marketVolatility].includes(null),
  );
  const reasons = missing.map(
    ({ name }) =>
      `regimes: volatility, sharpe, marketVolatility: days in the ${name} state are too few or do not vary.`,
  );
  const regimeOf = ({ entryTimeMs }: LedgerEntry): Regime | null => {
    const next = firstAtOrAfter(closes, entryTimeMs + 1);
    return next === 0 ? null : known[next - 1]!;
  };
  return { section, reasons, regimeOf };
}

interface Days {
  readonly returns: Float64Array;
  readonly market: Float64Array;
  /** State that was known before each day. */
  readonly before: readonly (Regime | null)[];
  readonly periodsPerYear: number;
}

function rowOf(name: Regime, { returns, market, before, periodsPerYear }: Days): RegimeRow {
  const own = returns.filter((_, day) => before[day] === name);
  const held = market.filter((_, day) => before[day] === name);
  const annual = (values: Float64Array): number => (values.length === 0 ? 0 : mean(values) * periodsPerYear);
  const few = own.length < 2;
  return {
    name,
    days: own.length,
    annualReturn: annual(own),
    volatility: few ? null : annualVolatility(own, periodsPerYear),
    sharpe: sharpeRatio(own, periodsPerYear),
    marketReturn: annual(held),
    marketVolatility: few ? null : annualVolatility(held, periodsPerYear),
  };
}
