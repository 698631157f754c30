/** An order whole, with the signal of its decision (null where none led to it) and what came of it. */
export interface OrderFacts {
  readonly order: Readonly<Record<string, unknown>> & {
    readonly sequence: number;
    readonly symbol: string;
    readonly time: string;
  };
  readonly signal: (Readonly<Record<string, unknown>> & { readonly model: string | null }) | null;
  /** The order that it executes a part of, as it began and ended; null where it is whole or has not ended. */
  readonly parent: Readonly<Record<string, unknown>> | null;
  readonly parentEnd: Readonly<Record<string, unknown>> | null;
  readonly amendments: readonly Readonly<Record<string, unknown>>[];
  readonly fills: readonly Readonly<Record<string, unknown>>[];
}
