import { nearestName } from '../../../features/expressions/nearest-name.ts';
import { InputError } from '../../../infra/errors.ts';
import { parseAssignments } from './assignments.ts';
import { riskLimitsSchema, type RiskLimits } from '../experiment.ts';

/**
 * Limits with single values changed. `null` in a value switches a limit off; `margin.initial` names a value within a
 * limit. InputError names an unknown limit and the nearest one.
 */
export function changedLimits(base: RiskLimits, single: readonly string[]): RiskLimits {
  const given = parseAssignments(single, '--limit');
  const known = Object.keys(riskLimitsSchema.shape);
  const values: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(given)) {
    if (!known.includes(key.split('.')[0]!)) {
      throw new InputError(
        `--limit: there is no limit ${key}; did you mean ${nearestName(key, known, Infinity)}?`,
        `The limits are ${known.join(', ')}.`,
      );
    }
    setAt(values, key.split('.'), value === 'null' ? null : value);
  }
  const parsed = riskLimitsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new InputError(`--limit ${issue.path.join('.')}: ${issue.message}`, 'Correct the value.');
}

/** Sets a key, or one of a part by its path: `margin.initial`. What is given of the part stays. */
function setAt(values: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  const inner = Object.hasOwn(values, key) ? values[key] : undefined;
  const part = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  if (rest.length > 0) setAt(part, rest, value);
  Object.defineProperty(values, key, { value: rest.length > 0 ? part : value, enumerable: true, configurable: true });
}
