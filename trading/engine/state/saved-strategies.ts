import type { Json } from '../../strategies/memory.ts';
import type { StrategySession, SymbolStrategy } from '../../strategies/strategy.ts';

/** What the decision makers of a session remember: together, or each by itself. */
export type SavedStrategies = { readonly session: Json } | { readonly symbols: readonly Json[] };

/** Null where one of them cannot tell. @param symbols the decision makers that are asked, in the order of the views */
export function saveStrategies(session: StrategySession, symbols: readonly SymbolStrategy[]): SavedStrategies | null {
  if (session.save !== undefined) {
    const saved = session.save();
    return saved === null ? null : { session: saved };
  }
  if (!symbols.every(({ save }) => save !== undefined)) return null;
  return { symbols: symbols.map((strategy) => strategy.save!()) };
}

/** @throws TypeError for what others have saved. */
export function restoreStrategies(
  session: StrategySession,
  symbols: readonly SymbolStrategy[],
  saved: SavedStrategies,
): void {
  const together = session.restore !== undefined;
  if ('session' in saved !== together || symbols.length === 0) throw new TypeError('other strategies were saved');
  if ('session' in saved) return session.restore!(saved.session);
  symbols.forEach((strategy, at) => {
    if (strategy.restore === undefined) throw new TypeError(`the strategy at ${at} takes nothing up`);
    strategy.restore(saved.symbols[at]!);
  });
}
