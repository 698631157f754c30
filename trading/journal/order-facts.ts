/** An order whole, with the signal of its decision (null where none led to it) and what came of it. */
export interface OrderFacts {
  readonly order: Readonly<Record<string, unknown>> & {
    readonly sequence: number;
    readonly symbol: string;
    readonly time: string;
  };
  readonly signal: (Readonly<Record<string, unknown>> & { readonly model: string | null }) | null;
  readonly amendments: readonly Readonly<Record<string, unknown>>[];
  readonly fills: readonly Readonly<Record<string, unknown>>[];
}
