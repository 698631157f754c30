import { ascendingOrder } from './scores/ascending-order.ts';

const FIRST_CAPACITY = 1024;

/**
 * Rows on their way into a dataset, in columns: an object for each of a panel's millions of rows takes more room than
 * its features.
 */
export class DatasetRows {
  #count = 0;
  #timeMs = new Float64Array(FIRST_CAPACITY);
  #symbol = new Int32Array(FIRST_CAPACITY);
  #row = new Int32Array(FIRST_CAPACITY);
  #bar = new Int32Array(FIRST_CAPACITY);

  get count(): number {
    return this.#count;
  }

  /** Close of each row's bar. */
  get timeMs(): Float64Array {
    return this.#timeMs;
  }

  /** Position of each row's symbol in the universe. */
  get symbol(): Int32Array {
    return this.#symbol;
  }

  /** Index into the symbol's feature matrix. */
  get row(): Int32Array {
    return this.#row;
  }

  /** Index into the symbol's bars. */
  get bar(): Int32Array {
    return this.#bar;
  }

  add(at: { readonly timeMs: number; readonly symbol: number; readonly row: number; readonly bar: number }): void {
    if (this.#count === this.#row.length) this.#grow();
    const place = this.#count++;
    this.#timeMs[place] = at.timeMs;
    this.#symbol[place] = at.symbol;
    this.#row[place] = at.row;
    this.#bar[place] = at.bar;
  }

  /**
   * Puts rows that were added symbol by symbol in the order of a dataset, by time, then symbol, and drops spare room.
   */
  sort(): void {
    const count = this.#count;
    const order = stableTimeOrder(this.#timeMs.subarray(0, count));
    this.#timeMs = this.#timeMs.slice(0, count);
    if (order === null) {
      this.#symbol = this.#symbol.slice(0, count);
      this.#row = this.#row.slice(0, count);
      this.#bar = this.#bar.slice(0, count);
      return;
    }
    const times = this.#timeMs;
    this.#timeMs = times.map((_, k) => times[order[k]!]!);
    this.#symbol = order.map((from) => this.#symbol[from]!);
    this.#row = order.map((from) => this.#row[from]!);
    this.#bar = order.map((from) => this.#bar[from]!);
  }

  #grow(): void {
    const capacity = 2 * this.#row.length;
    const grown = (column: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(capacity);
      larger.set(column);
      return larger;
    };
    const timeMs = new Float64Array(capacity);
    timeMs.set(this.#timeMs);
    this.#timeMs = timeMs;
    this.#symbol = grown(this.#symbol);
    this.#row = grown(this.#row);
    this.#bar = grown(this.#bar);
  }
}

/**
 * Places of `times` in rising order, equal ones in their order; null where they are in order already. Counted by
 * distinct time, of which a panel has few: no two rows are compared.
 */
export function stableTimeOrder(times: Float64Array): Int32Array | null {
  let ascends = true;
  const counts = new Map<number, number>();
  for (let i = 0; i < times.length; i++) {
    if (i > 0 && times[i]! < times[i - 1]!) ascends = false;
    counts.set(times[i]!, (counts.get(times[i]!) ?? 0) + 1);
  }
  if (ascends) return null;
  const distinct = Float64Array.from(counts.keys());
  const next = new Map<number, number>();
  let before = 0;
  for (const place of ascendingOrder(distinct)) {
    next.set(distinct[place]!, before);
    before += counts.get(distinct[place]!)!;
  }
  const order = new Int32Array(times.length);
  for (let i = 0; i < times.length; i++) {
    const place = next.get(times[i]!)!;
    order[place] = i;
    next.set(times[i]!, place + 1);
  }
  return order;
}
