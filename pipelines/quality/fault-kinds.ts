import type { RowFault, RowPlace } from '../sources/files/row-fault.ts';
import type { Finding } from './quality-check.ts';

/** So many rows of one kind are told of one by one. */
const APART = 3;
/** Runs of lines that a sentence names; more are counted. */
const RUNS_NAMED = 50;

/** Rows of one file with the same trouble. */
interface Kind {
  readonly first: RowFault[];
  /** First and last of lines that follow each other. */
  readonly runs: [number, number][];
  count: number;
  toLine: number;
}

/** What rows of one kind share: their problem without the values. */
const kindOf = ({ check, symbol, place, problem }: RowFault): string =>
  JSON.stringify([check, symbol, place.file, problem.replace(/"(\\.|[^"\\])*"|\d+/g, '')]);

/** The finding of one row. */
export function rowFinding({ check, place, timeMs, problem }: RowFault): Finding {
  const placed = { ...place };
  return { check, severity: 'error', openTimeMs: timeMs, bars: 1, message: `${problem}.`, place: placed };
}

/**
 * Gathers rows that cannot be read by what is wrong with them: a format that was not understood is one finding with its
 * lines and its remedy, not one a row.
 */
export class FaultKinds {
  readonly #kinds = new Map<string, Kind>();

  /** Takes a row; false where such rows are told of one by one. */
  add(fault: RowFault): boolean {
    const isUnderstood = fault.check !== 'unreadable-rows' && fault.check !== 'not-a-number';
    // Of what is missing each row is told of: no option brings it.
    if (isUnderstood || !fault.problem.includes('"')) return false;
    const key = kindOf(fault);
    const kind = this.#kinds.get(key) ?? { first: [], runs: [], count: 0, toLine: NaN };
    this.#kinds.set(key, kind);
    const { line } = fault.place;
    const run = kind.runs.at(-1);
    if (run !== undefined && run[1] === line - 1) run[1] = line;
    else if (kind.runs.length <= RUNS_NAMED) kind.runs.push([line, line]);
    if (kind.first.length < APART) kind.first.push({ ...fault, place: { ...fault.place } });
    kind.count++;
    kind.toLine = line;
    return true;
  }

  /** Gives each finding with the symbol that it is of and the rows that it stands for. */
  tell(onFinding: (symbol: string, finding: Finding, rows: number) => void): void {
    for (const { first, runs, count, toLine } of this.#kinds.values()) {
      const [{ symbol, place, problem, remedy }] = first as [RowFault];
      if (count <= APART) {
        for (const fault of first) onFinding(symbol, rowFinding(fault), 1);
        continue;
      }
      const lines = `${count} rows like it: ${linesText(runs, place, toLine)}`;
      onFinding(symbol, { ...rowFinding(first[0]!), bars: count, message: `${problem}. ${lines}. ${remedy}` }, count);
    }
  }
}

function linesText(runs: readonly [number, number][], { unit }: RowPlace, toLine: number): string {
  const named = runs.slice(0, RUNS_NAMED).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  const rest = runs.length > RUNS_NAMED ? `, and more up to ${toLine}` : '';
  return `${unit}s ${named.join(', ')}${rest}`;
}
