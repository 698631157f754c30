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
  readonly check: 'unreadable-rows' | 'not-a-number' | 'impossible-prices' | 'time-order';
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

/** For readers that give clean bars or nothing: keeps the first faults and counts them all. */
export class FirstFaults {
  #count = 0;
  readonly #first: RowFault[] = [];

  add(fault: RowFault): void {
    if (this.#count++ < LISTED) this.#first.push({ ...fault, place: { ...fault.place } });
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
    throw new InputError(
      `${head} ${this.#count} problems in all; the next: ${more.join('; ')}${rest}`,
      `${first.remedy} \`signalbox check --file ${first.place.file}\` lists all of them.`,
    );
  }
}
