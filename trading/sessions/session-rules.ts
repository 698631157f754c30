import { isSet } from '../../models/experiment/limits-schema.ts';
import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { executionOfAll } from '../../models/experiment/execution/named-executions.ts';
import { limitsOf, type Experiment } from '../../models/experiment/experiment.ts';
import type { Calendar } from '../../pipelines/calendars/calendar.ts';
import { extendedHours, regularOf } from '../../pipelines/calendars/extended-hours.ts';
import { barsPerYear, endsDayOf, marketDays } from '../../pipelines/calendars/market-days.ts';
import type { SessionActions } from '../engine/corporate-actions.ts';
import { openingRulesOf } from '../signals/opening-rules.ts';
import { signalMarks } from '../signals/signal-marks.ts';
import type { SizingRule } from '../risk/sizing.ts';
import type { ModelSignalRules } from '../strategies/model-signals.ts';
import type { HistoricalSessionOptions } from './historical-session.ts';

/** Probabilities between which a position is kept. */
export function thresholdsOf({ signals }: Experiment): ModelSignalRules {
  return { buyAbove: signals.buyAbove, sellBelow: signals.sellBelow };
}

/**
 * Everything of a session that an experiment decides, but what is traded, where, and by which strategy.
 * @param perYear `barsPerYear` of these bars, where many sessions of them are made
 */
export function sessionRules(
  experiment: Experiment,
  bars: readonly BarColumns[],
  calendar: Calendar,
  perYear: number = barsPerYear(bars, calendar),
): Omit<HistoricalSessionOptions, 'bars' | 'instruments' | 'strategy' | 'broker'> {
  const { buyAbove, sellBelow, cooldownBars, maxAgeBars, longShort } = experiment.signals;
  return {
    sizing: sizingRule(experiment),
    limits: limitsOf(experiment),
    protection: experiment.protection,
    execution: executionOfAll(experiment),
    financing: experiment.costs.financing,
    currencies: experiment.currencies,
    signals: {
      ...{ buyAbove, sellBelow, cooldownBars, maxAgeBars, longShort },
      strength: experiment.signals.strength,
      opening: openingRulesOf(experiment),
    },
    marks: signalMarks(experiment, calendar),
    capital: experiment.capital,
    dayOf: marketDays(calendar).dayOf,
    endsDay: endsDayOf(regularOf(calendar)),
    extended: extendedHours(calendar),
    barsPerYear: perYear,
  };
}

/**
 * The actions that come after the first bar of each symbol; undefined where there is none, so that nobody looks for
 * them.
 */
export function actionsFrom(actions: SessionActions, bars: readonly BarColumns[]): SessionActions | undefined {
  const later = actions.map((list, s) => list.filter(({ effectiveMs }) => effectiveMs > bars[s]!.openTimeMs[0]!));
  return later.some((list) => list.length > 0) ? later : undefined;
}

/** The bars that close at `closeTimeMs` or later. */
export function barsFromClose(columns: BarColumns, closeTimeMs: number): BarColumns {
  let from = 0;
  while (from < columns.length && columns.closeTimeMs[from]! < closeTimeMs) from++;
  return sliceBarColumns(columns, from, columns.length);
}

/** The sizing section as the engine's rule. */
function sizingRule({ sizing, protection }: Experiment): SizingRule {
  const { kind, fraction, kellyShare, targetVolatility, volatilityBars, payoff, riskFraction = 0.01, own } = sizing;
  switch (kind) {
    case 'fraction-of-equity':
      return { kind, fraction };
    case 'file':
      return { kind, ...own! };
    case 'equal-weight':
      return { kind };
    case 'kelly-capped':
      return { kind, fraction, kellyShare, payoff };
    case 'volatility-target':
      return { kind, fraction, targetVolatility, volatilityBars };
    case 'risk-per-trade': {
      const stop = protection?.stopLoss ?? protection?.trailing;
      if (!isSet(stop)) throw new InputError('sizing: risk-per-trade needs a stop', 'Add protection.stopLoss.');
      return { kind, fraction, riskFraction, stop };
    }
  }
}
