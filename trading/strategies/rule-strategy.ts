import type { z } from 'zod';
import type { BarView } from '../bar-view.ts';
import type { ReadPrices } from './priced-bars.ts';
import type { Remembering } from './strategy.ts';

/**
 * A strategy of fixed rules: its name, its parameters with defaults and bounds, and a fresh decision maker per symbol.
 */
export interface RuleStrategy<Parameters> {
  readonly name: string;
  readonly parameters: z.ZodType<Parameters>;
  readonly forSymbol: (parameters: Parameters) => Remembering;
  /** In its place where symbols are decided on together: one per view, in their order. */
  readonly forSession?: (parameters: Parameters, views: readonly BarView[]) => readonly Remembering[];
  /** Prices of a bar without which it is no bar for this rule. Default: the close. */
  readonly reads?: ReadPrices;
}
