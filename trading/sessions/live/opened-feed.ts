import type { Clock } from '../../../infra/clock.ts';
import type { Calendar } from '../../../pipelines/calendars/calendar.ts';
import { closesBetween } from '../../../pipelines/calendars/closes-between.ts';
import type { LiveFeed } from '../../../pipelines/feeds/live-feed.ts';
import { openLiveFeed, type OpenLiveFeedOptions } from '../../../pipelines/feeds/open-live-feed.ts';
import type { LiveTail } from '../live-bars.ts';
import { missingCloses } from './missing-closes.ts';

interface FeedAsked extends Pick<OpenLiveFeedOptions, 'vendor' | 'symbols' | 'timeframe' | 'access' | 'quotes'> {
  readonly calendar: Calendar;
  readonly clock: Clock;
}

/** The feed of a session, opened once it goes live, and how late its closes are. */
export function openedFeed({ clock, ...asked }: FeedAsked): Required<Pick<LiveTail, 'open' | 'lateBars' | 'overdue'>> {
  const { calendar, timeframe } = asked;
  let feed: LiveFeed | undefined;
  return {
    open: (fromMs, signal) =>
      (feed = openLiveFeed({ ...asked, calendar: calendar.name, fromMs: () => fromMs, signal })),
    lateBars: (closeTimeMs) => closesBetween(calendar, timeframe, closeTimeMs, clock()),
    overdue: (closeTimeMs) => missingCloses({ calendar, timeframe, passedMs: feed?.passedMs }, closeTimeMs, clock()),
  };
}
