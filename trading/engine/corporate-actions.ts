import type { BarColumns } from '../../features/bar.ts';
import { adjustBars } from '../../pipelines/adjustments/bar-adjuster.ts';
import { inOrder, type DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import type { BarSeries } from '../bar-view.ts';
import type { CorporateActionEvent } from '../effect.ts';
import type { MarketStep } from '../market.ts';

/** Splits and dividends of each symbol, in universe order. Bars and fills are at prices as traded. */
export type SessionActions = readonly (readonly DatedAction[])[];

/** Whether an action of a symbol was booked already. */
export type TookAction = (symbol: number, action: DatedAction) => boolean;

/**
 * The actions of a session as events: each comes before the first bar of its symbol that opens on the ex-date or later
 * does anything.
 */
export class ActionSchedule {
  readonly #series: readonly BarSeries[];
  readonly #actions: (readonly DatedAction[])[];
  /** Next action of each symbol. */
  readonly #next: Int32Array;
  #earliestMs = Infinity;

  constructor(actions: SessionActions, series: readonly BarSeries[]) {
    this.#series = series;
    this.#actions = actions.map(inOrder);
    this.#next = new Int32Array(actions.length);
    this.#findEarliest();
  }

  /** One more action of `symbol`, which comes into effect after every bar so far. */
  add(symbol: number, action: DatedAction): void {
    const next = this.#next[symbol]!;
    const list = this.#actions[symbol]!;
    this.#actions[symbol] = [...list.slice(0, next), ...inOrder([...list.slice(next), action])];
    this.#findEarliest();
  }

  /** The next event that comes before `step`, once; those that `took` knows have been booked. */
  due(step: MarketStep, took?: TookAction): CorporateActionEvent | null {
    const { timeMs, symbols, index, count } = step;
    if (timeMs < this.#earliestMs) return null;
    for (let entry = 0; entry < count; entry++) {
      const symbol = symbols[entry]!;
      const action = this.#actions[symbol]![this.#next[symbol]!];
      const openTimeMs = this.#series[symbol]!.bars.openTimeMs[index[entry]!]!;
      // A bar that opened before the ex-date is of the day before, whenever it closes.
      if (action === undefined || action.effectiveMs > openTimeMs) continue;
      this.#next[symbol]! += 1;
      this.#findEarliest();
      if (took?.(symbol, action) === true) return this.due(step, took);
      return { kind: 'action', timeMs: openTimeMs, symbol, action: action.kind, value: action.value };
    }
    return null;
  }

  #findEarliest(): void {
    const times = this.#actions.map((list, symbol) => list[this.#next[symbol]!]?.effectiveMs ?? Infinity);
    this.#earliestMs = Math.min(Infinity, ...times);
  }
}

/**
 * What a strategy may take out of its view: an action from its ex-date on, or, where it became known later, from the
 * first bar that opens after that.
 */
export function viewActions(actions: readonly DatedAction[]): DatedAction[] {
  return inOrder(actions.map((action) => ({ ...action, effectiveMs: Math.max(action.effectiveMs, action.knownAtMs) })));
}

/** The series that a strategy sees beside the one that is traded: other columns, the same end. */
export function seriesBeside(traded: BarSeries, bars: () => BarColumns): BarSeries {
  return {
    get bars() {
      return bars();
    },
    get last() {
      return traded.last;
    },
  };
}

/** What strategies see of a market of history whose bars are `traded`; undefined where that is the market itself. */
export function viewedSeries(
  series: readonly BarSeries[],
  actions: SessionActions | undefined,
): BarSeries[] | undefined {
  if (actions === undefined || actions.every((list) => list.length === 0)) return undefined;
  return series.map((traded, symbol) => {
    if (actions[symbol]!.length === 0) return traded;
    const adjusted = adjustBars(traded.bars, viewActions(actions[symbol]!));
    return seriesBeside(traded, () => adjusted);
  });
}
