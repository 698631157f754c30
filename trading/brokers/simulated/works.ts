import type { ApprovedBefore, ApprovedOrder } from '../../orders/approved-order.ts';
import { watches, workBefore, type Work } from './work.ts';

/** What works at a simulated venue. */
export class Works {
  /** By symbol and sequence, in the order in which they came. */
  readonly bySymbol: readonly Map<number, Work>[];
  /** Orders that look at opens: all but those that rest without a condition. */
  readonly watched = new Set<number>();
  count = 0;

  constructor(symbols: number) {
    this.bySymbol = Array.from({ length: symbols }, () => new Map<number, Work>());
  }

  has({ symbol, sequence }: ApprovedOrder): boolean {
    return this.bySymbol[symbol]!.has(sequence);
  }

  add(work: Work): void {
    const { order } = work;
    this.bySymbol[order.symbol]!.set(order.sequence, work);
    this.count += 1;
    if (watches(order)) this.watched.add(order.sequence);
  }

  /** Of whichever symbol; undefined where it has ended. */
  find(sequence: number): Work | undefined {
    for (const works of this.bySymbol) {
      const work = works.get(sequence);
      if (work !== undefined) return work;
    }
    return undefined;
  }

  /** False where it is not there any more. */
  delete({ symbol, sequence }: ApprovedOrder): boolean {
    if (!this.bySymbol[symbol]!.delete(sequence)) return false;
    this.count -= 1;
    this.watched.delete(sequence);
    return true;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { works: this.bySymbol.map((works) => [...works.values()]), watched: [...this.watched] };
  }

  /** Takes up what one of the same symbols has saved. Gives what works. */
  restore(state: ReturnType<Works['save']>, approved: ApprovedBefore): readonly Work[] {
    const works = state.works.flat().map((work) => workBefore(work, approved));
    for (const work of works) this.bySymbol[work.order.symbol]!.set(work.order.sequence, work);
    this.count = works.length;
    for (const sequence of state.watched) this.watched.add(sequence);
    return works;
  }
}
