import type { Bar, BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { FeedEvent } from '../../pipelines/feeds/feed-event.ts';
import { replayFeed, type ClosedBars } from './replayed-feed.ts';
import type { SessionBars } from './session-bar-store.ts';

/** What comes after the bars that are known when a session starts. */
export interface LiveTail {
  /** A feed of the session's symbols, in universe order, whose first bars open at `fromMs` or later. */
  open(fromMs: number, signal: AbortSignal): AsyncIterable<FeedEvent>;
  /** What decides the live close that has just come, ready to be asked: asked at each before it is recorded. */
  decider(): Promise<string>;
  /**
   * Sees every close before the session does: a model computes what it will be asked. `decidedBy` is null for history,
   * and what was recorded for a close that the session had before it was restarted.
   */
  observe(closed: ClosedBars, decidedBy: string | null): Promise<void>;
}

export interface LiveBarsOptions {
  readonly instruments: readonly Instrument[];
  /** History that ends before the session begins to trade. */
  readonly warmUp: readonly BarColumns[];
  readonly tail: LiveTail;
  readonly store: Pick<SessionBars, 'read' | 'write'>;
  readonly signal: AbortSignal;
  /** Hears what the feed says of itself. */
  readonly onEvent?: (event: Exclude<FeedEvent, { kind: 'bar' }>) => void;
}

/**
 * A session's bars from its first on: history, then what it got live before it was restarted, then what comes. Each
 * live close is recorded with what decides it before it is handed on, so that a restarted session is given the same
 * ones again and asks the same.
 */
export async function* liveBars(options: LiveBarsOptions): AsyncGenerator<ClosedBars> {
  const { instruments, warmUp, tail, store, signal, onEvent } = options;
  let lastCloseMs = -Infinity;
  const observed = async (closed: ClosedBars, decidedBy: string | null): Promise<ClosedBars> => {
    await tail.observe(closed, decidedBy);
    lastCloseMs = closed.closeTimeMs;
    return closed;
  };
  for await (const closed of replayFeed(warmUp, instruments, { signal })) yield await observed(closed, null);
  for await (const closed of store.read()) yield await observed({ ...closed, again: true }, closed.decidedBy);
  const symbols = new Map(instruments.map(({ symbol }, index) => [symbol, index]));
  const closing: { symbol: number; bar: Bar }[] = [];
  for await (const event of tail.open(lastCloseMs, signal)) {
    if (event.kind !== 'bar') {
      onEvent?.(event);
      continue;
    }
    closing.push({ symbol: symbols.get(event.symbol)!, bar: event.bar });
    if (!event.lastOfClose) continue;
    const closed = { closeTimeMs: event.bar.closeTimeMs, bars: closing.splice(0) };
    const decidedBy = await tail.decider();
    await store.write({ ...closed, decidedBy });
    yield await observed(closed, decidedBy);
  }
}
