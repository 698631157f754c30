import type { BarColumns } from '../features/bar.ts';
import { adjustBars } from '../pipelines/adjustments/bar-adjuster.ts';
import { inOrder, type DatedAction } from '../pipelines/adjustments/corporate-action.ts';
import type { BarSeries } from './bar-view.ts';
import type { CorporateActionEvent } from './effect.ts';
import type { MarketStep } from './market.ts';

/** Splits and dividends of each symbol, in universe order. Bars and fills are at prices as traded. */
export type SessionActions = readonly (readonly DatedAction[])[];

/** The actions of a session as events, each before the first step of its ex-date. */
export class ActionSchedule {
  readonly #events: readonly CorporateActionEvent[];
  #next = 0;

  constructor(actions: SessionActions) {
    this.#events = actions
      .flatMap((list, symbol) =>
        inOrder(list).map(({ kind, value, effectiveMs }): CorporateActionEvent => {
          return { kind: 'action', timeMs: effectiveMs, symbol, action: kind, value };
        }),
      )
      .sort((a, b) => a.timeMs - b.timeMs || a.symbol - b.symbol);
  }

  /** The next event that comes before `step`, once. A close at the very moment still belongs to the day before. */
  due({ timeMs, kind }: MarketStep): CorporateActionEvent | null {
    const event = this.#events[this.#next];
    if (event === undefined || event.timeMs > timeMs || (event.timeMs === timeMs && kind === 'close')) return null;
    this.#next += 1;
    return event;
  }
}

/**
 * What a strategy may take out of its view: an action from its ex-date on, or, where it became known later, from the first bar that
 * opens after that.
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
