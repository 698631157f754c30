/** What a symbol was traded or quoted at last, as far as the session has seen. */
export class SeenPrices {
  readonly #seen = new Map<number, { readonly bid: number; readonly ask: number }>();

  note(symbol: number, bid: number, ask = bid): void {
    if (bid > 0 && ask > 0 && bid < Infinity && ask < Infinity) this.#seen.set(symbol, { bid, ask });
  }

  /** What an order of `side` would get; null before anything was seen. */
  for(symbol: number, side: 1 | -1): number | null {
    const seen = this.#seen.get(symbol);
    if (seen === undefined) return null;
    return side < 0 ? seen.bid : seen.ask;
  }

  /** What was seen is in other units. */
  forget(symbol: number): void {
    this.#seen.delete(symbol);
  }
}
