import { setTimeout as sleep } from 'node:timers/promises';
import { createBarColumns, type BarColumns } from '../../../../features/bar.ts';
import { HOUR_MS } from '../../../../features/timeframe.ts';
import { systemClock } from '../../../../infra/clock.ts';
import { WAIT_MS } from '../../../../infra/testing/patience.ts';
import { NAMED_LIMITS } from '../../../../models/experiment/experiment.ts';
import { parseDay } from '../../../../pipelines/calendars/day.ts';
import { extendedHours } from '../../../../pipelines/calendars/extended-hours.ts';
import { endsDayOf, marketDays } from '../../../../pipelines/calendars/market-days.ts';
import { usEquitiesExtended } from '../../../../pipelines/calendars/us-equities-extended.ts';
import { usEquities } from '../../../../pipelines/calendars/us-equities.ts';
import { AlpacaBroker } from '../../../brokers/alpaca/alpaca-broker.ts';
import { simulatedBroker } from '../../../brokers/simulated/simulated-broker.ts';
import type { Effect } from '../../../effect.ts';
import { DEFAULT_PATIENCE } from '../../../execution/venue-patience.ts';
import type { SessionResult } from '../../../session-result.ts';
import { runHistoricalSession } from '../../../sessions/historical-session.ts';
import type { PaperSessionOptions } from '../../../sessions/live/paper-session-options.ts';
import type { ClosedBars } from '../../../sessions/replayed-feed.ts';
import type { VenueEdge } from '../../../sessions/venue/venue-edge.ts';
import type { Strategy } from '../../../strategies/strategy.ts';
import { share } from '../alpaca/alpaca-in-hand.ts';
import { emptyRecord, Killed, runKeptSession, type KeptRecord } from '../kept-session.ts';
import { NEW_YORK_HOURS } from '../stand-in-market.ts';
import { STAND_IN_KEYS, StandInVenue } from '../stand-in-venue.ts';

const BAR_MS = HOUR_MS / 2;
/** How far the clock is put on between two looks at whether anything is under way. */
const NUDGE_MS = 2_000;

/** Days as a session that trades in extended hours counts them. */
const EXTENDED_DAYS = {
  dayOf: marketDays(usEquitiesExtended).dayOf,
  endsDay: endsDayOf(usEquities),
  extended: extendedHours(usEquitiesExtended),
};

export interface ExtendedOptions {
  readonly symbols: readonly string[];
  /** First and last trading day. */
  readonly from: string;
  readonly to: string;
  /** What is traded in the bar of a symbol that opens then: the first is the close of the one before. */
  readonly prices: (symbol: string, openMs: number) => readonly number[];
  readonly strategy: () => Strategy;
  readonly execution?: PaperSessionOptions['execution'];
  readonly protection?: PaperSessionOptions['protection'];
  /** Bars after each of which the process dies, at so many points of what follows. */
  readonly dies?: ReadonlyMap<number, number>;
}

export interface ExtendedBooks {
  readonly venue: StandInVenue;
  readonly record: KeptRecord;
  readonly effects: readonly Effect[];
  readonly notes: readonly string[];
  readonly live: SessionResult;
  /** The same bars in history. */
  readonly history: SessionResult;
  readonly deaths: number;
}

interface Market {
  readonly clock: { ms: number };
  readonly venue: StandInVenue;
  readonly opens: number[];
  edge: VenueEdge | null;
}

/** Opens of the bars of half an hour of all trading days, before the open and after the close too. */
function opensOf({ from, to }: ExtendedOptions): number[] {
  const opens: number[] = [];
  for (let day = parseDay(from)!; day <= parseDay(to)!; day++) {
    const hours = usEquitiesExtended.hoursOf(day);
    if (hours === undefined) continue;
    for (let ms = hours.openTimeMs; ms < hours.closeTimeMs; ms += BAR_MS) opens.push(ms);
  }
  return opens;
}

/** The bar that closes next, traded at the venue. */
function nextBar({ symbols, prices }: ExtendedOptions, { clock, venue, opens }: Market): ClosedBars | null {
  const openTimeMs = opens.shift();
  if (openTimeMs === undefined) return null;
  const closeTimeMs = openTimeMs + BAR_MS;
  const traded = symbols.map((symbol) => prices(symbol, openTimeMs));
  const moves = Math.max(...traded.map(({ length }) => length));
  for (let move = 0; move < moves; move++) {
    clock.ms = Math.max(clock.ms, openTimeMs + (BAR_MS * (move + 0.5)) / moves);
    traded.forEach((of, symbol) => {
      const price = of[move];
      if (price !== undefined) venue.books.trade(symbols[symbol]!, price.toFixed(2));
    });
  }
  clock.ms = closeTimeMs;
  const bars = traded.map((of, symbol) => ({
    symbol,
    bar: {
      ...{ openTimeMs, closeTimeMs, open: of[0]!, close: of.at(-1)! },
      ...{ high: Math.max(...of), low: Math.min(...of), volume: 1_000 },
    },
  }));
  return { closeTimeMs, bars };
}

/** Waits until nothing is under way, while a little time passes; bounded by the machine's own clock. */
async function settle({ clock, venue, opens, edge }: Market, notes: readonly string[]): Promise<void> {
  const untilMs = systemClock() + WAIT_MS;
  // On a busy machine no more than a part of the next bar goes by.
  const mostMs = (opens[0] ?? Infinity) + BAR_MS / 4;
  for (let calm = 0; calm < 4; calm = edge!.settled ? calm + 1 : 0) {
    if (systemClock() > untilMs) throw new Error(`never settled; notes: ${notes.slice(-10).join('; ')}`);
    await sleep(5);
    clock.ms = Math.max(clock.ms, Math.min(clock.ms + NUDGE_MS, mostMs));
    venue.books.turn();
  }
}

/** A session of days with extended hours at the venue that stands in for Alpaca, and the backtest of the same bars. */
export async function runExtendedDays(options: ExtendedOptions): Promise<ExtendedBooks> {
  const opens = opensOf(options);
  const clock = { ms: opens[0]! - HOUR_MS };
  const venue = await StandInVenue.start({ clock: () => clock.ms, seed: 1, hours: NEW_YORK_HOURS });
  for (const symbol of options.symbols) venue.books.trade(symbol, options.prices(symbol, opens[0]!)[0]!.toFixed(2));
  const market: Market = { clock, venue, opens, edge: null };
  const record = emptyRecord();
  const [effects, notes]: [Effect[], string[]] = [[], []];
  let deaths = 0;
  try {
    for (;;) {
      const live = await oneLife(options, { market, record, effects, notes });
      if (live !== null) return { venue, record, effects, notes, live, history: historyOf(options, record), deaths };
      deaths += 1;
    }
  } finally {
    await venue.stop();
  }
}

const instrumentOf = (symbol: string) => ({ ...share(symbol), rules: { extendedHours: true } });

/** From a start to the death that was asked for: null; or to the end. */
async function oneLife(
  options: ExtendedOptions,
  { market, record, effects, notes }: { market: Market; record: KeptRecord; effects: Effect[]; notes: string[] },
): Promise<SessionResult | null> {
  const clock = (): number => market.clock.ms;
  const settings = { ...STAND_IN_KEYS, tradingUrl: market.venue.url, requestsPerMinute: 1_000_000, deadlineMs: 5_000 };
  let points = Infinity;
  try {
    return await runKeptSession({
      broker: new AlpacaBroker(settings, { clock, stream: { pingMs: 1_000, pongMs: 1_000 } }),
      record,
      notes,
      instruments: options.symbols.map(instrumentOf),
      strategy: options.strategy(),
      execution: options.execution,
      protection: options.protection,
      hours: EXTENDED_DAYS,
      patience: { ...DEFAULT_PATIENCE, reconnectMs: 20 },
      clock,
      onCommit: (some) => void effects.push(...some),
      onEdge: (edge) => (market.edge = edge),
      mayDie: (where) => {
        points -= 1;
        if (points <= 0) throw new Killed(where);
      },
      next: async () => {
        await settle(market, notes);
        const closed = nextBar(options, market);
        points = options.dies?.get(record.bars.length + 1) ?? Infinity;
        return closed;
      },
    });
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return null;
  }
}

function historyOf(options: ExtendedOptions, record: KeptRecord): SessionResult {
  return runHistoricalSession({
    bars: options.symbols.map((symbol, index) => columnsOf(symbol, index, record)),
    instruments: options.symbols.map(instrumentOf),
    strategy: options.strategy(),
    sizing: { kind: 'units', units: 10 },
    limits: { ...NAMED_LIMITS.unbounded, shortAllowed: false },
    execution: options.execution,
    protection: options.protection,
    broker: simulatedBroker(),
    capital: 100_000,
    ...EXTENDED_DAYS,
  });
}

function columnsOf(symbol: string, index: number, { bars }: KeptRecord): BarColumns {
  const columns = createBarColumns(symbol, bars.length);
  bars.forEach((closed, row) => {
    const { bar } = closed.bars.find((one) => one.symbol === index)!;
    for (const key of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const)
      columns[key][row] = bar[key];
  });
  return columns;
}
