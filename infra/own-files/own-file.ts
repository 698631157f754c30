/** What a user may write in a file of his own. */
export type OwnKind = 'strategy' | 'feature' | 'estimator' | 'costs' | 'sizer';

/** A user's file that passed the checks, as plain data: what threads, workers and stored models are handed. */
export interface CompiledOwnFile {
  readonly kind: OwnKind;
  /** The file's name without its ending. */
  readonly name: string;
  readonly path: string;
  /** Of the text: two runs with one hash ran the same code. */
  readonly hash: string;
  readonly script: string;
  /** JSON of its source map. */
  readonly map: string;
}

export type ParameterValue = number | boolean | string;

/** A parameter with its bounds. */
export interface BoundedParameter<Value> {
  readonly default: Value;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  readonly oneOf?: readonly Value[];
}

/** What every file of a user has: each parameter's default, alone or with its bounds. */
export interface OwnParameters<Parameters extends object = Readonly<Record<string, ParameterValue>>> {
  readonly parameters: {
    readonly [Name in keyof Parameters]: Parameters[Name] | BoundedParameter<Parameters[Name]>;
  };
}

/** Whether a name is that of a file. */
export function isOwnFile(name: string): boolean {
  return name.endsWith('.ts') || name.includes('/') || name.includes('\\');
}
