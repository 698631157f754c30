import { barAt, createBarColumns, sliceBarColumns, type Bar, type BarColumns } from '../../../features/bar.ts';
import { createRandom, type Random } from '../../../infra/random.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import type { CalendarName } from '../../calendars/calendar.ts';
import { resampleBars } from '../../calendars/resample-bars.ts';
import { DAY_MS, timeframeMs, type Timeframe } from '../../../features/timeframe.ts';
import { FaultyVendor, type VendorFaults } from './faulty-vendor.ts';
import type { BarEvent } from '../feed-event.ts';
import { LiveFeed } from '../live-feed.ts';
import { STREAM_BAR_MS } from '../stream-connection.ts';
import { hoursAt, nextTradingTime } from '../trading-time.ts';
import { VirtualClock } from './virtual-clock.ts';

/** One made-up life of a feed. */
export interface FeedScenario {
  readonly seed: number;
  readonly symbols: number;
  /** Minutes streamed live, and minutes of history before them that the feed begins with. */
  readonly liveMinutes: number;
  readonly pastMinutes: number;
  readonly calendar: CalendarName;
  readonly timeframe: Timeframe;
  readonly faults: VendorFaults;
  /** Share of minutes in which a symbol does not trade, so that there is no bar. */
  readonly quiet: number;
  /** Share of bars after which the consumer stops and a new feed goes on from there. */
  readonly restart: number;
  /** Share of bars that the consumer thinks about for up to five minutes. */
  readonly slow: number;
  readonly maxBars: number;
}

export interface CleanReadOutcome {
  readonly expected: number;
  readonly lost: number;
  readonly doubled: number;
  readonly different: number;
  /** Bars that came before one that closes earlier, or ends of a close time that were not. */
  readonly outOfOrder: number;
  readonly restarts: number;
  readonly fromStream: number;
  readonly heldPeak: number;
  readonly faults: Readonly<Record<keyof VendorFaults, number>>;
}

const LATENESS_MS = 5_000;
/** A Thursday, so that the third live day of a stock market is a Monday. */
const START_MS = Date.UTC(2024, 6, 11, 13, 30);
const COLUMNS = ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/**
 * Lets a feed live through `scenario` and compares every bar it hands out, over all restarts, with one clean read of
 * the same minutes: resampled at once from the whole history.
 */
export async function compareWithCleanRead(scenario: FeedScenario): Promise<CleanReadOutcome> {
  const random = createRandom(scenario.seed);
  const calendar = calendarNamed(scenario.calendar);
  const liveFromMs = START_MS + scenario.pastMinutes * STREAM_BAR_MS;
  const fromMs = nextTradingTime(calendar, START_MS);
  const toMs = liveFromMs + scenario.liveMinutes * STREAM_BAR_MS;
  const minutes = Array.from({ length: scenario.symbols }, (_, index) =>
    madeUpMinutes(`S${index}`, { fromMs: START_MS, toMs, scenario, random: random.fork(`bars/${index}`) }),
  );
  const whole = { fromMs: -Infinity, untilMs: Infinity };
  const clean = minutes.map((columns) => resampleBars(columns, scenario.timeframe, calendar, whole));
  const expected = clean.reduce((sum, { length }) => sum + length, 0);
  const clock = new VirtualClock(liveFromMs);
  const vendor = new FaultyVendor({
    minutes,
    clock,
    random: random.fork('vendor'),
    faults: scenario.faults,
    historyDelayMs: LATENESS_MS - 1_000,
  });
  const untilMs = toMs + 2 * timeframeMs(scenario.timeframe);
  const life = new FeedLife({ scenario, vendor, clock, random: random.fork('consumer'), fromMs, untilMs, expected });
  await clock.runUntil(life.run());
  return { expected, ...judge(clean, life.bars), ...life.figures(), faults: vendor.done };
}

interface LifeOptions {
  readonly scenario: FeedScenario;
  readonly vendor: FaultyVendor;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly fromMs: number;
  /** When the last bar has closed. */
  readonly untilMs: number;
  readonly expected: number;
}

/** What a consumer of the feed sees over all its restarts. */
class FeedLife {
  readonly bars: BarEvent[] = [];
  readonly #options: LifeOptions;
  #restarts = 0;
  #heldPeak = 0;
  #feed = 0;

  constructor(options: LifeOptions) {
    this.#options = options;
  }

  figures(): Pick<CleanReadOutcome, 'restarts' | 'heldPeak' | 'fromStream'> {
    const fromStream = this.bars.filter(({ origin }) => origin === 'stream').length;
    return { restarts: this.#restarts, heldPeak: this.#heldPeak, fromStream };
  }

  async run(): Promise<void> {
    while (!(await this.#live())) {
      this.#restarts += 1;
      await this.#options.clock.sleep(this.#options.random.integer(200_000));
    }
  }

  /** One feed; true when it has lived to its end, and a while longer for bars too many. */
  async #live(): Promise<boolean> {
    const { scenario, vendor, clock, random, fromMs } = this.#options;
    const ending = new AbortController();
    const last = new Map(this.bars.map(({ symbol, bar }) => [symbol, bar.closeTimeMs]));
    const feed = new LiveFeed({
      symbols: Array.from({ length: scenario.symbols }, (_, index) => `S${index}`),
      timeframe: scenario.timeframe,
      calendar: calendarNamed(scenario.calendar),
      connector: vendor,
      history: vendor,
      random: random.fork(`feed/${this.#feed++}`),
      fromMs: (symbol) => last.get(symbol) ?? fromMs,
      latenessMs: LATENESS_MS,
      maxBars: scenario.maxBars,
      clock,
      signal: ending.signal,
    });
    const patience = clock.now() + 30 * DAY_MS;
    this.#endAfter(ending, patience);
    try {
      for await (const event of feed) {
        if (event.kind !== 'bar') continue;
        this.bars.push(event);
        if (random.next() < scenario.slow) await clock.sleep(random.integer(300_000));
        if (random.next() < scenario.restart && this.bars.length < this.#options.expected) return false;
      }
      return true;
    } finally {
      this.#heldPeak = Math.max(this.#heldPeak, feed.status().heldPeak);
    }
  }

  /** Ends the feed some minutes after all bars are there and their time is over, or when patience is. */
  #endAfter(ending: AbortController, patience: number): void {
    const { clock, untilMs, expected } = this.#options;
    const look = (): void => {
      const over = this.bars.length >= expected && clock.now() >= untilMs + 600_000;
      if (over || clock.now() > patience) ending.abort();
      else clock.after(60_000, look);
    };
    look();
  }
}

function madeUpMinutes(
  symbol: string,
  made: { fromMs: number; toMs: number; scenario: FeedScenario; random: Random },
): BarColumns {
  const { fromMs, toMs, scenario, random } = made;
  const calendar = calendarNamed(scenario.calendar);
  const columns = createBarColumns(symbol, (toMs - fromMs) / STREAM_BAR_MS);
  let length = 0;
  for (let openTimeMs = fromMs; openTimeMs < toMs; openTimeMs += STREAM_BAR_MS) {
    // A vendor streams and stores trades before and after hours too, now and then.
    const share = hoursAt(calendar, openTimeMs) === undefined ? 0.02 : 1 - scenario.quiet;
    if (random.next() >= share) continue;
    const [open, close] = [100 + random.normal(), 100 + random.normal()];
    columns.openTimeMs[length] = openTimeMs;
    columns.closeTimeMs[length] = openTimeMs + STREAM_BAR_MS;
    columns.open[length] = open;
    columns.close[length] = close;
    columns.high[length] = Math.max(open, close) + random.next();
    columns.low[length] = Math.min(open, close) - random.next();
    columns.volume[length] = random.integer(1_000);
    length += 1;
  }
  return sliceBarColumns(columns, 0, length);
}

function judge(
  clean: readonly BarColumns[],
  events: readonly BarEvent[],
): Pick<CleanReadOutcome, 'lost' | 'doubled' | 'different' | 'outOfOrder'> {
  const outcome = { lost: 0, doubled: 0, different: 0, outOfOrder: 0 };
  for (const columns of clean) {
    const seen = new Map<number, Bar>();
    for (const { symbol, bar } of events) {
      if (symbol !== columns.symbol) continue;
      if (seen.has(bar.openTimeMs)) outcome.doubled += 1;
      seen.set(bar.openTimeMs, bar);
    }
    for (let row = 0; row < columns.length; row++) {
      const wanted = barAt(columns, row);
      const bar = seen.get(wanted.openTimeMs);
      seen.delete(wanted.openTimeMs);
      if (bar === undefined) outcome.lost += 1;
      else if (COLUMNS.some((name) => bar[name] !== wanted[name])) outcome.different += 1;
    }
    outcome.different += seen.size;
  }
  events.forEach((event, at) => {
    const next = events[at + 1];
    if (next === undefined) return;
    const sameClose = next.bar.closeTimeMs === event.bar.closeTimeMs;
    if (next.bar.closeTimeMs < event.bar.closeTimeMs || sameClose === event.lastOfClose) outcome.outOfOrder += 1;
    if (sameClose && next.symbol <= event.symbol) outcome.outOfOrder += 1;
  });
  return outcome;
}
