import type { CorporateAction } from '../adjustments/corporate-action.ts';
import { isSameAmount } from '../adjustments/same-amount.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import type { Calendar, CalendarName } from '../calendars/calendar.ts';
import { isoDay, type Day } from '../calendars/day.ts';
import type { DataManager, ManagedHistoryOptions } from '../vendors/asking/data-manager.ts';
import type { VendorAction } from '../vendors/vendor-actions.ts';
import { VendorError } from '../vendors/vendor-error.ts';
import type { VendorName } from '../vendors/vendor.ts';

/** The splits and dividends of one series that a vendor has. */
export interface SourcedActions {
  readonly vendor: VendorName;
  /** Why it is another vendor than the one that was asked first; null where it is not. */
  readonly because: string | null;
  /** All there are with ex-dates from `fromDay` to `toDay`. */
  readonly actions: readonly CorporateAction[];
  readonly fromDay: Day;
  readonly toDay: Day;
  /** What could not be used, in words. */
  readonly passedOver: readonly string[];
}

/** Why a vendor gives none. */
export interface MissingActions {
  readonly missing: string;
}

export interface ActionsAsk {
  readonly symbol: string;
  readonly calendar: CalendarName;
  /** Opens of the bars, `[fromMs, toMs)`, both finite. */
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Asks the first vendor, or who stands in for it during an outage, for the actions of a stock. A refusal (a
 * subscription without them) is given back in words; throws VendorError where all are out, because bars without their
 * splits would be taken for something else.
 */
export async function fetchSourcedActions(
  manager: DataManager,
  { symbol, calendar: name, fromMs, toMs }: ActionsAsk,
  options: ManagedHistoryOptions,
): Promise<SourcedActions | MissingActions> {
  const calendar = calendarNamed(name);
  const [fromDay, toDay] = [calendar.dayAt(fromMs), calendar.dayAt(toMs - 1)];
  try {
    const { vendor, because, value } = await manager.actions({ symbol, fromDay, toDay }, options);
    const { once, again } = withoutRepeats(value.actions);
    const actions = byDay(once, calendar);
    return { vendor, because, actions, fromDay, toDay, passedOver: [...value.passedOver, ...again] };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    if (!error.retryable) return { missing: error.message };
    const { kind, vendor, endpoint, detail } = error;
    const remedy = 'Try again later, or go without splits and dividends: `--actions none`, or `data.actions: none`.';
    throw new VendorError({ kind, vendor, endpoint, detail, remedy });
  }
}

/**
 * Actions without those that a vendor lists twice: of one day and kind with the same amount, or the same rounded, of
 * which the longer one stays. A split that is taken twice doubles again, and nobody pays the same dividend twice on a
 * day; a special one beside a regular one differs.
 */
function withoutRepeats(actions: readonly VendorAction[]): { once: VendorAction[]; again: string[] } {
  const once: VendorAction[] = [];
  const again: string[] = [];
  for (const action of actions) {
    const { kind, exDay, value } = action;
    const at = once.findIndex((one) => one.kind === kind && one.exDay === exDay && isSameAmount(one.value, value));
    if (at === -1) {
      once.push(action);
      continue;
    }
    const shorter = [once[at]!.value, value].sort((a, b) => String(a).length - String(b).length)[0]!;
    again.push(`the ${kind} of ${isoDay(exDay)}, ${shorter}, is listed again`);
    if (shorter !== value) once[at] = action;
  }
  return { once, again };
}

/**
 * One action a day and kind: dividends of one day are their sum, known when all are; splits their product. The day of
 * an announcement is over before it counts as known, because its hour is not said.
 */
function byDay(actions: readonly VendorAction[], calendar: Calendar): CorporateAction[] {
  const days = new Map<string, VendorAction[]>();
  for (const action of actions) {
    const key = `${action.kind} ${action.exDay}`;
    days.set(key, [...(days.get(key) ?? []), action]);
  }
  return [...days.values()].map((own) => {
    const { kind, exDay } = own[0]!;
    const value = own.reduce(
      (sum, one) => (kind === 'split' ? sum * one.value : sum + one.value),
      kind === 'split' ? 1 : 0,
    );
    // Without an announcement it is known when the ex-date begins.
    const announced = Math.max(...own.map(({ announcedDay }) => announcedDay ?? exDay - 1));
    return { kind, exDay, value, knownAtMs: calendar.dayStartMs(announced + 1) };
  });
}
