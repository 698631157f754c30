import {
  isFinalOrderState,
  nextOrderStateCode,
  orderStateCode,
  stateAfterFill,
  type OrderState,
} from './order-state.ts';

const SUBMITTED = orderStateCode('SUBMITTED');

/** How an execution agrees with what is known of its order. It is booked in any case. */
export type FillFit = 'expected' | 'foreign-fill' | 'late-fill' | 'overfill';

/** How an execution that is not counted to its order disagrees with it. */
export type FillMisfit = 'opposite-side' | 'other-symbol';

/** Share of an order's size by which a sum of its parts may miss it. */
const ROUNDING = 1e-9;

/**
 * Every order of a session by sequence number: state, symbol and sizes in columns, no object kept (a million kept
 * objects cost 243 ms and 718 MB where columns cost 34 ms).
 */
export class OrderRegister {
  #state = new Uint8Array(1024);
  #symbol = new Int32Array(1024);
  #side = new Int8Array(1024);
  /** Units ordered, without a sign; 0 where the size is resolved at the fill. */
  #ordered = new Float64Array(1024);
  #filled = new Float64Array(1024);
  #count = 0;
  /** Orders that have not ended, in all and by symbol. */
  #open = 0;
  #openOf = new Int32Array(16);

  /** Orders so far; the next one gets this number plus one. */
  get count(): number {
    return this.#count;
  }

  /**
   * Registers an approved order as SUBMITTED and returns its sequence number, from 1.
   * @param units its size without a sign, 0 where that is resolved at the fill
   */
  add(symbol: number, units = 0): number {
    const row = this.#count;
    if (row === this.#state.length) this.#grow();
    this.#state[row] = SUBMITTED;
    this.#symbol[row] = symbol;
    this.#ordered[row] = units;
    this.#count = row + 1;
    if (symbol >= this.#openOf.length) this.#openOf = twice(this.#openOf, new Int32Array(2 * symbol));
    this.#open += 1;
    this.#openOf[symbol]! += 1;
    return row + 1;
  }

  /** Orders that have not ended. */
  get open(): number {
    return this.#open;
  }

  /** Orders of `symbol` that have not ended. */
  openOf(symbol: number): number {
    return symbol < this.#openOf.length ? this.#openOf[symbol]! : 0;
  }

  /** Order `row` goes from one state to another: it ends, or (a venue's word) works again. */
  #move(row: number, from: number, to: number): void {
    this.#state[row] = to;
    const change = (isFinalOrderState(from) ? 1 : 0) - (isFinalOrderState(to) ? 1 : 0);
    this.#open += change;
    this.#openOf[this.#symbol[row]!]! += change;
  }

  /**
   * Moves order `sequence` by `event`; false, with nothing changed, when its state refuses the event or it is unknown.
   */
  apply(sequence: number, event: OrderState): boolean {
    const row = sequence - 1;
    if (!this.knows(sequence)) return false;
    const state = this.#state[row]!;
    const next = nextOrderStateCode(state, orderStateCode(event));
    if (next < 0) return false;
    this.#move(row, state, next);
    return true;
  }

  /** Notes whether `order` buys or sells, and gives it back. */
  sided<T extends { readonly sequence: number; readonly direction: 1 | -1 }>(order: T): T {
    this.#side[order.sequence - 1] = order.direction;
    return order;
  }

  /** 1 for a purchase, -1 for a sale, 0 where nobody has said. */
  sideOf(sequence: number): number {
    return this.#side[sequence - 1]!;
  }

  /** Order `sequence` is one of this session. */
  knows(sequence: number): boolean {
    return sequence >= 1 && sequence <= this.#count;
  }

  /**
   * `units` more of order `sequence` were executed. `last` is the venue's word that this was all of it; an order whose
   * size is known is also done when its parts add up to it.
   */
  applyFill(sequence: number, units: number, last: boolean): FillFit {
    if (!this.knows(sequence)) return 'foreign-fill';
    const row = sequence - 1;
    const ordered = this.#ordered[row]!;
    const filled = this.#filled[row]! + units;
    const state = this.#state[row]!;
    this.#filled[row] = filled;
    this.#move(row, state, stateAfterFill(state, last || (ordered > 0 && filled >= ordered * (1 - ROUNDING))));
    if (ordered > 0 && filled > ordered * (1 + ROUNDING)) return 'overfill';
    return isFinalOrderState(state) ? 'late-fill' : 'expected';
  }

  /** An execution that was booked is undone: the venue says that it never was. The state stays the venue's word. */
  takeBack(sequence: number, units: number): void {
    if (this.knows(sequence)) this.#filled[sequence - 1]! -= units;
  }

  /** Order `sequence` is of `units` from now on, what was executed of it included. Gives its sequence. */
  amend(sequence: number, units: number): number {
    this.#ordered[sequence - 1] = this.#filled[sequence - 1]! + units;
    return sequence;
  }

  /** Units ordered, without a sign; 0 where the size is resolved at the fill. */
  orderedOf(sequence: number): number {
    return this.#ordered[sequence - 1]!;
  }

  /** Units executed so far, without a sign. */
  filledOf(sequence: number): number {
    return this.#filled[sequence - 1]!;
  }

  /** A split turned `ratio` units into one: what is ordered and what is filled are counted in new units. */
  restate(sequence: number, ratio: number): void {
    this.#ordered[sequence - 1]! *= ratio;
    this.#filled[sequence - 1]! *= ratio;
  }

  /** State code of order `sequence`. */
  stateOf(sequence: number): number {
    return this.#state[sequence - 1]!;
  }

  symbolOf(sequence: number): number {
    return this.#symbol[sequence - 1]!;
  }

  isFinal(sequence: number): boolean {
    return isFinalOrderState(this.#state[sequence - 1]!);
  }

  #grow(): void {
    this.#state = twice(this.#state, new Uint8Array(this.#state.length * 2));
    this.#symbol = twice(this.#symbol, new Int32Array(this.#symbol.length * 2));
    this.#side = twice(this.#side, new Int8Array(this.#side.length * 2));
    this.#ordered = twice(this.#ordered, new Float64Array(this.#ordered.length * 2));
    this.#filled = twice(this.#filled, new Float64Array(this.#filled.length * 2));
  }

  /** What this returns takes back the orders that are added from here on; none of them may have been filled. */
  mark(): () => void {
    const [count, open, openOf] = [this.#count, this.#open, this.#openOf.slice()];
    return () => {
      [this.#count, this.#open, this.#openOf] = [count, open, openOf];
      this.#side.fill(0, count);
    };
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    const count = this.#count;
    return {
      state: this.#state.subarray(0, count),
      symbol: this.#symbol.subarray(0, count),
      side: this.#side.subarray(0, count),
      ordered: this.#ordered.subarray(0, count),
      filled: this.#filled.subarray(0, count),
    };
  }

  /** Takes up what one of the same options has saved. */
  restore({ state, symbol, side, ordered, filled }: ReturnType<OrderRegister['save']>): void {
    for (let row = 0; row < state.length; row++) {
      this.add(symbol[row]!, ordered[row]);
      this.#move(row, this.#state[row]!, state[row]!);
      this.#side[row] = side[row]!;
      this.#filled[row] = filled[row]!;
    }
  }
}

function twice<T extends Uint8Array | Int8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
