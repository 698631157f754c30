import type { ClosedBars } from '../../../infra/own-files/closed-bars.ts';
import type { OwnParameters, ParameterValue } from '../../../infra/own-files/own-file.ts';

// What a user's strategy file may import, as types: `import type { OwnStrategy } from 'signalbox'`. Nothing but types
// stands here, so that the file is checked against nothing else.

/** A symbol's closed bars: 0 is the bar that has just closed, 1 the one before. Other bars throw. */
export interface StrategyView extends ClosedBars {
  readonly symbol: string;
  /** Number of closed bars. */
  readonly length: number;
}

/**
 * What a strategy concludes. BUY targets long; SELL flat, or short where the session allows it; HOLD keeps the
 * position. A `target` from -1 to 1 is the share of the size that the session gives a full position: 0.5 is half of
 * it, 0 flat.
 */
export type StrategyAnswer =
  | 'BUY'
  | 'SELL'
  | 'HOLD'
  | {
      readonly action?: 'BUY' | 'SELL' | 'HOLD';
      readonly target?: number;
      /** 0 to 1; 1 where absent. */
      readonly confidence?: number;
      readonly reason?: string;
      /** Only ever the symbol that was asked about. */
      readonly symbol?: string;
    };

/** An execution of the strategy's symbol. `quantity` is signed: above 0 bought. */
export interface StrategyFill {
  readonly symbol: string;
  readonly timeMs: number;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
  /** The order is done with this fill. */
  readonly final: boolean;
}

/** How much: units, money at the price of the decision, a share of the equity, or all that is held. */
export type StrategyOrderSize =
  { readonly units: number } | { readonly notional: number } | { readonly equityShare: number } | 'position';

/** An order to be placed. Only what its type needs is given. */
export interface StrategyPlacedOrder {
  readonly do: 'place';
  /** The strategy's own name for it: one at a time of a symbol. */
  readonly label: string;
  readonly side: 'buy' | 'sell';
  readonly size: StrategyOrderSize;
  readonly type: 'market' | 'limit' | 'stop' | 'stop-limit' | 'trailing';
  /** Of a limit or stop-limit order. */
  readonly limit?: number | undefined;
  /** Trigger of a stop, stop-limit or trailing order; a trailing one without it starts at its distance. */
  readonly stop?: number | undefined;
  /** Distance of a trailing stop: an amount a unit, or a share of the price. */
  readonly trail?: { readonly price: number } | { readonly percent: number } | undefined;
  /** Default `gtc`. */
  readonly tif?: 'gtc' | 'day' | 'gtd' | 'ioc' | 'fok' | 'on-open' | 'on-close' | undefined;
  /** Of `gtd`: the moment, or the last day (`2024-03-11`) in the zone of the market, before whose end it works. */
  readonly expiresMs?: number | undefined;
  readonly expiresOn?: string | undefined;
  readonly postOnly?: boolean | undefined;
  readonly reduceOnly?: boolean | undefined;
  /** One cancels other: of the orders with this name the first that is filled ends the rest. */
  readonly group?: string | undefined;
  /** One triggers other: placed once the order of this label has been filled, for as much of it as was. */
  readonly after?: string | undefined;
}

/** What a strategy does with orders of its own. An amended order keeps what is not named. */
export type StrategyOrder =
  | StrategyPlacedOrder
  | {
      readonly do: 'amend';
      readonly label: string;
      readonly units?: number | undefined;
      readonly limit?: number | undefined;
      readonly stop?: number | undefined;
    }
  | { readonly do: 'cancel'; readonly label: string };

/**
 * What a strategy that places orders knows of its symbol and its account at a close: of an account that several share,
 * its own part alone.
 */
export interface StrategyBook {
  /** Signed units. */
  readonly position: number;
  /** Average price of the position, of no meaning where there is none. */
  readonly averagePrice: number;
  /**
   * Close of the newest bar as traded, as prices of orders and executions are. The view takes splits and dividends out
   * of its bars: after one its close is another, and a price of it times `close / view.close()` is one for orders.
   */
  readonly close: number;
  readonly cash: number;
  readonly equity: number;
  /** Orders that work, or wait for the one that triggers them (`waiting`), in the order in which they were placed. */
  readonly working: readonly {
    readonly request: StrategyPlacedOrder;
    /** Approved by risk, and executed so far, in units: 0 while it waits. */
    readonly units: number;
    readonly filled: number;
    readonly waiting: boolean;
  }[];
}

interface Listening {
  /** Hears of executions, before the next decision. */
  onFill?(fill: StrategyFill): void;
  /**
   * What it remembers after a close: numbers, texts, lists and plain objects of those. A session that is started again
   * hands it to `restore` of one that was created anew, which goes on as if nothing had happened. Both or neither:
   * without them a restart repeats all of the session's bars.
   */
  save?(): unknown;
  restore?(state: unknown): void;
}

/** One symbol's decision maker: asked once per closed bar, in order. It may keep state between calls. */
export interface OwnSymbolStrategy extends Listening {
  /** Signals: the session sizes and places what follows from them. Left out by a strategy that places orders. */
  decide?(view: StrategyView): StrategyAnswer;
  /** Orders instead of signals: what is to be placed, changed and cancelled at this close. Risk assesses each. */
  orders?(view: StrategyView, book: StrategyBook): readonly StrategyOrder[];
}

/** All symbols at once: asked at every moment at which bars have closed. Symbols that are left out hold. */
export interface OwnTogetherStrategy extends Listening {
  decide(views: readonly StrategyView[]): Readonly<Record<string, StrategyAnswer | undefined>>;
}

/** The default export of a strategy file. It has either `create`, for each symbol by itself, or `createTogether`. */
export interface OwnStrategy<
  Parameters extends object = Readonly<Record<string, ParameterValue>>,
> extends OwnParameters<Parameters> {
  /**
   * Closed bars after which answers no longer depend on where history begins: `warmup` holds the file to it. Left out:
   * it only tells after how many they do not.
   */
  warmUpBars?(parameters: Parameters): number;
  create?(parameters: Parameters, symbol: string): OwnSymbolStrategy;
  createTogether?(parameters: Parameters, symbols: readonly string[]): OwnTogetherStrategy;
}
