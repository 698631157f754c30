import type { BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { FeedEvent } from '../../pipelines/feeds/feed-event.ts';
import { replayFeed, type ClosedBars, type CloseQuote, type SymbolAction } from './replayed-feed.ts';
import type { Decider, RecordedClose, SessionBars } from './session-bar-store.ts';

/** What comes after the bars that are known when a session starts. */
export interface LiveTail {
  /** A feed of the session's symbols, in universe order, whose first bars open at `fromMs` or later. */
  open(fromMs: number, signal: AbortSignal): AsyncIterable<FeedEvent>;
  /** What decides the live close that has just come, ready to be asked: asked at each before it is recorded. */
  decider(closeTimeMs: number): Promise<Decider>;
  /**
   * Splits and dividends that come into effect with these bars and are new to the session. SignalboxError for bars that
   * the session must not be given: it ends before they are recorded. `asks`: false where what was known last has to do.
   */
  actions(closed: ClosedBars, asks?: boolean): Promise<readonly SymbolAction[]>;
  /** Splits on record that come into effect about `nowMs` and that no bar of the session has brought. */
  readonly dueSplits?: (nowMs: number) => Promise<readonly SymbolAction[]>;
  /** The last row of events on record at this moment. Absent where no feature reads the store. */
  readonly eventsTo?: (() => Promise<number>) | undefined;
  /**
   * How many bars late a close comes that is handed on at this moment: how many of its timeframe have closed after it
   * by the hours of the market. 0 for one that comes before the next has closed.
   */
  lateBars(closeTimeMs: number): number;
  /** How many closes of the market there were after a moment; says nothing. Absent where nobody is to miss any. */
  readonly overdue?: ((closeTimeMs: number) => number) | undefined;
  /**
   * Sees every close before the session does: a model computes what it will be asked. `decider` is null for history,
   * and what was recorded for a close that the session had before it was restarted.
   * @returns why what decides could not answer, in words; null where it could, or was not asked
   */
  observe(closed: ClosedBars, decider: Decider | null): Promise<string | null>;
}

export interface LiveBarsOptions {
  readonly instruments: readonly Instrument[];
  /** History that ends before the session begins to trade. */
  readonly warmUp: readonly BarColumns[];
  readonly tail: LiveTail;
  readonly store: Pick<SessionBars, 'read'> & {
    write(closed: RecordedClose): Promise<void> | void;
    refuse(closeTimeMs: number, unfit: string): Promise<void> | void;
  };
  readonly signal: AbortSignal;
  /** How many records the session's journal has. */
  readonly records?: () => number;
  /** Hears what the feed says of itself. */
  readonly onEvent?: (event: Exclude<FeedEvent, { kind: 'bar' | 'quote' }>) => void;
}

/**
 * A session's bars from its first on: history, then what it got live before it was restarted, then what comes. Each
 * live close is recorded before it is handed on, with what decides it, how late it came, the last quotes, and the
 * splits and dividends that were learnt of: a restarted session is given the same again and asks the same.
 */
export async function* liveBars(options: LiveBarsOptions): AsyncGenerator<ClosedBars> {
  const { instruments, warmUp, tail, store, signal, onEvent } = options;
  let lastCloseMs = -Infinity;
  const observed = async (closed: ClosedBars, decider: Decider | null): Promise<ClosedBars> => {
    const unfit = await tail.observe(closed, decider);
    if (unfit !== null) await store.refuse(closed.closeTimeMs, unfit);
    lastCloseMs = closed.closeTimeMs;
    return closed;
  };
  for await (const closed of replayFeed(warmUp, instruments, { signal })) yield await observed(closed, null);
  for await (const closed of store.read()) yield await observed({ ...closed, again: true }, closed);
  yield { closeTimeMs: lastCloseMs, bars: [], goesLive: true };
  const symbols = new Map(instruments.map(({ symbol }, index) => [symbol, index]));
  const closing: ClosedBars['bars'][number][] = [];
  const quotes = new Map<string, CloseQuote>();
  for await (const event of tail.open(lastCloseMs, signal)) {
    if (event.kind === 'quote') {
      // The last one counts: what came between was no session's to see.
      const { symbol, ...quote } = event.quote;
      quotes.set(symbol, quote);
      continue;
    }
    if (event.kind !== 'bar') {
      onEvent?.(event);
      continue;
    }
    const quote = quotes.get(event.symbol);
    quotes.delete(event.symbol);
    closing.push({ symbol: symbols.get(event.symbol)!, bar: event.bar, ...(quote === undefined ? {} : { quote }) });
    if (!event.lastOfClose) continue;
    const { closeTimeMs } = event.bar;
    const came = { closeTimeMs, bars: closing.splice(0), lateBars: tail.lateBars(closeTimeMs) };
    const eventsTo = tail.eventsTo === undefined ? undefined : await tail.eventsTo();
    const closed = { ...came, actions: await tail.actions(came), ...(eventsTo === undefined ? {} : { eventsTo }) };
    const decider = await tail.decider(closeTimeMs);
    const recording = store.write({ ...closed, ...decider, records: options.records?.() ?? null });
    if (recording !== undefined) await recording;
    yield await observed(closed, decider);
  }
}
