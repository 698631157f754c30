import type { Bar } from '../../features/bar.ts';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { parseSymbols } from './command-options.ts';
import { parseTimeMs } from '../sources/files/bar-time.ts';
import { parseTimeframe } from '../timeframe.ts';
import { systemVendorAccess, type VendorAccess } from '../vendors/vendor-access.ts';
import { csvCell } from '../../infra/export/csv-cell.ts';
import { VENDOR_NAMES, type VendorName } from '../vendors/vendor.ts';
import { systemFeedClock, type FeedClock } from '../feeds/feed-clock.ts';
import type { FeedEvent, FeedStatus } from '../feeds/feed-event.ts';
import { openLiveFeed } from '../feeds/open-live-feed.ts';

export interface FeedCommandOptions {
  readonly vendor: string;
  readonly symbol?: string;
  /** Another name of `symbol`. */
  readonly symbols?: string;
  readonly timeframe: string;
  readonly calendar?: string;
  readonly from?: string;
  readonly for?: string;
  readonly quotes?: boolean;
}

/** What a feed reaches the world through; tests pass their own. */
export interface FeedSurroundings {
  readonly access: VendorAccess;
  readonly clock: FeedClock;
}

/** Notices and corrections kept for `--json`: a feed may run for weeks. */
const NOTES_MAX = 1_000;

/** Who starts a feed by hand waits some seconds for it, not for a network that is not there. */
const FIRST_ATTEMPTS_MAX = 3;

/** `feed`: prints closed bars as they come, until stopped. */
export async function runFeed(
  context: CommandContext,
  options: FeedCommandOptions,
  { access, clock }: FeedSurroundings = systemSurroundings(context),
): Promise<CommandOutput | undefined> {
  const forMs = options.for === undefined ? Infinity : parseSeconds(options.for);
  const from = options.from === undefined ? undefined : parseFrom(options.from);
  const ending = new AbortController();
  const feed = openLiveFeed({
    vendor: parseVendor(options.vendor),
    symbols: [parseSymbols(symbolsOf(options))].flat(),
    timeframe: parseTimeframe(options.timeframe),
    calendar: options.calendar === undefined ? undefined : calendarNamed(options.calendar).name,
    access,
    quotes: options.quotes ?? false,
    signal: AbortSignal.any([context.signal, ending.signal]),
    clock,
    firstAttemptsMax: FIRST_ATTEMPTS_MAX,
    ...(from === undefined ? {} : { fromMs: () => from }),
  });
  const cancel = forMs < Infinity ? clock.after(forMs, () => ending.abort()) : (): void => undefined;
  const report = new FeedReport(context);
  try {
    for await (const event of feed) report.take(event);
  } finally {
    cancel();
  }
  report.end(feed.status());
  return context.json ? { value: report.value(feed.status()), text: () => '' } : undefined;
}

function systemSurroundings({ config }: CommandContext): FeedSurroundings {
  return { access: systemVendorAccess(config.vendors), clock: systemFeedClock };
}

/** Bars to standard output, all else to standard error; or everything kept for one document. */
class FeedReport {
  readonly #context: CommandContext;
  readonly #bars: unknown[] = [];
  readonly #notes: unknown[] = [];

  constructor(context: CommandContext) {
    this.#context = context;
    context.print('time,symbol,open,high,low,close,volume');
  }

  take(event: FeedEvent): void {
    const { progress, json } = this.#context;
    if (event.kind === 'bar') {
      if (json) this.#bars.push({ symbol: event.symbol, origin: event.origin, ...barValue(event.bar) });
      else this.#context.print(barLine(event.symbol, event.bar));
      return;
    }
    if (event.kind === 'quote') {
      const { symbol, bid, bidSize, ask, askSize } = event.quote;
      return progress.note(`${symbol} ${bid} (${bidSize}) x ${ask} (${askSize})`);
    }
    if (event.kind === 'correction') {
      progress.note(`${event.reason} ${barLine(event.symbol, event.bar)}`);
    } else {
      progress.note(`${event.status}: ${event.symbol === null ? '' : `${event.symbol} `}${event.message}`);
    }
    if (json && this.#notes.length < NOTES_MAX) this.#notes.push(event);
  }

  end({ bars, quotes, connections, corrections, barLag }: FeedStatus): void {
    const lag = barLag.p50Ms === null ? '' : `, lag ${barLag.p50Ms} / ${barLag.p99Ms} ms (p50 / p99)`;
    this.#context.progress.note(
      `${bars.stream + bars.history} bars (${bars.history} with history), ${quotes} quotes, ${corrections} corrections, ${connections} connections${lag}`,
    );
  }

  value(status: FeedStatus): unknown {
    return { bars: this.#bars, notes: this.#notes, status };
  }
}

function barValue({ openTimeMs, open, high, low, close, volume }: Bar): Record<string, unknown> {
  return { time: new Date(openTimeMs).toISOString(), open, high, low, close, volume };
}

function barLine(symbol: string, { openTimeMs, open, high, low, close, volume }: Bar): string {
  return [new Date(openTimeMs).toISOString(), csvCell(symbol), open, high, low, close, volume].join(',');
}

function symbolsOf({ symbol, symbols }: FeedCommandOptions): string {
  if (symbol !== undefined && symbols !== undefined)
    throw new InputError('feed: --symbol and --symbols are both given, and they are one option.', 'Leave out one.');
  const given = symbol ?? symbols;
  if (given !== undefined) return given;
  throw new InputError('feed needs --symbol.', 'As in: signalbox feed --vendor binance --symbol BTC/USDT,ETH/USDT.');
}

function parseVendor(text: string): VendorName {
  const found = VENDOR_NAMES.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InputError(`--vendor ${text} has no live feed.`, `Use one of ${VENDOR_NAMES.join(', ')}.`);
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  // Longer delays overflow the timers of Node.
  if (seconds > 0 && seconds * 1000 < 2 ** 31) return seconds * 1000;
  throw new InputError(`--for ${text} is not a number of seconds above 0 and below 24 days.`, 'Correct the value.');
}

function parseFrom(text: string): number {
  const timeMs = parseTimeMs(text);
  if (Number.isFinite(timeMs)) return timeMs;
  throw new InputError(`--from ${text} is not a time.`, 'Write it as 2024-07-11 or 2024-07-11T14:30:00Z.');
}
