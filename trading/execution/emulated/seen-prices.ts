/** What a symbol was traded or quoted at last, as far as the session has seen. */
export class SeenPrices {
  readonly #seen = new Map<number, { readonly bid: number; readonly ask: number; readonly atMs: number }>();

  /** @param atMs it was so then at the latest: what is older than what was seen before counts for nothing */
  note(symbol: number, { bid, ask }: { readonly bid: number; readonly ask: number }, atMs: number): void {
    const isPrice = bid > 0 && ask > 0 && bid < Infinity && ask < Infinity;
    if (isPrice && atMs >= (this.#seen.get(symbol)?.atMs ?? -Infinity)) this.#seen.set(symbol, { bid, ask, atMs });
  }

  /** Our clock was put by `stepMs`. */
  clockStepped(stepMs: number): void {
    for (const [symbol, seen] of this.#seen) this.#seen.set(symbol, { ...seen, atMs: seen.atMs + stepMs });
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
