/** Queue of single trials: CPU work, sandboxed, any number of workers. */
export const TRIAL_QUEUE = 'signalbox-search-trials';
/** Queue of rounds: each job is the parent of the trials that are proposed from the same knowledge. */
export const ROUND_QUEUE = 'signalbox-search-rounds';
