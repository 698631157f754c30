import type { z } from 'zod';
import type { BarView } from '../bar-view.ts';
import type { SymbolStrategy } from './strategy.ts';

/**
 * A strategy of fixed rules: its name, its parameters with defaults and bounds, and a fresh decision maker per symbol.
 */
export interface RuleStrategy<Parameters> {
  readonly name: string;
  readonly parameters: z.ZodType<Parameters>;
  readonly forSymbol: (parameters: Parameters) => SymbolStrategy;
  /** In its place where symbols are decided on together: one per view, in their order. */
  readonly forSession?: (parameters: Parameters, views: readonly BarView[]) => readonly SymbolStrategy[];
}
