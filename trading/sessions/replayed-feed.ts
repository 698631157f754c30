import { setTimeout as sleep } from 'node:timers/promises';
import { barAt, type Bar, type BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { createMarket } from '../market.ts';
import { Timeline } from '../engine/timeline.ts';
import type { Quote } from '../venue-event.ts';

/** A split or dividend of the symbol at that place of the universe. */
export interface SymbolAction {
  readonly symbol: number;
  readonly action: DatedAction;
}

/** The last quote of a symbol that was known when its bar was handed on. */
export type CloseQuote = Omit<Quote, 'kind' | 'symbol'>;

/** A symbol's bar, by its place in the universe. */
interface ClosedBar {
  readonly symbol: number;
  readonly bar: Bar;
  /** Absent where there was none since the bar before. */
  readonly quote?: CloseQuote;
}

/** Bars that closed at one moment, in universe order. */
export interface ClosedBars {
  readonly closeTimeMs: number;
  readonly bars: readonly ClosedBar[];
  /** The session was given them before it was restarted. */
  readonly again?: boolean;
  /** No bar has closed: the session has had all that was before, and what follows comes as it happens. */
  readonly goesLive?: boolean;
  /** Splits and dividends that come into effect with these bars and that the session did not know from its start. */
  readonly actions?: readonly SymbolAction[];
  /** The last row of events on record that features of this close may see; absent where none read the store. */
  readonly eventsTo?: number | undefined;
  /** Bars of the same size that had closed after these when they came; 0 by default. */
  readonly lateBars?: number;
}

/** Longest single wait, so that an abort is noticed. */
const MAX_WAIT_MS = 60_000;

/**
 * History as a live feed would bring it: all bars that close at one time together, paced at `speed` times event time
 * (Infinity: as fast as they are taken).
 */
export async function* replayFeed(
  bars: readonly BarColumns[],
  instruments: readonly Instrument[],
  options: { readonly speed?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<ClosedBars> {
  const { speed = Infinity, signal } = options;
  const timeline = new Timeline(createMarket(bars, instruments));
  let previousMs: number | null = null;
  for (let step = timeline.next(); step !== null; step = timeline.next()) {
    if (step.kind === 'open') continue;
    if (previousMs !== null && speed < Infinity) {
      await sleep(Math.min(MAX_WAIT_MS, (step.timeMs - previousMs) / speed), undefined, { signal });
    }
    previousMs = step.timeMs;
    const closed = Array.from({ length: step.count }, (_, entry) => {
      const symbol = step.symbols[entry]!;
      return { symbol, bar: barAt(bars[symbol]!, step.index[entry]!) };
    });
    yield { closeTimeMs: step.timeMs, bars: closed };
  }
}
