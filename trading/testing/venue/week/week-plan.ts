import { HOUR_MS } from '../../../../features/timeframe.ts';
import type { Day } from '../../../../pipelines/calendars/day.ts';
import { parseDay } from '../../../../pipelines/calendars/day.ts';
import { usEquities } from '../../../../pipelines/calendars/us-equities.ts';
import type { SplitRatio } from '../stand-in-market.ts';

/** Weeks that are not like others: their first and last day, and the day on which shares are split. */
export const ODD_WEEKS = [
  { name: 'March, the clock goes forward', from: '2025-03-07', to: '2025-03-14', exDay: '2025-03-12' },
  { name: 'November, the clock goes back', from: '2025-10-31', to: '2025-11-07', exDay: '2025-11-05' },
  { name: 'Thanksgiving, with its half day', from: '2025-11-21', to: '2025-12-01', exDay: '2025-11-26' },
] as const;
export type OddWeek = (typeof ODD_WEEKS)[number];

/** Splits, forward and reverse; the last leaves nothing of a small order. */
export const SPLITS: readonly SplitRatio[] = [
  { to: 4n, from: 1n },
  { to: 3n, from: 2n },
  { to: 1n, from: 4n },
];

const BAR_MS = HOUR_MS / 2;

/** What happens at a moment of the week. */
export type WeekMoment =
  | { readonly atMs: number; readonly kind: 'look' | 'split' | 'away' | 'back' }
  /** A bar closes that opened at `openMs`. `still`: nothing moved in it. */
  | { readonly atMs: number; readonly kind: 'close'; readonly openMs: number; readonly halted: boolean };

/** `ordinal`: trading days before it in the week. */
function dayMoments(day: Day, ordinal: number, exDay: Day): WeekMoment[] {
  const startMs = usEquities.dayStartMs(day);
  const hours = usEquities.hoursOf(day);
  const looks = (ms: number): WeekMoment => ({ atMs: ms, kind: 'look' });
  // The venue is looked after when nothing is traded, and once while it is.
  const maintained = hours === undefined ? startMs + 10 * HOUR_MS : ordinal === 2 ? hours.openTimeMs + BAR_MS * 3 : 0;
  const maintenance: WeekMoment[] =
    maintained === 0
      ? []
      : [
          { atMs: maintained + 1, kind: 'away' },
          { atMs: maintained + BAR_MS * 1.5, kind: 'back' },
        ];
  const moments: WeekMoment[] = [looks(startMs + HOUR_MS), ...maintenance];
  if (day === exDay) moments.push({ atMs: startMs + 4 * HOUR_MS, kind: 'split' });
  if (hours === undefined) return [...moments, looks(startMs + 20 * HOUR_MS)];
  moments.push(looks(hours.openTimeMs - HOUR_MS), looks(hours.openTimeMs + 1_000));
  for (let openMs = hours.openTimeMs; openMs < hours.closeTimeMs; openMs += BAR_MS) {
    const number = (openMs - hours.openTimeMs) / BAR_MS;
    // One symbol is halted in the morning of one day.
    const halted = ordinal === 3 && number >= 2 && number < 5;
    moments.push({ atMs: openMs + BAR_MS, kind: 'close', openMs, halted });
  }
  return [...moments, looks(hours.closeTimeMs + HOUR_MS)];
}

/** Everything that happens in a week, in order. */
export function weekMoments({ from, to, exDay }: OddWeek): WeekMoment[] {
  const moments: WeekMoment[] = [];
  const first = parseDay(from)!;
  let trading = -1;
  for (let day = first; day <= parseDay(to)!; day++) {
    if (usEquities.hoursOf(day) !== undefined) trading += 1;
    moments.push(...dayMoments(day, trading, parseDay(exDay)!));
  }
  return moments.sort((a, b) => a.atMs - b.atMs);
}

/** When the shares are split, by the record. */
export const splitMs = ({ exDay }: OddWeek): number => usEquities.dayStartMs(parseDay(exDay)!);
