import type { BarColumns } from '../../../features/bar.ts';
import { BarView, type BarSeries } from '../../../trading/bar-view.ts';
import { viewedSeries, type SessionActions } from '../../../trading/engine/corporate-actions.ts';
import type { SharedAccount, SubLedgers } from '../../../trading/portfolio/sub-ledgers.ts';
import type { Silence } from '../../../trading/strategies/own/silence.ts';
import {
  HOLD,
  type HeardFill,
  type Strategy,
  type StrategySession,
  type SymbolStrategy,
} from '../../../trading/strategies/strategy.ts';
import type { WalkWindow } from './walk-windows.ts';

/** What a window chose; null where nothing could be chosen, and then it holds. */
export interface ChosenRule {
  readonly window: WalkWindow;
  readonly strategy: Strategy | null;
}

/** Everything there is before and in the tests. */
export interface WalkedHistory {
  readonly bars: readonly BarColumns[];
  readonly actions: SessionActions | undefined;
  /**
   * Where strategies share the account: the same, but silent, which keep its parts before the first window and where
   * nothing could be chosen. Each window's choice takes the parts over from the one before.
   */
  readonly resting?: Strategy | null;
}

/**
 * One strategy over the tests of all windows: over the bars of each, what its window chose decides. It has seen every
 * bar before, as it would have live, so that its averages are warm; nothing it said before its test counts. A position
 * is kept until the choice in charge says otherwise.
 */
export function walkedStrategy(name: string, chosen: readonly ChosenRule[], history: WalkedHistory): Strategy {
  // Told once: a session of a user's file is a thread.
  let places: boolean | null = null;
  const placesWith = (views: readonly BarView[]): boolean =>
    (places ??=
      (history.resting ?? null) !== null ||
      chosen.some(({ strategy }) => strategy !== null && placesOrders(strategy, views)));
  return {
    name,
    parameters: {},
    forSymbol: () => {
      throw new Error('A walk decides on all symbols of a session.');
    },
    forSession: (views) => new WalkedSession(chosen, history, { views, places: placesWith(views) }),
  };
}

/** What is in charge, with a view of the whole history. */
interface InCharge {
  readonly window: WalkWindow;
  readonly session: StrategySession;
  readonly history: HistoryViews;
}

class WalkedSession implements StrategySession {
  readonly symbols: readonly SymbolStrategy[];
  readonly begin?: (account: SharedAccount) => SubLedgers;
  readonly #chosen: readonly ChosenRule[];
  readonly #history: WalkedHistory;
  readonly #notes: string[] = [];
  /** Has the parts of the account before the first window. */
  readonly #opener: StrategySession | null = null;
  #inCharge: InCharge | null = null;

  constructor(
    chosen: readonly ChosenRule[],
    history: WalkedHistory,
    { views, places }: { readonly views: readonly BarView[]; readonly places: boolean },
  ) {
    this.#chosen = chosen;
    this.#history = history;
    const { resting = null } = history;
    if (resting !== null) {
      const opener = (this.#opener = sessionOf(resting, views));
      this.begin = (account) => opener.begin!(account);
    }
    this.symbols = views.map((_, symbol) => ({
      decide: (view) => {
        const asked = this.#at(view.closeTimeMs());
        return asked === null ? HOLD : asked.session.symbols[symbol]!.decide(asked.history.views[symbol]!);
      },
      onFill: (fill: HeardFill) => this.#inCharge?.session.symbols[symbol]!.onFill?.(fill),
      ...(places
        ? {
            orders: (view, book) => {
              const asked = this.#at(view.closeTimeMs());
              return asked?.session.symbols[symbol]!.orders?.(asked.history.views[symbol]!, book) ?? [];
            },
          }
        : {}),
    }));
  }

  failure(): Error | null {
    return this.#inCharge?.session.failure?.() ?? null;
  }

  silences(): readonly Silence[] {
    return this.#inCharge?.session.silences?.() ?? [];
  }

  notes(): readonly string[] {
    return [...this.#notes, ...(this.#inCharge?.session.notes?.() ?? [])];
  }

  end(): void {
    this.#inCharge?.session.end?.();
  }

  /** What decides at a close of a test, having seen every bar up to it. */
  #at(closeMs: number): InCharge | null {
    let inCharge = this.#inCharge;
    if (inCharge === null || closeMs > inCharge.window.testToMs) inCharge = this.#take(closeMs);
    inCharge?.history.moveTo(closeMs);
    return inCharge;
  }

  #take(closeMs: number): InCharge | null {
    const before = this.#inCharge;
    this.#inCharge = this.#next(closeMs, before?.session ?? this.#opener);
    // What was handed on is told by who has it now.
    if (before !== null) {
      this.#notes.push(...(before.session.notes?.() ?? []));
      before.session.end?.();
    }
    return this.#inCharge;
  }

  #next(closeMs: number, before: StrategySession | null): InCharge | null {
    const found = this.#chosen.find(({ window }) => closeMs >= window.testFromMs && closeMs <= window.testToMs);
    const strategy = found?.strategy ?? this.#history.resting ?? null;
    if (found === undefined || strategy === null) return null;
    const history = new HistoryViews(this.#history);
    const session = sessionOf(strategy, history.views);
    history.replay(closeMs, (symbol, timeMs) => {
      if (session.watch === undefined) session.symbols[symbol]!.decide(history.views[symbol]!);
      else session.watch(symbol, timeMs);
    });
    if (before !== null) session.succeed?.(before);
    return { window: found.window, session, history };
  }
}

function sessionOf(strategy: Strategy, views: readonly BarView[]): StrategySession {
  return strategy.forSession?.(views) ?? { symbols: views.map(({ symbol }) => strategy.forSymbol(symbol)) };
}

/** Whether a strategy places orders in place of saying signals: told by a session of it. */
function placesOrders(strategy: Strategy, views: readonly BarView[]): boolean {
  const session = sessionOf(strategy, views);
  session.end?.();
  return session.symbols.some(({ orders }) => orders !== undefined);
}

/** All symbols' bars as a strategy sees them, splits and dividends taken out, up to a moment that moves on. */
class HistoryViews {
  readonly views: readonly BarView[];
  readonly #series: readonly BarSeries[];

  constructor({ bars, actions }: WalkedHistory) {
    this.#series = bars.map((columns): BarSeries => ({ bars: columns, last: -1 }));
    this.views = (viewedSeries(this.#series, actions) ?? this.#series).map((series) => new BarView(series));
  }

  /** Every close up to and with `closeMs` has been. */
  moveTo(closeMs: number): void {
    for (const series of this.#series) while (this.#nextOf(series) <= closeMs) series.last += 1;
  }

  /** Goes through every close before `closeMs`, all symbols of a moment together, and asks at each of its bars. */
  replay(closeMs: number, ask: (symbol: number, timeMs: number) => void): void {
    for (;;) {
      const nextMs = Math.min(...this.#series.map((series) => this.#nextOf(series)));
      if (!(nextMs < closeMs)) return;
      this.moveTo(nextMs);
      this.#series.forEach(({ bars, last }, symbol) => {
        if (last >= 0 && bars.closeTimeMs[last] === nextMs) ask(symbol, nextMs);
      });
    }
  }

  #nextOf({ bars, last }: BarSeries): number {
    return last + 1 < bars.length ? bars.closeTimeMs[last + 1]! : Infinity;
  }
}
