/** How a search of rules chooses what to try next. */
export const RULE_METHODS = ['grid', 'random', 'genetic', 'sequential'] as const;
export type RuleMethod = (typeof RULE_METHODS)[number];
