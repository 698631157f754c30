/** Rows of one symbol in one file: `[from, to)` among those of the symbol. */
interface Block {
  readonly from: number;
  readonly to: number;
}

export interface OrderedRows {
  /** The rows in order of time, as far as the files have one; null where that is how they came. */
  readonly order: Uint32Array | null;
  /** Whether files went from the newest row to the oldest. */
  readonly newestFirst: boolean;
}

/** Files that go backwards nearly throughout were written newest first; a step or two back are a mistake. */
function goesBack(stamps: Float64Array, { from, to }: Block): boolean {
  let back = 0;
  let forth = 0;
  for (let row = from + 1; row < to; row++) {
    if (stamps[row]! < stamps[row - 1]!) back++;
    else if (stamps[row]! > stamps[row - 1]!) forth++;
  }
  return back > 0 && back >= 9 * forth;
}

function isAscending(stamps: Float64Array): boolean {
  for (let row = 1; row < stamps.length; row++) if (stamps[row]! <= stamps[row - 1]!) return false;
  return true;
}

const leastOf = (stamps: Float64Array, { from, to }: Block): number => Math.min(stamps[from]!, stamps[to - 1]!);

/**
 * Puts rows into the order of time where whole files say it: those written newest first are turned round, and several
 * files of one symbol follow each other by their times. Rows out of order within a file stay where they are.
 * `starts` are the rows with which files begin, from 0.
 */
export function orderRows(stamps: Float64Array, starts: readonly number[]): OrderedRows {
  if (isAscending(stamps)) return { order: null, newestFirst: false };
  const blocks = starts.map((from, i) => ({ from, to: starts[i + 1] ?? stamps.length }));
  const turned = blocks.map((block) => ({ ...block, back: goesBack(stamps, block) }));
  turned.sort((a, b) => leastOf(stamps, a) - leastOf(stamps, b) || a.from - b.from);
  const order = new Uint32Array(stamps.length);
  let at = 0;
  for (const { from, to, back } of turned) {
    for (let i = 0; i < to - from; i++) order[at++] = back ? to - 1 - i : from + i;
  }
  return { order, newestFirst: turned.some(({ back }) => back) };
}
