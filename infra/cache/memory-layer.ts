/** Values by key, the least recently used ones forgotten when they outgrow a number of bytes. */
export class MemoryLayer {
  readonly bytesMax: number;
  readonly #values = new Map<string, Uint8Array>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Uint8Array | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    // A map keeps its insertion order: what was asked for last stands last.
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** Keeps `value` unless it is larger than everything that may be kept. */
  set(key: string, value: Uint8Array): void {
    this.#remove(key);
    if (value.byteLength > this.bytesMax) return;
    this.#values.set(key, value);
    this.#bytes += value.byteLength;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.bytesMax) return;
      this.#remove(oldest);
    }
  }

  clear(): void {
    this.#values.clear();
    this.#bytes = 0;
  }

  #remove(key: string): void {
    this.#bytes -= this.#values.get(key)?.byteLength ?? 0;
    this.#values.delete(key);
  }
}
