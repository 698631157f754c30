// What a user's strategy file may import, as types: `import type { OwnStrategy } from 'signalbox'`. It stands alone, so
// that the file is checked against nothing else.

/** A symbol's closed bars: 0 is the bar that has just closed, 1 the one before. Other bars throw. */
export interface StrategyView {
  readonly symbol: string;
  /** Number of closed bars. */
  readonly length: number;
  openTimeMs(barsAgo?: number): number;
  closeTimeMs(barsAgo?: number): number;
  open(barsAgo?: number): number;
  high(barsAgo?: number): number;
  low(barsAgo?: number): number;
  close(barsAgo?: number): number;
  volume(barsAgo?: number): number;
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

interface Listening {
  /** Hears of executions, before the next decision. */
  onFill?(fill: StrategyFill): void;
}

/** One symbol's decision maker: asked once per closed bar, in order. It may keep state between calls. */
export interface OwnSymbolStrategy extends Listening {
  decide(view: StrategyView): StrategyAnswer;
}

/** All symbols at once: asked at every moment at which bars have closed. Symbols that are left out hold. */
export interface OwnTogetherStrategy extends Listening {
  decide(views: readonly StrategyView[]): Readonly<Record<string, StrategyAnswer | undefined>>;
}

export type ParameterValue = number | boolean | string;

/** A parameter with its bounds. */
export interface BoundedParameter<Value> {
  readonly default: Value;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  readonly oneOf?: readonly Value[];
}

/** The default export of a strategy file. It has either `create`, for each symbol by itself, or `createTogether`. */
export interface OwnStrategy<Parameters extends object = Readonly<Record<string, ParameterValue>>> {
  /** Each parameter's default, alone or with its bounds. */
  readonly parameters: {
    readonly [Name in keyof Parameters]: Parameters[Name] | BoundedParameter<Parameters[Name]>;
  };
  create?(parameters: Parameters, symbol: string): OwnSymbolStrategy;
  createTogether?(parameters: Parameters, symbols: readonly string[]): OwnTogetherStrategy;
}
