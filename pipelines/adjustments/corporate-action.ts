import { hashOf } from '../../infra/hash.ts';
import type { Calendar } from '../calendars/calendar.ts';
import { isoDay, utcDayOf, type Day } from '../calendars/day.ts';
import { HOUR_MS, type Timeframe } from '../../features/timeframe.ts';

/** How bars are seen: as they were traded, or with splits, or with splits and dividends, taken out. */
export type AdjustMode = 'raw' | 'splits' | 'splits-and-dividends';

/** A split or cash dividend as a source reports it. */
export interface CorporateAction {
  readonly kind: 'split' | 'dividend';
  /** First trading day without the right: prices of that day already lack it. */
  readonly exDay: Day;
  /**
   * Split: new shares per old share (2 for two for one, 0.1 for one for ten). Dividend: cash per share held before the
   * ex-date.
   */
  readonly value: number;
  /** When the market knew; null: when the ex-date began. */
  readonly knownAtMs: number | null;
}

/** A corporate action on a market's clock. */
export interface DatedAction {
  readonly kind: CorporateAction['kind'];
  readonly value: number;
  /** Local start of the ex-date, as far as it is known: it applies to bars that open then or later. */
  readonly effectiveMs: number;
  readonly knownAtMs: number;
}

/**
 * How long before its date in UTC a day may begin where no calendar says it: Tokyo's at 15:00, that of Paris at 22:00.
 * A daily bar stamped so is of the date that follows; one that begins with trading in New York, at 14:30, is not.
 */
const EARLY_MS = 9 * HOUR_MS;

/** Puts an action on the clock of its market, for bars of a size. */
export function dateAction(action: CorporateAction, calendar: Calendar, timeframe: Timeframe): DatedAction {
  const early = calendar.name === 'none' && timeframe === '1d' ? EARLY_MS : 0;
  const effectiveMs = calendar.dayStartMs(action.exDay) - early;
  const { kind, value, knownAtMs } = action;
  return { kind, value, effectiveMs, knownAtMs: knownAtMs ?? effectiveMs };
}

/** The ex-date of an action on the clock. */
export function exDateOf({ effectiveMs }: Pick<DatedAction, 'effectiveMs'>): string {
  return isoDay(utcDayOf(effectiveMs + EARLY_MS));
}

/** Ascending in time; a dividend before a split of the same day, because its amount is per share held before. */
export function inOrder(actions: readonly DatedAction[]): DatedAction[] {
  return [...actions].sort((a, b) => a.effectiveMs - b.effectiveMs || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0));
}

/** The actions that a mode takes out. */
export function actionsOfMode(actions: readonly DatedAction[], mode: AdjustMode): DatedAction[] {
  if (mode === 'raw') return [];
  return inOrder(mode === 'splits' ? actions.filter(({ kind }) => kind === 'split') : actions);
}

/** SHA-256 that identifies actions on the clock; empty where there are none. */
export function actionsHash(actions: readonly DatedAction[]): string {
  if (actions.length === 0) return '';
  return hashOf(actions.map(({ kind, value, effectiveMs, knownAtMs }) => [kind, value, effectiveMs, knownAtMs]));
}

/** Identity of the actions of several series; empty where none has any. */
export function universeActionsHash(hashes: readonly string[]): string {
  if (hashes.length === 1) return hashes[0]!;
  return hashes.every((hash) => hash === '') ? '' : hashOf(hashes);
}
