import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Clock } from '../../infra/clock.ts';

const PRELOAD = new URL('./steered-clock.mjs', import.meta.url).href;
/** Every process has read a new time by then. */
const HEARD_MS = 5;

/** A clock that a test puts forward, of its own process and of those that are started with its environment. */
export class SteeredClock {
  readonly #path: string;
  #shiftMs = 0;

  /** @param folder where the processes read it @param atMs what time it is */
  constructor(folder: string, atMs: number) {
    this.#path = join(folder, 'clock.txt');
    this.#put(atMs);
  }

  /** Bound: what time it is. */
  readonly now: Clock = () => systemClock() + this.#shiftMs;

  /** For processes that go by it. */
  get env(): Record<string, string> {
    return { STEERED_CLOCK: this.#path, NODE_OPTIONS: `--import ${PRELOAD}` };
  }

  /** Puts it forward, unless it is later already; resolves when every process goes by that. */
  async reach(atMs: number): Promise<void> {
    if (atMs > this.now()) this.#put(atMs);
    await sleep(HEARD_MS);
  }

  #put(atMs: number): void {
    const sinceMs = systemClock();
    this.#shiftMs = atMs - sinceMs;
    writeFileSync(`${this.#path}.new`, `${atMs} ${sinceMs}`);
    renameSync(`${this.#path}.new`, this.#path);
  }
}
