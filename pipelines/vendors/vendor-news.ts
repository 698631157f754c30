/** News about one symbol that became what they are in `[fromMs, toMs)`. */
export interface NewsRequest {
  /** As users write it: `AAPL`, `BTC/USD`. */
  readonly symbol: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** An article as a vendor gives it: as it stands since its last update. */
export interface NewsArticle {
  /** The vendor's own name of it. */
  readonly id: string;
  readonly headline: string;
  readonly createdMs: number;
  /** It reads so since then: before, nobody can say what it read like. */
  readonly updatedMs: number;
}

/** One answer of several, ascending by update. */
export interface NewsPage {
  readonly articles: readonly NewsArticle[];
  /** What to ask for the next page with; undefined on the last one. */
  readonly next: string | undefined;
}
