import { createHash } from 'node:crypto';
import type { RunningHash } from './hash-beside.ts';

/** A hash that is computed at once: SHA-256 runs at 1.7 GB/s whether fed 384 bytes or 64 kB at a time. */
export class HashHere implements RunningHash {
  readonly #hash = createHash('sha256');

  take(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(rest: Uint8Array): string {
    return this.#hash.copy().update(rest).digest('hex');
  }
}
