import type { BarColumns } from '../../features/bar.ts';
import { EventBook } from '../../features/events/event-book.ts';
import type { PointInTimeEvent } from '../../features/events/point-in-time-event.ts';
import { createRandom, type Random } from '../../infra/random.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import type { CalendarName } from '../../pipelines/calendars/calendar.ts';
import type { SessionActions } from '../../trading/engine/corporate-actions.ts';
import { huntAtCuts, huntedApart, type HuntAtCuts } from './look-ahead.ts';

/** A hunt through features and labels: plain data, bars over shared memory. */
export interface HuntJob {
  readonly experiment: Experiment;
  readonly bars: readonly BarColumns[];
  readonly actions: SessionActions;
  readonly calendar: CalendarName;
  /** What `events(...)` is made of; absent where no feature reads events. */
  readonly events?: readonly PointInTimeEvent[] | undefined;
  readonly cutsMs: readonly number[];
  /** Shared: [first part nobody has taken, 1 once the work is given up]. */
  readonly control: Int32Array;
}

/** What one part of the universe gave. */
export interface HuntedPart {
  readonly part: number;
  readonly found: HuntAtCuts;
}

/** Where the bars of an experiment's hunt are corrupted, and how. */
export function huntRandom({ seed }: Experiment): Random {
  return createRandom(seed).fork('leakage hunt');
}

/** Takes parts of the universe until none are left. What a part gives does not depend on who takes it. */
export default function huntOnThread(data: unknown, post: (found: HuntedPart) => void): void {
  const { calendar, events, cutsMs, control, ...job } = data as HuntJob;
  const book = events === undefined ? null : new EventBook(events);
  const parts = huntedApart({ ...job, events: book, calendar: calendarNamed(calendar) });
  for (let part = Atomics.add(control, 0, 1); part < parts.length; part = Atomics.add(control, 0, 1)) {
    if (Atomics.load(control, 1) === 1) return;
    post({ part, found: huntAtCuts(parts[part]!, cutsMs, huntRandom(job.experiment)) });
  }
}
