import type { BarColumns } from '../../../features/bar.ts';
import type { BarView } from '../../../trading/bar-view.ts';
import type { Effect } from '../../../trading/effect.ts';
import { HistoricalRun, type HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import {
  HOLD,
  type Signal,
  type Strategy,
  type StrategySession,
  type SymbolStrategy,
} from '../../../trading/strategies/strategy.ts';
import { EffectJournal } from './effect-journal.ts';

/** A strategy to be hunted in: how it is made over any bars, and how it trades. */
export interface HuntedStrategy {
  /** Of the session's strategy as a whole. */
  readonly name: string;
  readonly bars: readonly BarColumns[];
  /**
   * Made anew for each run: what it is handed is all that there is of history and future. What it hands to `listen` is
   * heard: itself, or each of the strategies that it is made of.
   */
  readonly make: (bars: readonly BarColumns[], listen: Listen) => Strategy;
  /** The session over those bars. */
  readonly session: (bars: readonly BarColumns[]) => Omit<HistoricalSessionOptions, 'bars' | 'strategy' | 'journal'>;
}

/** The same strategy, and each of its answers is heard, as those of `name`. */
type Listen = (strategy: Strategy, name?: string) => Strategy;

/** What a strategy said about a symbol at a close. */
export interface Answer {
  readonly strategy: string;
  readonly symbol: string;
  readonly timeMs: number;
  /** Signal or orders, as JSON: equal answers are equal texts. */
  readonly said: string;
  /** What it comes down to, without words and amounts of the account. */
  readonly bare: string;
  /** A HOLD. */
  readonly quiet: boolean;
}

/** A run up to some moment. */
export interface RecordedRun {
  readonly answers: readonly Answer[];
  readonly effects: readonly Effect[];
  /** After each moment at which bars closed: its time, and how much had been answered and decided. */
  readonly moments: readonly { readonly timeMs: number; readonly answers: number; readonly effects: number }[];
}

/** Runs the strategy over `bars`, to the end or until after bars have closed at `untilMs`. */
export function runRecorded(hunted: HuntedStrategy, bars: readonly BarColumns[], untilMs = Infinity): RecordedRun {
  const answers: Answer[] = [];
  const moments: RecordedRun['moments'][number][] = [];
  const journal = new EffectJournal(bars.map(({ symbol }) => symbol));
  const { effects } = journal;
  let nowMs = -Infinity;
  const listen: Listen = (one, name = one.name) =>
    replaced(one, (symbol) => heardSymbol(symbol, (answer) => answers.push({ strategy: name, ...answer })));
  const strategy = replaced(hunted.make(bars, listen), (symbol) =>
    timedSymbol(symbol, (timeMs) => (nowMs = Math.max(nowMs, timeMs))),
  );
  const run = new HistoricalRun({ ...hunted.session(bars), bars, strategy, journal });
  try {
    while (nowMs < untilMs && run.advance(1)) {
      moments.push({ timeMs: nowMs, answers: answers.length, effects: effects.length });
    }
  } finally {
    run.close();
  }
  return { answers, effects, moments };
}

/** The same strategy with others in place of its decision makers. These say at no bar that they will be quiet. */
function replaced(strategy: Strategy, replace: (one: SymbolStrategy) => SymbolStrategy): Strategy {
  const { name, parameters, forSession } = strategy;
  const forSymbol: Strategy['forSymbol'] = (symbol) => replace(strategy.forSymbol(symbol));
  if (forSession === undefined) return { name, parameters, forSymbol };
  return {
    name,
    parameters,
    forSymbol,
    forSession: (views: readonly BarView[]): StrategySession => {
      const session = forSession.call(strategy, views);
      return {
        symbols: session.symbols.map(replace),
        ...(session.begin === undefined ? {} : { begin: (account) => session.begin!(account) }),
        failure: () => session.failure?.() ?? null,
        notes: () => session.notes?.() ?? [],
        end: () => session.end?.(),
      };
    },
  };
}

/** Tells the close of each bar that it is asked about. */
function timedSymbol(one: SymbolStrategy, tell: (timeMs: number) => void): SymbolStrategy {
  const { orders, onFill, resizes } = one;
  return {
    decide: (view) => {
      tell(view.closeTimeMs());
      return one.decide(view);
    },
    ...(onFill === undefined ? {} : { onFill: (fill) => onFill.call(one, fill) }),
    ...(resizes === undefined ? {} : { resizes }),
    ...(orders === undefined ? {} : { orders: (view, book) => orders.call(one, view, book) }),
  };
}

function heardSymbol(one: SymbolStrategy, heard: (answer: Omit<Answer, 'strategy'>) => void): SymbolStrategy {
  const tell = (view: BarView, what: Said): void => heard({ symbol: view.symbol, timeMs: view.closeTimeMs(), ...what });
  const { orders, onFill, resizes } = one;
  return {
    decide: (view) => {
      const signal = one.decide(view);
      tell(view, signal === HOLD ? HELD : heardSignal(signal));
      return signal;
    },
    ...(onFill === undefined ? {} : { onFill: (fill) => onFill.call(one, fill) }),
    ...(resizes === undefined ? {} : { resizes }),
    ...(orders === undefined
      ? {}
      : {
          orders: (view, book) => {
            const placed = orders.call(one, view, book);
            if ('kind' in placed || placed.length > 0) tell(view, heardOrders(placed));
            return placed;
          },
        }),
  };
}

/** Digits that a signal's target is compared to where history differs. */
const DIGITS = 6;

/** An answer without where and when. */
type Said = Pick<Answer, 'said' | 'bare' | 'quiet'>;

function heardSignal(signal: Signal): Said {
  const { action, target, fault } = signal;
  const share = target === undefined ? null : Number(target.toPrecision(DIGITS));
  const bare = JSON.stringify({ action, target: share, fault: fault?.code });
  return { said: JSON.stringify(signal), bare, quiet: action === 'HOLD' && fault === undefined };
}

const HELD = heardSignal(HOLD);

function heardOrders(placed: object): Said {
  const said = JSON.stringify(placed);
  return { said, bare: said, quiet: false };
}
