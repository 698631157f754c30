import { createBarColumns, type Bar, type BarColumns } from '../../features/bar.ts';
import { InputError } from '../../infra/errors.ts';
import { exDateOf, inOrder, type DatedAction } from './corporate-action.ts';

/** What an adjuster remembers, safe to store as JSON. */
export interface AdjusterState {
  readonly applied: number;
  readonly priceFactor: number;
  readonly shareFactor: number;
  readonly lastClose: number | null;
}

/**
 * Adjusts the bars of one symbol forward: prices of new bars are multiplied by a cumulative factor, volumes divided by
 * the shares that one share of the first bar has become. A split of n new shares per old multiplies the factor by n; a
 * dividend D by P / (P - D), P being the last close before the ex-date (the CRSP factor to adjust prices, turned
 * round). So the level is that of one share of the first bar with its dividends reinvested at the ex-date, as in a
 * total return index (Lopez de Prado 2018, section 2.4.1, builds series so).
 *
 * The usual backward adjustment rescales the past at every action: a stored feature row would change, and a kernel that
 * holds an average would have to be told. Going forward, the past never changes, the factor at a bar depends on actions
 * up to that bar alone, and a window that spans a split is continuous, so one pass over bars gives point-in-time rows.
 * Both are the same series up to one constant.
 */
export class BarAdjuster {
  readonly #symbol: string;
  #actions: readonly DatedAction[];
  #applied = 0;
  #priceFactor = 1;
  #shareFactor = 1;
  /** Raw close of the last bar, per share of today; NaN before the first. */
  #lastClose = NaN;

  /** `actions` in order (`inOrder`). */
  constructor(symbol: string, actions: readonly DatedAction[]) {
    this.#symbol = symbol;
    this.#actions = actions;
  }

  /** One more action, which comes into effect after every bar so far. */
  add(action: DatedAction): void {
    this.#actions = inOrder([...this.#actions, action]);
  }

  /**
   * The next bar, adjusted; the same object where nothing is to be done. Throws InputError for a dividend that is not
   * below the price.
   */
  adjust(bar: Bar): Bar {
    this.#moveTo(bar.openTimeMs);
    this.#lastClose = bar.close;
    if (this.#priceFactor === 1 && this.#shareFactor === 1) return bar;
    const { openTimeMs, closeTimeMs } = bar;
    const price = this.#priceFactor;
    return {
      openTimeMs,
      closeTimeMs,
      open: bar.open * price,
      high: bar.high * price,
      low: bar.low * price,
      close: bar.close * price,
      volume: bar.volume / this.#shareFactor,
    };
  }

  /** Whole columns, bit for bit what `adjust` gives bar by bar. They must follow the bars adjusted so far. */
  adjustColumns(bars: BarColumns): BarColumns {
    const out = createBarColumns(bars.symbol, bars.length);
    out.openTimeMs.set(bars.openTimeMs);
    out.closeTimeMs.set(bars.closeTimeMs);
    for (let i = 0; i < bars.length; i++) {
      this.#moveTo(bars.openTimeMs[i]!);
      this.#lastClose = bars.close[i]!;
      const price = this.#priceFactor;
      out.open[i] = bars.open[i]! * price;
      out.high[i] = bars.high[i]! * price;
      out.low[i] = bars.low[i]! * price;
      out.close[i] = bars.close[i]! * price;
      out.volume[i] = bars.volume[i]! / this.#shareFactor;
    }
    return out;
  }

  save(): AdjusterState {
    const lastClose = Number.isNaN(this.#lastClose) ? null : this.#lastClose;
    return { applied: this.#applied, priceFactor: this.#priceFactor, shareFactor: this.#shareFactor, lastClose };
  }

  restore(state: AdjusterState): void {
    this.#applied = state.applied;
    this.#priceFactor = state.priceFactor;
    this.#shareFactor = state.shareFactor;
    this.#lastClose = state.lastClose ?? NaN;
  }

  #moveTo(openTimeMs: number): void {
    while (this.#applied < this.#actions.length && this.#actions[this.#applied]!.effectiveMs <= openTimeMs) {
      this.#apply(this.#actions[this.#applied]!);
      this.#applied += 1;
    }
  }

  /** Before the first bar there is no price to be relative to: the action is part of where the series starts. */
  #apply({ kind, value, effectiveMs }: DatedAction): void {
    if (Number.isNaN(this.#lastClose)) return;
    if (kind === 'split') {
      this.#priceFactor *= value;
      this.#shareFactor *= value;
      this.#lastClose /= value;
      return;
    }
    const left = this.#lastClose - value;
    if (!(left > 0)) {
      throw new InputError(
        `${this.#symbol}: the dividend of ${value} on ${exDateOf({ effectiveMs })} is not below the last close before it, ${this.#lastClose}.`,
        'Correct it in the actions file and ingest it with --revise: amounts are cash per share held before the ex-date.',
      );
    }
    this.#priceFactor *= this.#lastClose / left;
    this.#lastClose = left;
  }
}

/** The bars of one symbol adjusted by `actions`; the columns themselves where there are none. */
export function adjustBars(bars: BarColumns, actions: readonly DatedAction[]): BarColumns {
  return actions.length === 0 ? bars : new BarAdjuster(bars.symbol, actions).adjustColumns(bars);
}
