import type { Bar, BarColumns } from '../../features/bar.ts';
import { BarView, type BarSeries } from '../bar-view.ts';
import { GrowingColumns } from '../growing-columns.ts';
import { refused } from '../orders/approved-order.ts';
import { partOf, type Json } from './memory.ts';
import { HOLD, type Remembering, type Signal, type SymbolStrategy } from './strategy.ts';

/** What a rule reads of a bar: its close, or its high and low besides. */
export type ReadPrices = 'close' | 'range';

/** What is said at a bar without a price. */
const UNPRICED: Signal = Object.freeze({ ...HOLD, fault: refused('not-finite') });

/** The bars with prices, as the rule sees them. */
interface Shown {
  readonly columns: GrowingColumns;
  readonly series: BarSeries;
  readonly view: BarView;
}

/** Refuses at bars without a close what a rule of several symbols says of one; the rule sees to the rest. */
export function refusingUnpriced(rule: Remembering): Remembering {
  const { onFill, resizes } = rule;
  return {
    ...(onFill === undefined ? {} : { onFill }),
    ...(resizes === undefined ? {} : { resizes }),
    save: () => rule.save(),
    restore: (state) => rule.restore(state),
    decide: (view) => {
      const signal = rule.decide(view);
      return isPrice(view.close()) ? signal : UNPRICED;
    },
  };
}

/**
 * A rule that is shown only bars with prices: one that is not a positive number is refused as `not-finite` and passed
 * over, as if the bar had never been. Bars are copied from the first such bar on, and not before.
 */
export class PricedBars implements Remembering {
  readonly #rule: Remembering;
  readonly #range: boolean;
  /** Signal at a bar without a price. */
  readonly #unpriced: Signal = UNPRICED;
  /** The bars with prices; null while all have them. */
  #priced: Shown | null = null;
  /** Bars without prices were passed over before it was restored. */
  #restored = false;

  constructor(rule: Remembering, reads: ReadPrices) {
    this.#rule = rule;
    this.#range = reads === 'range';
  }

  decide(view: BarView): Signal {
    const close = view.close();
    if (!(close > 0 && close < Infinity) || (this.#range && !rangeIsPriced(view))) return this.#pass(view);
    if (this.#priced === null && !this.#restored) return this.#rule.decide(view);
    return this.#rule.decide(this.#shown(view));
  }

  /** Rules plan for bars that all have prices, and for no others. */
  planned(bars: BarColumns): SymbolStrategy | null {
    return this.#rule.planned?.(bars) ?? null;
  }

  save(): Json {
    return { passed: this.#priced !== null || this.#restored, rule: this.#rule.save() };
  }

  restore(state: Json): void {
    this.#rule.restore(partOf(state, 'rule'));
    this.#priced = null;
    this.#restored = partOf(state, 'passed') === true;
  }

  #pass(view: BarView): Signal {
    if (this.#priced === null) this.#begin(view);
    return this.#unpriced;
  }

  /** The view of priced bars, with the newest one. */
  #shown(view: BarView): BarView {
    const { columns, series, view: shown } = this.#priced ?? this.#begin(view);
    series.last = columns.append(barOf(view, 0));
    series.bars = columns.columns;
    return shown;
  }

  /** Copies the priced bars before the newest. */
  #begin(view: BarView): Shown {
    const columns = new GrowingColumns(view.symbol);
    let last = -1;
    for (let ago = view.length - 1; ago > 0; ago--) {
      const bar = barOf(view, ago);
      const prices = this.#range ? [bar.close, bar.high, bar.low] : [bar.close];
      if (prices.every(isPrice)) last = columns.append(bar);
    }
    const series = { bars: columns.columns, last };
    this.#priced = { columns, series, view: new BarView(series) };
    return this.#priced;
  }
}

/** A price is a positive number. */
export function isPrice(value: number): boolean {
  return value > 0 && value < Infinity;
}

function rangeIsPriced(view: BarView): boolean {
  return isPrice(view.high()) && isPrice(view.low());
}

/** Bar `ago` bars ago, copied. */
export function barOf(view: BarView, ago: number): Bar {
  return {
    openTimeMs: view.openTimeMs(ago),
    closeTimeMs: view.closeTimeMs(ago),
    open: view.open(ago),
    high: view.high(ago),
    low: view.low(ago),
    close: view.close(ago),
    volume: view.volume(ago),
  };
}
