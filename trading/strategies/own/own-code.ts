import { InputError } from '../../../infra/errors.ts';
import { evaluateOwnFile, placeOf } from '../../../infra/own-files/evaluate-own-file.ts';
import type { CompiledOwnFile } from '../../../infra/own-files/own-file.ts';
import type { OwnStrategy } from './own-strategy.ts';

/** Code of a user's strategy: of a file, or of the program that runs here. */
export interface OwnCode {
  readonly name: string;
  /** What messages call it. */
  readonly path: string;
  /** The strategy, anew where it is a file's. @throws InputError where it is none */
  evaluate(): OwnStrategy;
  /** Where in the code an error arose; null where that cannot be told. */
  placeOf(error: unknown): { readonly line: number; readonly column: number } | null;
}

/** The code of a compiled file: each evaluation has a module of its own. */
export function codeOfFile(compiled: CompiledOwnFile): OwnCode {
  const { name, path } = compiled;
  return {
    name,
    path,
    evaluate: () => whole(evaluateOwnFile(compiled), `${path}: the default export`),
    placeOf: (error) => placeOf(error, compiled),
  };
}

/** A strategy that the program at hand has made: whatever it keeps outside of `create` is shared by its sessions. */
export function codeOfObject(name: string, strategy: unknown): OwnCode {
  return { name, path: name, evaluate: () => whole(strategy, `${name}: the strategy`), placeOf: () => null };
}

function whole(evaluated: unknown, what: string): OwnStrategy {
  const strategy = evaluated as OwnStrategy | null | undefined;
  const makers = [strategy?.create, strategy?.createTogether].filter((maker) => maker !== undefined);
  const isWhole = typeof strategy?.parameters === 'object' && makers.length === 1 && typeof makers[0] === 'function';
  if (isWhole) return strategy;
  throw new InputError(`${what} must have parameters and either create or createTogether`, 'Correct it.');
}

/** The code, with line and column where the error says them. */
export function placeIn(code: OwnCode, error: unknown): string {
  const place = code.placeOf(error);
  return place === null ? code.path : `${code.path}:${place.line}:${place.column}`;
}
