import { randomBytes, timingSafeEqual } from 'node:crypto';
import { sha256 } from '../hash.ts';

const BYTES = 32;

/** A secret that nobody guesses, with a prefix by which scanners of leaked secrets find it. */
export function newSecret(prefix: 'sbx_' | 'sbr_' | 'sbl_' | 'sbi_'): string {
  return prefix + randomBytes(BYTES).toString('base64url');
}

/** What is kept of a secret: it has 256 bits of its own, so that a fast hash is enough. */
export function hashOfSecret(secret: string): string {
  return sha256(secret);
}

/** Equal or not, without telling by the time it takes where they differ. */
export function isSameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
