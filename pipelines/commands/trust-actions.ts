/** The option of commands that take splits and dividends. */
export const TRUST_ACTIONS = ['--trust-actions', 'the actions are right even where a split does not show'] as const;
