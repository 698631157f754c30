/** Numbers of groups of orders by name, for each symbol; below 0, so that they are none of a guard's. */
export class OrderGroups {
  readonly #groups: readonly Map<string, number>[];
  #last = 0;

  constructor(symbols: number) {
    this.#groups = Array.from({ length: symbols }, () => new Map());
  }

  /** Of the group that is called `name` for `symbol`. */
  numberOf(symbol: number, name: string): number {
    const groups = this.#groups[symbol]!;
    const known = groups.get(name);
    if (known !== undefined) return known;
    this.#last -= 1;
    groups.set(name, this.#last);
    return this.#last;
  }

  /** All that it keeps, to be taken up by `restore`. */
  save() {
    return { groups: this.#groups.map((groups) => [...groups]), lastGroup: this.#last };
  }

  /** Takes up what one of the same options has saved. */
  restore({ groups, lastGroup }: ReturnType<OrderGroups['save']>): void {
    groups.forEach((some, symbol) => some.forEach(([name, group]) => this.#groups[symbol]!.set(name, group)));
    this.#last = lastGroup;
  }
}
