import { newYorkLocalMs } from '../../features/new-york-clock.ts';
import { DAY_MS } from '../../features/timeframe.ts';
import { momentMs } from '../../models/moment.ts';
import { DEFAULT_STRENGTHS } from '../../models/experiment/signals-schema.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { refused, type RefusedOrder } from '../orders/approved-order.ts';
import type { Signal } from '../strategies/strategy.ts';

/** What holds back signals that would open, as an experiment's `signals` say. What is absent holds nothing back. */
export interface OpeningRules {
  /** Least confidence, that of the weakest class that may open. */
  readonly confidence?: number | undefined;
  readonly maxPerDay?: number | undefined;
  /** Minutes of the day, both within; from the later to the earlier over midnight. */
  readonly hours?: { readonly from: number; readonly to: number; readonly newYork: boolean } | undefined;
  readonly maxNovelty?: number | undefined;
  readonly maxDisagreement?: number | undefined;
  /** `[fromMs, toMs)` in the order of the experiment; of all symbols where none is named. */
  readonly blackouts?:
    | readonly { readonly fromMs: number; readonly toMs: number; readonly symbols?: readonly string[] | undefined }[]
    | undefined;
}

/** When and of what a signal would open. */
export interface OpeningMoment {
  readonly timeMs: number;
  readonly symbol: string;
  /** Signals of the symbol, and of the same strategy, that were let through to open earlier on this trading day. */
  readonly openedToday: number;
}

/** The rules of an experiment's `signals`; undefined where none of them is set. */
export function openingRulesOf({ signals }: Pick<Experiment, 'signals'>): OpeningRules | undefined {
  const { strength = DEFAULT_STRENGTHS, minimumStrength = 'weak', hours, blackouts, ...rest } = signals;
  const { maxPerDay, maxNovelty, maxDisagreement } = rest;
  const rules: OpeningRules = {
    confidence: minimumStrength === 'weak' ? undefined : strength[minimumStrength],
    maxPerDay,
    hours: hours && {
      from: minutesOf(hours.from),
      to: minutesOf(hours.to),
      newYork: hours.timezone === 'America/New_York',
    },
    maxNovelty,
    maxDisagreement,
    blackouts: blackouts?.map(({ from, to, symbols }) => ({
      fromMs: momentMs(from),
      toMs: momentMs(to, true),
      symbols,
    })),
  };
  return Object.values(rules).every((rule) => rule === undefined) ? undefined : rules;
}

function minutesOf(timeOfDay: string): number {
  const [hour, minute] = timeOfDay.split(':');
  return 60 * Number(hour) + Number(minute);
}

/**
 * Why a signal that would open is held back; null where nothing does. A limit of what only a model knows asks nothing
 * of a rule's signal, and refuses a model's that does not know it.
 */
export function openingRefusal(signal: Signal, rules: OpeningRules, moment: OpeningMoment): RefusedOrder | null {
  const { confidence, maxPerDay, hours, blackouts = [] } = rules;
  const { timeMs, symbol } = moment;
  if (confidence !== undefined && !(signal.confidence >= confidence)) {
    return refused('too-weak', signal.confidence, confidence);
  }
  if (hours !== undefined && !isWithin(hours, timeMs)) return refused('outside-hours');
  const at = blackouts.findIndex(
    ({ fromMs, toMs, symbols }) => timeMs >= fromMs && timeMs < toMs && symbols?.includes(symbol) !== false,
  );
  if (at >= 0) return refused('blackout', at + 1);
  if (maxPerDay !== undefined && moment.openedToday >= maxPerDay) {
    return refused('signals-per-day', moment.openedToday + 1, maxPerDay);
  }
  return signal.probability === null ? null : modelRefusal(signal, rules);
}

function modelRefusal(
  { novelty = null, disagreement = null }: Signal,
  { maxNovelty, maxDisagreement }: OpeningRules,
): RefusedOrder | null {
  if (maxNovelty !== undefined) {
    if (novelty === null) return refused('novelty-unknown');
    if (!(novelty <= maxNovelty)) return refused('novel', novelty, maxNovelty);
  }
  if (maxDisagreement === undefined) return null;
  if (disagreement === null) return refused('disagreement-unknown');
  return disagreement <= maxDisagreement ? null : refused('disagreement', disagreement, maxDisagreement);
}

function isWithin({ from, to, newYork }: NonNullable<OpeningRules['hours']>, timeMs: number): boolean {
  const localMs = newYork ? newYorkLocalMs(timeMs) : timeMs;
  const minutes = (((localMs % DAY_MS) + DAY_MS) % DAY_MS) / 60_000;
  return from < to ? minutes >= from && minutes <= to : minutes >= from || minutes <= to;
}
