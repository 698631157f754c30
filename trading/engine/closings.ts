import { isSet } from '../../models/experiment/limits-schema.ts';
import { Grid } from '../grid.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import type { OrderProposal } from '../orders/approved-order.ts';
import type { EngineParts } from './engine-parts.ts';

interface ClosingOptions {
  readonly instruments: readonly Instrument[];
  readonly margin: RiskLimits['margin'];
  /** Risk is asked for an order. */
  readonly order: (proposal: OrderProposal) => void;
  /** Orders that strategies placed by themselves are cancelled. */
  readonly cancelOwn: (timeMs: number, which: 'all') => void;
}

/** Orders that close or shrink what is held, whatever strategies say: for an operator, or because margin calls. */
export class Closings {
  readonly #parts: EngineParts;
  readonly #options: ClosingOptions;
  readonly #lots: readonly Grid[];

  constructor(parts: EngineParts, options: ClosingOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#lots = options.instruments.map(({ lot }) => new Grid(lot));
  }

  /** Cancels the orders of signals that work: all, or those that open. */
  cancelWorking(timeMs: number, which: 'all' | 'openings'): void {
    const { lanes, orders, emit } = this.#parts;
    lanes.forEach(({ working, reducing }, symbol) => {
      if (working === 0 || (reducing && which === 'openings')) return;
      // What stops the session may be that this one was rejected.
      if (!orders.isFinal(working)) emit({ kind: 'cancel', timeMs, symbol, sequence: working });
    });
  }

  /** Orders to close whatever is open and has no order yet; repeated at every close until all is flat. */
  flatten(timeMs: number): void {
    this.#shrinkTo(timeMs, 0);
  }

  /**
   * Where equity has fallen below the maintenance margin of what is held, every position is cut in the same proportion,
   * down to whole lots, so that equity is the initial margin of the rest; orders that work are cancelled first. It is
   * looked at again at every close, until equity is enough.
   */
  callMargin(timeMs: number): void {
    const { margin } = this.#options;
    const { portfolio, risk, emit } = this.#parts;
    const { equity, gross } = portfolio;
    if (!isSet(margin) || !(equity < margin.maintenance * gross)) return;
    const { killState: state } = risk.state;
    const found = { value: equity / gross, limit: margin.maintenance };
    emit({ kind: 'state', timeMs, state, cause: 'margin-call', ...found });
    this.#options.cancelOwn(timeMs, 'all');
    this.cancelWorking(timeMs, 'openings');
    this.#shrinkTo(timeMs, Math.max(0, equity / (margin.initial * gross)));
  }

  #shrinkTo(timeMs: number, share: number): void {
    const { portfolio, lanes } = this.#parts;
    const { open, price, quantity } = portfolio;
    for (let at = 0; at < open.count; at++) {
      const symbol = open.symbols[at]!;
      const { working, parent } = lanes[symbol]!;
      if (working !== 0 || parent !== 0) continue;
      const held = quantity[symbol]!;
      const left = share === 0 ? 0 : Math.sign(held) * this.#lots[symbol]!.floor(Math.abs(held) * share);
      this.#options.order({ timeMs, symbol, targetUnits: left, atFill: false, price: price[symbol]! });
    }
  }
}
