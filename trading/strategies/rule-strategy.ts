import type { z } from 'zod';
import type { SymbolStrategy } from './strategy.ts';

/**
 * A strategy of fixed rules: its name, its parameters with defaults and bounds, and a fresh decision maker per symbol.
 */
export interface RuleStrategy<Parameters> {
  readonly name: string;
  readonly parameters: z.ZodType<Parameters>;
  readonly forSymbol: (parameters: Parameters) => SymbolStrategy;
}
