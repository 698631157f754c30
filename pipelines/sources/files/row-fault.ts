import { InputError } from '../../../infra/errors.ts';

/** Where a row stands. One object may be reused for all rows of a file: copy what is kept. */
export interface RowPlace {
  readonly file: string;
  /** From 1; in CSV files the header counts. */
  readonly line: number;
  /** What the number counts: lines of text, rows of Parquet. */
  readonly unit: 'line' | 'row';
}

/** What is wrong with one row of a bars file. */
export interface RowFault {
  readonly check: 'unreadable-rows' | 'not-a-number' | 'impossible-prices' | 'time-order' | 'odd-times';
  readonly place: RowPlace;
  /** Whose row it is; empty where the row does not say. */
  readonly symbol: string;
  /** The time it is stamped with; NaN where that cannot be read. */
  readonly timeMs: number;
  /** In words, without a full stop. */
  readonly problem: string;
  readonly remedy: string;
}

export type OnRowFault = (fault: RowFault) => void;

/** Problems that an error lists; the rest is counted. */
const LISTED = 5;

const placeText = ({ unit, line }: RowPlace): string => `${unit} ${line}`;

/** For readers that give clean bars or nothing: keeps the first faults by place and counts them all. */
export class FirstFaults {
  #count = 0;
  /** Of every file, which are read one after the other. */
  readonly #files = new Map<string, number>();
  readonly #first: RowFault[] = [];
  readonly #areOfFiles: boolean;

  /** @param areOfFiles whether the places are in files, which a command can list the faults of */
  constructor(areOfFiles = true) {
    this.#areOfFiles = areOfFiles;
  }

  add(fault: RowFault): void {
    this.#count++;
    if (!this.#files.has(fault.place.file)) this.#files.set(fault.place.file, this.#files.size);
    const last = this.#first.at(-1);
    if (this.#first.length === LISTED && this.#compare(fault, last!) >= 0) return;
    // Faults of order are known when all rows are.
    const after = this.#first.findIndex((one) => this.#compare(fault, one) < 0);
    this.#first.splice(after === -1 ? this.#first.length : after, 0, { ...fault, place: { ...fault.place } });
    if (this.#first.length > LISTED) this.#first.pop();
  }

  #compare(a: RowFault, b: RowFault): number {
    const files = this.#files.get(a.place.file)! - this.#files.get(b.place.file)!;
    return files === 0 ? a.place.line - b.place.line : files;
  }

  /**
   * Throws InputError where there was any: the first with file and line, the next few, their number, and how to see
   * them all.
   */
  throwIfAny(): void {
    const [first, ...next] = this.#first;
    if (first === undefined) return;
    const head = `${first.place.file}, ${placeText(first.place)}: ${first.problem}.`;
    if (next.length === 0) throw new InputError(head, first.remedy);
    const more = next.map(({ place, problem }) => {
      return `${place.file === first.place.file ? '' : `${place.file}, `}${placeText(place)}: ${problem}`;
    });
    const rest = this.#count > LISTED ? '; ...' : '.';
    const all = this.#areOfFiles ? ` \`signalbox check --file ${first.place.file}\` lists all of them.` : '';
    throw new InputError(
      `${head} ${this.#count} problems in all; the next: ${more.join('; ')}${rest}`,
      `${first.remedy}${all}`,
    );
  }
}
