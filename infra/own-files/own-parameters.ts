import { suggest } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../errors.ts';
import type { BoundedParameter, OwnParameters, ParameterValue } from './own-file.ts';

type Given = Readonly<Record<string, unknown>>;

/**
 * The parameters of a user's file: what was given, checked against the file's defaults and bounds, and completed by
 * them. InputError names the parameter, what it must be, and the nearest one.
 */
export function ownParameters(
  name: string,
  { parameters }: OwnParameters,
  given: Given,
): Record<string, ParameterValue> {
  const known = Object.keys(parameters);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      const remedy = known.length === 0 ? 'It has none.' : suggest(key, known);
      throw new InputError(`${name} has no parameter "${key}"`, remedy);
    }
  }
  return Object.fromEntries(known.map((key) => [key, valueOf(`${name}: ${key}`, parameters[key]!, given[key])]));
}

function valueOf(place: string, told: ParameterValue | BoundedParameter<ParameterValue>, given: unknown) {
  const bounds: BoundedParameter<ParameterValue> = typeof told === 'object' ? told : { default: told };
  const value = given === undefined ? bounds.default : given;
  const mistake = mistakeOf(value, bounds);
  if (mistake === null) return value as ParameterValue;
  const remedy = given === undefined ? 'Correct the default in the file.' : 'Correct the parameter.';
  throw new InputError(`${place}: ${mistake}, not ${String(value)}`, remedy);
}

const NOUNS: Readonly<Record<string, string>> = { number: 'a number', boolean: 'true or false', string: 'text' };

function mistakeOf(value: unknown, bounds: BoundedParameter<ParameterValue>): string | null {
  const kind = typeof bounds.default;
  if (!(kind in NOUNS)) return 'a default must be a number, true or false, or text';
  if (typeof value !== kind) return `must be ${NOUNS[kind]}`;
  const { min, max, whole, oneOf } = bounds;
  if (oneOf !== undefined && !oneOf.includes(value as ParameterValue)) return `must be one of ${oneOf.join(', ')}`;
  if (typeof value !== 'number') return null;
  if (!Number.isFinite(value)) return 'must be a finite number';
  if (whole === true && !Number.isInteger(value)) return 'must be a whole number';
  if (min !== undefined && value < min) return `must be at least ${min}`;
  return max !== undefined && value > max ? `must be at most ${max}` : null;
}
