import { canonicalJson } from '../../../infra/hash.ts';

/** Whether all that `some` says stands in `all`. */
export function isPartOf(some: unknown, all: unknown): boolean {
  if (!isRecord(some) || !isRecord(all)) return canonicalJson(some) === canonicalJson(all);
  return Object.keys(some).every((key) => isPartOf(some[key], all[key]));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
