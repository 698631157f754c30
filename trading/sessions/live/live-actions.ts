import type { Bar } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { SignalboxError } from '../../../infra/errors.ts';
import { closeAfter, unmarkedSplits } from '../../../pipelines/adjustments/already-adjusted.ts';
import type { AdjustMode, DatedAction } from '../../../pipelines/adjustments/corporate-action.ts';
import type { Calendar } from '../../../pipelines/calendars/calendar.ts';
import { isoDay } from '../../../pipelines/calendars/day.ts';
import { splitRatio } from '../../../pipelines/quality/split-sized-jumps.ts';
import type { ClosedBars, SymbolAction } from '../replayed-feed.ts';

/** How far an open may be from the exact ratio of a split: the price also moves over night. */
const SPLIT_TOLERANCE = 0.1;

/**
 * What is on record of the splits and dividends of each symbol, in universe order. `again`: whoever gives them is asked
 * once more before.
 */
export type RecordedActions = (again: boolean) => Promise<readonly (readonly DatedAction[])[]>;

export interface LiveActionsOptions {
  readonly symbols: readonly string[];
  /** Symbols whose shares may be split. */
  readonly shares: readonly boolean[];
  readonly calendar: Pick<Calendar, 'dayAt'>;
  /** Open of the last bar of each symbol's history: what came into effect by then is part of that. */
  readonly historyMs: readonly number[];
  readonly recorded: RecordedActions;
  /** Where it is `raw`, a split on record is not applied. */
  readonly adjust: AdjustMode;
  /** A split that does not show in the prices is none to stop at. */
  readonly trustActions: boolean;
  /** A jump of the size of a split is a move of the price: the operator has said so. */
  readonly realJumps: boolean;
  /** Hears of a dividend that came too late to be credited. */
  readonly note: (text: string) => void;
}

/** What is known is read from the record, after the vendor was asked, or is what it was last. */
type AskedBy = 'record' | 'vendor' | 'memory';

/** What is known of the newest bar of a symbol. */
interface Newest {
  readonly openTimeMs: number;
  readonly close: number;
}

/** The last bar that the session was given, and the first after it. */
interface Neighbours {
  readonly before: Newest;
  readonly bar: Bar;
}

/**
 * Splits and dividends that a session learns of while it runs: each is handed out once, with the first bar that opens
 * on its ex-date or later. A split that becomes known after that bar ends the session in words: positions, orders and
 * features have been in mixed units since. A jump of the size of a split that nobody has put on record ends it before
 * the bar is given, so that it can go on from there once it is explained.
 */
export class LiveActions {
  readonly #options: LiveActionsOptions;
  /** What the session was given, or was told of in words, and with which value. */
  readonly #known = new Map<string, number>();
  readonly #newest: (Newest | null)[];
  /** What was on record when it was last read. */
  #last: readonly (readonly DatedAction[])[];

  constructor(options: LiveActionsOptions) {
    this.#options = options;
    this.#newest = options.symbols.map(() => null);
    this.#last = options.symbols.map(() => []);
  }

  /** A close that the session is given: nothing of it is new any more. */
  observe({ bars, actions = [] }: ClosedBars): void {
    for (const { symbol, bar } of bars) this.#newest[symbol] = bar;
    for (const one of actions) this.#known.set(keyOf(one), one.action.value);
  }

  /**
   * What comes into effect with these bars and the session does not know yet. `asks`: false where the record cannot be
   * asked, and what was known last has to do.
   * @throws SignalboxError for a split that is known too late, and for a jump that looks like one.
   */
  async before(closed: Pick<ClosedBars, 'bars'>, asks = true): Promise<readonly SymbolAction[]> {
    const found = await this.#new(closed, asks ? 'record' : 'memory');
    if (this.#doubt(closed, found) === null) return found;
    const asked = await this.#new(closed, asks ? 'vendor' : 'memory');
    const doubt = this.#doubt(closed, asked);
    if (doubt !== null) throw doubt;
    return asked;
  }

  /** Splits on record that come into effect by tomorrow, and that no bar so far has brought. */
  async dueSplits(nowMs: number): Promise<readonly SymbolAction[]> {
    const recorded = await this.#options.recorded(false);
    return recorded.flatMap((list, symbol) => {
      const fromMs = Math.max(this.#newest[symbol]?.openTimeMs ?? -Infinity, this.#options.historyMs[symbol]!);
      const due = list.filter(
        ({ kind, effectiveMs }) => kind === 'split' && effectiveMs > fromMs && effectiveMs <= nowMs + DAY_MS,
      );
      return due.map((action) => ({ symbol, action }));
    });
  }

  async #new({ bars }: Pick<ClosedBars, 'bars'>, by: AskedBy): Promise<SymbolAction[]> {
    const recorded = by === 'memory' ? this.#last : await this.#options.recorded(by === 'vendor');
    this.#last = recorded;
    recorded.forEach((list, symbol) => {
      for (const action of list) this.#requireInTime({ symbol, action });
    });
    return bars.flatMap(({ symbol, bar }) => {
      const fromMs = this.#newest[symbol]?.openTimeMs ?? -Infinity;
      const due = recorded[symbol]!.filter(({ effectiveMs }) => effectiveMs > fromMs && effectiveMs <= bar.openTimeMs);
      return due
        .filter(({ effectiveMs }) => effectiveMs > this.#options.historyMs[symbol]!)
        .map((action) => ({ symbol, action }));
    });
  }

  /** One whose ex-date the session has passed is one that it was given, with the value that it was given. */
  #requireInTime(one: SymbolAction): void {
    const { symbols, historyMs, note } = this.#options;
    const { symbol, action } = one;
    const { effectiveMs, kind, value } = action;
    const passedMs = this.#newest[symbol]?.openTimeMs ?? -Infinity;
    if (effectiveMs <= historyMs[symbol]! || effectiveMs > passedMs || this.#known.get(keyOf(one)) === value) return;
    const given = this.#known.get(keyOf(one));
    const what = `${symbols[symbol]!}: the ${kind} of ${value} on ${this.#day(effectiveMs)}`;
    const how =
      given === undefined
        ? 'became known only after bars since that day had been traded'
        : `was taken for one of ${given} when it came into effect`;
    if (kind === 'dividend') {
      this.#known.set(keyOf(one), value);
      return note(`${what} ${how}: this session's cash leaves the difference out.`);
    }
    throw new SignalboxError(`${what} ${how}: positions and prices of this session do not belong together since.`, {
      remedy: 'Its record stays as it is. Begin another one with --session ID: that has the split in its history.',
    });
  }

  /** Where prices and record do not agree, an error that says so. */
  #doubt({ bars }: Pick<ClosedBars, 'bars'>, found: readonly SymbolAction[]): SignalboxError | null {
    for (const { symbol, bar } of bars) {
      const before = this.#newest[symbol];
      if (before === null || before === undefined || this.#options.shares[symbol] !== true) continue;
      const own = found.filter((one) => one.symbol === symbol).map(({ action }) => action);
      const doubt = this.#hidden(symbol, own, { before, bar }) ?? this.#jump(symbol, own, { before, bar });
      if (doubt !== null) return doubt;
    }
    return null;
  }

  /** A split on record that the open does not show: the feed's prices were adjusted for it. */
  #hidden(symbol: number, own: readonly DatedAction[], { before, bar }: Neighbours): SignalboxError | null {
    const { symbols, trustActions } = this.#options;
    const [split] = trustActions ? [] : unmarkedSplits(own, before.close, bar.open);
    if (split === undefined) return null;
    return new SignalboxError(
      `${symbols[symbol]!} opened at ${bar.open} on ${this.#day(split.effectiveMs)} after a close of ${before.close}: the ` +
        `split of ${split.value} on record does not show. The session ends before that bar.`,
      {
        remedy:
          'Take the split off the record (signalbox ingest EXPERIMENT --actions FILE --revise) and start the session ' +
          'again: it goes on with that bar. Prices must come as traded.',
      },
    );
  }

  /** An open as after a split that nobody has put on record. */
  #jump(symbol: number, own: readonly DatedAction[], { before, bar }: Neighbours): SignalboxError | null {
    const { symbols, calendar, realJumps, adjust } = this.#options;
    if (realJumps || calendar.dayAt(before.openTimeMs) === calendar.dayAt(bar.openTimeMs)) return null;
    const ratio = splitRatio(bar.open / closeAfter(own, before.close, bar.open), SPLIT_TOLERANCE);
    if (ratio === undefined) return null;
    const remedy =
      adjust === 'raw'
        ? 'data.adjust is raw, which applies no split: begin a session of an experiment that adjusts for splits.'
        : 'Put the split on record (signalbox ingest EXPERIMENT --actions FILE) and start the session again: it goes on ' +
          'with that bar.';
    return new SignalboxError(
      `${symbols[symbol]!} opened at ${bar.open} on ${this.#day(bar.openTimeMs)} after a close of ${before.close}, as ` +
        `after a ${ratio} split, and none is applied: the session ends before that bar.`,
      { remedy: `${remedy} If the price did move so far, start it with --real-jumps.` },
    );
  }

  #day(timeMs: number): string {
    return isoDay(this.#options.calendar.dayAt(timeMs));
  }
}

function keyOf({ symbol, action }: SymbolAction): string {
  return `${symbol} ${action.kind} ${action.effectiveMs}`;
}
