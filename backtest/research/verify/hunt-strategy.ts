import type { BarColumns } from '../../../features/bar.ts';
import type { ParameterValue } from '../../../infra/own-files/own-file.ts';
import { createRandom } from '../../../infra/random.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';
import type { HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { HOLD, type Strategy } from '../../../trading/strategies/strategy.ts';
import { ruleSessionOptions } from '../../run/rule-backtest.ts';
import { huntedSession } from '../strategies/hunted-session.ts';
import { huntStrategy } from '../strategies/strategy-look-ahead.ts';
import { strategyWarmUp } from '../strategies/strategy-warm-up.ts';

/** A strategy's file to be hunted in. */
export interface HuntRequest {
  readonly path: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
}

/** What was found, each with its place. */
export interface HuntedAnswers {
  readonly lookAhead: readonly string[];
  readonly warmUp: readonly string[];
}

/** Bars of a series that strategies are tried on. */
export const TRIED_BARS = 300;
const CUTS = 6;

const nobody: Strategy = { name: 'nobody', parameters: {}, forSymbol: () => ({ decide: () => HOLD }) };

/** The session over some bars that files are tried in: nothing is refused that may be refused elsewhere. */
export function triedSession(bars: readonly BarColumns[]): Omit<HistoricalSessionOptions, 'strategy'> {
  const settings = {
    calendar: calendarNamed('none'),
    sizing: { kind: 'fraction-of-equity', fraction: 0.4 } as const,
    longShort: true,
    limits: NAMED_LIMITS.unbounded,
    costs: { feeBps: 1 },
    capital: 1e6,
  };
  const { strategy: _nobody, ...plan } = ruleSessionOptions({ ...settings, bars }, nobody);
  return plan;
}

/** Two symbols that move. */
export function triedBars(): BarColumns[] {
  return ['AAA', 'BBB'].map((symbol, at) => plantedBars({ symbol, bars: TRIED_BARS, seed: 5 + at, correlation: 0.1 }));
}

/** Both hunts in a strategy's file, in this thread. */
export async function huntedAnswers({ path, parameters }: HuntRequest): Promise<HuntedAnswers> {
  const hunted = await huntedSession({ name: path, parameters }, triedSession(triedBars()));
  const random = createRandom(3).fork('verify');
  const ahead = huntStrategy(hunted, { cuts: CUTS, random: random.fork('look-ahead') }).findings;
  const warm = strategyWarmUp(hunted, random.fork('warm-up')).findings;
  return {
    lookAhead: ahead.map(
      ({ symbol, timeMs, withFuture, without, future }) =>
        `${path}: ${symbol} at ${iso(timeMs)}: ${withFuture} became ${without} ${HOW[future]}`,
    ),
    warmUp: warm.map(({ symbol, settlesAfterBars, timeMs, withPast, without }) => {
      const settles = settlesAfterBars === null ? 'never settles' : `settles after ${settlesAfterBars} bars`;
      return `${path}: ${symbol} ${settles}: at ${iso(timeMs)} ${withPast} became ${without}`;
    }),
  };
}

const HOW = {
  missing: 'without the bars after it',
  other: 'with other bars after it',
  again: 'when the same bars were run again',
};

const iso = (timeMs: number): string => new Date(timeMs).toISOString();
