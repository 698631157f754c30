/** A named, versioned list of features. Whoever changes the list raises the version. */
export interface RegisteredSet {
  readonly name: string;
  readonly version: number;
  readonly expressions: readonly string[];
}

const core: RegisteredSet = {
  name: 'core',
  version: 1,
  expressions: ['return(1)', 'return(5)', 'rsi(14)', 'zscore(close,20)', 'closelocation()', 'bollinger(20,2).percentB'],
};

/** Every set that can be asked for by name. */
export const REGISTERED_SETS: ReadonlyMap<string, RegisteredSet> = new Map([[core.name, core]]);
