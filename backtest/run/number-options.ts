import { InputError } from '../../infra/errors.ts';

/** A finite number from the command line. InputError names the option. */
export function parseNumber(text: string, option: string, minimum = -Infinity): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < minimum) {
    const bound = minimum === -Infinity ? '' : ` of at least ${minimum}`;
    throw new InputError(`${option} ${text} is not a number${bound}.`, 'Correct the value.');
  }
  return value;
}

/** A whole number from the command line. InputError names the option. */
export function parseWhole(text: string, option: string): number {
  const value = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InputError(`${option} ${text} is not a whole number.`, 'Correct the value.');
}
