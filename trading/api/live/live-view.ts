/** A row of what is shown, by what identifies it. */
export type LiveRow = readonly [key: string, value: unknown];

interface Kept {
  readonly text: string;
  /** The change that it came with as it is, and the one that it came with first. */
  readonly sequence: number;
  readonly since: number;
}

/** Changes that a reader who has come so far has not seen. */
export interface LiveChange {
  readonly sequence: number;
  /** JSON. */
  readonly text: string;
}

/** Rows that were removed are told for so many changes; who has slept longer is given all anew. */
const REMOVED_MAX = 1_000;
const TEXTS_MAX = 16;

/**
 * The rows of a channel with the change that each came with. Whoever has seen the first n changes is told what differs
 * from there in one message, however many there were since: a slow reader is given fewer messages, not a queue.
 */
export class LiveView {
  #sequence = 0;
  #rows = new Map<string, Kept>();
  readonly #removed = new Map<string, number>();
  /** Removals before this change are not known any more. */
  #forgotten = 0;
  readonly #texts = new Map<string, string>();

  get sequence(): number {
    return this.#sequence;
  }

  /** Takes the rows as they are now; true where something differs. */
  take(rows: readonly LiveRow[]): boolean {
    const next = new Map<string, Kept>();
    const sequence = this.#sequence + 1;
    let differs = false;
    for (const [key, value] of rows) {
      const text = JSON.stringify(value);
      const before = this.#rows.get(key);
      if (before?.text === text) next.set(key, before);
      else {
        next.set(key, { text, sequence, since: before?.since ?? sequence });
        this.#removed.delete(key);
        differs = true;
      }
    }
    for (const key of this.#rows.keys()) {
      if (next.has(key)) continue;
      this.#removed.set(key, sequence);
      differs = true;
    }
    if (!differs) return false;
    this.#rows = next;
    this.#sequence = sequence;
    this.#texts.clear();
    this.#forgetRemoved();
    return true;
  }

  /** All rows, as JSON. */
  snapshot(): LiveChange {
    return { sequence: this.#sequence, text: this.#text('all', () => `[${this.#since(-1).join(',')}]`) };
  }

  /** What differs since change `after`; null where that is too long ago. */
  since(after: number): LiveChange | null {
    if (after < this.#forgotten) return null;
    const text = this.#text(String(after), () => {
      const removed = [...this.#removed].filter(([, at]) => at > after).map(([key]) => key);
      return `{"rows":[${this.#since(after).join(',')}],"removed":${JSON.stringify(removed)}}`;
    });
    return { sequence: this.#sequence, text };
  }

  #since(after: number): string[] {
    return [...this.#rows.values()].filter(({ sequence }) => sequence > after).map(({ text }) => text);
  }

  /**
   * What came since change `after`, as a list: rows that were there before are no news, however they differ by now.
   * @param wanted which rows are for whoever reads, by their keys; `name` stands for it
   */
  news(after: number, name: string, wanted: (key: string) => boolean): LiveChange & { readonly isEmpty: boolean } {
    const text = this.#text(`news ${after} ${name}`, () => {
      const fresh = [...this.#rows].filter(([key, { since }]) => since > after && wanted(key));
      return `[${fresh.map(([, one]) => one.text).join(',')}]`;
    });
    return { sequence: this.#sequence, text, isEmpty: text === '[]' };
  }

  /** Two hundred readers of one channel are told the same. */
  #text(name: string, make: () => string): string {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    if (this.#texts.size >= TEXTS_MAX) this.#texts.clear();
    const text = make();
    this.#texts.set(name, text);
    return text;
  }

  #forgetRemoved(): void {
    for (const [key, at] of this.#removed) {
      if (this.#removed.size <= REMOVED_MAX) return;
      this.#removed.delete(key);
      this.#forgotten = at;
    }
  }
}
