import { closeSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** A log of this size is put aside when its program is started again. */
const BYTES_MAX = 10_000_000;
const CHUNK = 65_536;

/** Puts a log that has grown large aside, in place of the one before. */
export function turnLog(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && found.size > BYTES_MAX) renameSync(path, `${path}.1`);
}

/** Reads a log as it grows, a chunk at a time; one that begins anew is read from its start. */
export class LogFollower {
  readonly #path: string;
  #at: number;

  /** @param last bytes of what is there to begin with, from the start of a line */
  constructor(path: string, last: number) {
    this.#path = path;
    this.#at = Math.max(0, (statSync(path, { throwIfNoEntry: false })?.size ?? 0) - last);
    if (this.#at > 0) this.#at += Math.max(0, this.#read().indexOf(10) + 1);
  }

  /** What has come since; empty where nothing has. */
  next(): string {
    const bytes = this.#read();
    this.#at += bytes.length;
    return bytes.toString('utf8');
  }

  #read(): Buffer {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    if (size < this.#at) this.#at = 0;
    if (size === this.#at) return Buffer.alloc(0);
    const file = openSync(this.#path, 'r');
    try {
      const chunk = Buffer.alloc(Math.min(CHUNK, size - this.#at));
      return chunk.subarray(0, readSync(file, chunk, 0, chunk.length, this.#at));
    } finally {
      closeSync(file);
    }
  }
}
