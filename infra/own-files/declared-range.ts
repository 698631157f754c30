import { InputError } from '../errors.ts';
import type { BoundedParameter, OwnParameters, ParameterValue } from './own-file.ts';

/** Where the values of a parameter come from, as its file declares them. */
export type DeclaredRange =
  | { readonly choice: readonly ParameterValue[] }
  | { readonly int: readonly [number, number] }
  | { readonly float: readonly [number, number] };

/** Each parameter of a file with its bounds, where it has some. */
export function boundsOf({ parameters }: OwnParameters): [string, BoundedParameter<ParameterValue>][] {
  return Object.entries(parameters).map(([name, told]) => [name, typeof told === 'object' ? told : { default: told }]);
}

/**
 * The range that a file declares for one of its parameters: `oneOf`, true and false, or from `min` to `max`.
 * @param file what messages call it
 * @throws InputError where there is no such parameter, or it declares no range
 */
export function declaredRange(file: string, own: OwnParameters, parameter: string): DeclaredRange {
  const bounds = boundsOf(own);
  const found = bounds.find(([name]) => name === parameter)?.[1];
  if (found === undefined) {
    const known = bounds.map(([name]) => name).join(', ');
    throw new InputError(
      `${file} has no parameter "${parameter}"`,
      known === '' ? 'It has none.' : `There are ${known}.`,
    );
  }
  const { default: usual, min, max, whole = false, oneOf } = found;
  if (oneOf !== undefined && oneOf.length > 1) return { choice: oneOf };
  if (typeof usual === 'boolean') return { choice: [false, true] };
  if (typeof usual === 'number' && min !== undefined && max !== undefined && min < max) {
    return whole ? { int: [min, max] } : { float: [min, max] };
  }
  throw new InputError(
    `${file} declares no range of ${parameter}`,
    `Say there which values it may have, as in ${parameter}: { default: ${String(usual)}, min: 1, max: 9 }, or give them here.`,
  );
}
