import type { BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import type { CalendarName } from '../calendars/calendar.ts';
import { openDataManager } from '../vendors/asking/open-data-manager.ts';
import { requireVendor, type VendorAccess } from '../vendors/vendor-access.ts';
import type { Vendor, VendorName } from '../vendors/vendor.ts';
import { LiveFeed, type LiveFeedOptions } from './live-feed.ts';
import type { HistoryReader } from './stream-connection.ts';
import { streamConnector } from './stream-connector.ts';

/** What the delayed feed's bars are late by, and one minute for the slowest. */
const DELAYED_MS = 16 * 60_000;

export interface OpenLiveFeedOptions extends Pick<
  LiveFeedOptions,
  'symbols' | 'timeframe' | 'fromMs' | 'quotes' | 'signal' | 'clock' | 'latenessMs'
> {
  readonly vendor: VendorName;
  /** Default: `crypto` for crypto, `us-equities` for stocks. */
  readonly calendar?: CalendarName | undefined;
  readonly access: VendorAccess;
}

/**
 * A feed of a configured vendor: its stream, and its own history for what the stream misses (no other vendor's, so that
 * one series never mixes two). Throws InputError for a vendor that is not configured and symbols that it does not have.
 */
export function openLiveFeed(options: OpenLiveFeedOptions): LiveFeed {
  const { vendor: name, access, calendar: wanted, ...rest } = options;
  requireVendor(name, access.settings);
  const manager = openDataManager(access);
  const classes = new Set(options.symbols.map((symbol) => manager.instrument(name, symbol).assetClass));
  if (classes.size > 1) {
    throw new InputError('Stocks and crypto have different trading hours and streams.', 'Start a feed for each.');
  }
  const calendar = wanted ?? (classes.has('crypto') ? 'crypto' : 'us-equities');
  const delayed = name === 'alpaca' && access.settings.alpaca.feed === 'delayed_sip' && !classes.has('crypto');
  return new LiveFeed({
    ...rest,
    calendar: calendarNamed(calendar),
    connector: streamConnector(name, access.settings, access.clock),
    history: minutesOf(manager.vendor(name), calendar),
    random: access.random.fork('feed'),
    ...(delayed ? { latenessMs: DELAYED_MS } : {}),
  });
}

function minutesOf(vendor: Vendor, calendar: CalendarName): HistoryReader {
  return {
    minutes: (symbol, fromMs, toMs, signal): AsyncIterable<BarColumns> =>
      vendor.history({ symbol, timeframe: '1m', calendar, fromMs, toMs }, { signal }),
  };
}
