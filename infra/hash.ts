import { createHash } from 'node:crypto';
import { InputError } from './errors.ts';

/**
 * Nothing that is stored goes deeper than a dozen levels; a file made to do harm would end in an overflow of the stack.
 */
const DEPTH_MAX = 200;

/**
 * JSON with sorted keys and no white space, so that equal values have equal text. `undefined` members are left out.
 * Throws InputError for values that are nested deeper than anything that was stored.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > DEPTH_MAX) {
    throw new InputError(`A value is nested more than ${DEPTH_MAX} levels deep.`, 'Restore what it was read from.');
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((member) => canonicalJson(member, depth + 1)).join(',')}]`;
  const entries = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, depth + 1)}`);
  return `{${entries.join(',')}}`;
}

/** SHA-256 in hex of text or bytes. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** SHA-256 in hex of the canonical JSON of `value`. */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value));
}
