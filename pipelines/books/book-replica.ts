import { BookSide, type Level } from './book-side.ts';

/** A change of a book as a venue streams it: sizes at prices from here on, 0 where nothing is left. */
export interface DepthChange {
  /** Ids of the first and the last update in it. */
  readonly first: number;
  readonly last: number;
  /** Id of the last update of the change before it, where the venue says so: USD-M futures. */
  readonly before?: number | undefined;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** A book at one moment, as a venue answers with it. */
export interface DepthSnapshot {
  /** Id of the last update in it. */
  readonly last: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  /** Levels that were asked for: a side with fewer has no others. */
  readonly limit: number;
}

/** What became of a change or a snapshot: `stale` ones were known already, after a `gap` a new snapshot is needed. */
export type DepthOutcome = 'applied' | 'kept' | 'stale' | 'gap';

/** Changes that wait for a snapshot, at the most: one that takes longer than they last is asked for again. */
const WAITING_MAX = 10_000;

/**
 * A copy of a venue's order book, kept by its changes. It begins with a snapshot and the changes that came meanwhile;
 * a change that does not follow the one before ends it until there is another snapshot. Beyond the depth of that, and
 * before there is one, it knows nothing and says so.
 */
export class BookReplica {
  readonly bids = new BookSide(1);
  readonly asks = new BookSide(-1);
  #waiting: DepthChange[] = [];
  /** Id of the last update that is in it; null without a snapshot. */
  #last: number | null = null;
  /** No change has followed the snapshot yet. */
  #isFresh = false;

  /** Whether it is the venue's book as far as the snapshot went. */
  get isLive(): boolean {
    return this.#last !== null;
  }

  /** Id of the last update that is in it; null where it is not live. */
  get last(): number | null {
    return this.#last;
  }

  /** The best prices and what is offered there; null where it is not live, or either side is not known. */
  top(): { readonly bid: number; readonly bidSize: number; readonly ask: number; readonly askSize: number } | null {
    if (!this.isLive) return null;
    const [best, offered] = [this.bids.level(0), this.asks.level(0)];
    if (best === null || offered === null) return null;
    return { bid: best[0], bidSize: best[1], ask: offered[0], askSize: offered[1] };
  }

  /** Takes a change. `kept`: it waits for a snapshot. */
  change(change: DepthChange): DepthOutcome {
    if (this.#last === null) {
      this.#waiting.push(change);
      if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
      return 'kept';
    }
    const outcome = this.#follows(change, this.#last);
    if (outcome === 'gap') {
      this.lose();
      this.#waiting.push(change);
    }
    if (outcome !== 'applied') return outcome;
    for (const [price, size] of change.bids) this.bids.set(price, size);
    for (const [price, size] of change.asks) this.asks.set(price, size);
    [this.#last, this.#isFresh] = [change.last, false];
    if (!this.#isCrossed()) return 'applied';
    // A bid at or above an ask: something was lost, whatever the ids say.
    this.lose();
    return 'gap';
  }

  /** Begins with a snapshot and the changes since. `gap`: it is older than they reach back; another one is needed. */
  snapshot({ last, bids, asks, limit }: DepthSnapshot): DepthOutcome {
    const waiting = this.#waiting;
    this.bids.reset(bids, bids.length < limit);
    this.asks.reset(asks, asks.length < limit);
    [this.#last, this.#isFresh, this.#waiting] = [last, true, []];
    for (const [at, change] of waiting.entries()) {
      if (this.change(change) !== 'gap') continue;
      this.#waiting = waiting.slice(at);
      return 'gap';
    }
    return 'applied';
  }

  /** The connection was lost: nothing is known until the next snapshot. */
  lose(): void {
    this.#last = null;
    this.#waiting = [];
    this.bids.reset([], false);
    this.asks.reset([], false);
  }

  /** Binance's rules: spot updates are numbered without a hole, a futures change names the one before it. */
  #follows({ first, last, before }: DepthChange, at: number): DepthOutcome {
    if (before === undefined) {
      if (last <= at) return 'stale';
      return first <= at + 1 ? 'applied' : 'gap';
    }
    if (last < at || (last === at && !this.#isFresh)) return 'stale';
    if (before === at) return 'applied';
    return this.#isFresh && first <= at ? 'applied' : 'gap';
  }

  #isCrossed(): boolean {
    const [bid, ask] = [this.bids.level(0), this.asks.level(0)];
    return bid !== null && ask !== null && bid[0] >= ask[0];
  }
}
