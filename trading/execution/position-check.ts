import type { VenuePosition } from '../brokers/venue/request-verdict.ts';
import type { DeskOptions } from './desk-options.ts';

/** Share of a position by which two sums of its parts may differ. */
const ROUNDING = 1e-9;
/** How many times as often a difference is to be seen where an order of the symbol works. */
const BUSY_TIMES = 5;

/**
 * Positions as the venue has them beside the books. A difference is believed once the same one was seen several times
 * in a row: positions, orders and executions are read one after the other, while the market goes on.
 */
export class PositionCheck {
  readonly #options: DeskOptions;
  #seen = '';
  #times = 0;

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /**
   * `moved`: the same reading brought executions, so that its positions are older than the books. `busy`: symbols with
   * orders that may have been executed without a word so far.
   */
  look(
    positions: readonly VenuePosition[],
    at: { readonly moved: boolean; readonly busy: ReadonlySet<number>; readonly nowMs: number },
  ): 'agrees' | 'differs' | 'believed' {
    const { instruments, positionOf, patience, note } = this.#options;
    const { moved, busy, nowMs } = at;
    const differences: string[] = [];
    let isBusy = false;
    instruments.forEach(({ symbol }, index) => {
      const theirs = positions.find((position) => position.symbol === symbol)?.quantity ?? 0;
      const ours = positionOf(index);
      if (Math.abs(theirs - ours) <= Math.max(Math.abs(theirs), Math.abs(ours)) * ROUNDING) return;
      isBusy ||= busy.has(index);
      differences.push(`${symbol} ${theirs} there, ${ours} here`);
    });
    const seen = differences.join('; ');
    this.#times = seen === this.#seen && !moved ? this.#times + 1 : 1;
    this.#seen = seen;
    if (seen === '') return moved ? 'differs' : 'agrees';
    const needed = patience.differences * (isBusy ? BUSY_TIMES : 1);
    if (this.#times < needed) return 'differs';
    if (this.#times === needed) note(`positions differ at ${new Date(nowMs).toISOString()}: ${seen}`);
    return 'believed';
  }
}
