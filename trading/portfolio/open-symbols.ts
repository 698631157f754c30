/**
 * Universe positions in ascending order, for sums over the few symbols that count instead of all. Sums over it are
 * equal to the last bit to sums over the whole universe in which every other symbol adds 0.
 */
export class OpenSymbols {
  readonly symbols: Int32Array;
  #count = 0;

  /** @param universe symbols that there are */
  constructor(universe: number) {
    this.symbols = new Int32Array(universe);
  }

  /** Valid entries of `symbols`. */
  get count(): number {
    return this.#count;
  }

  /** Puts a symbol in or takes it out; nothing changes where it is so already. */
  set(symbol: number, open: boolean): void {
    const { symbols } = this;
    let at = this.#count;
    while (at > 0 && symbols[at - 1]! > symbol) at--;
    const known = at > 0 && symbols[at - 1] === symbol;
    if (known === open) return;
    if (open) {
      // A loop: copyWithin took half of what a decision over one symbol costs here.
      for (let k = this.#count; k > at; k--) symbols[k] = symbols[k - 1]!;
      symbols[at] = symbol;
      this.#count += 1;
    } else {
      for (let k = at; k < this.#count; k++) symbols[k - 1] = symbols[k]!;
      this.#count -= 1;
    }
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return Array.from(this.symbols.subarray(0, this.#count));
  }

  /** Takes up what one of the same options has saved. */
  restore(symbols: readonly number[]): void {
    this.symbols.set(symbols);
    this.#count = symbols.length;
  }
}
