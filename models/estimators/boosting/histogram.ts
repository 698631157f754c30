/** Sums of one group: four features of 256 bins. */
export const GROUP_CELLS = 1024;

/** Groups summed at a time. */
const GROUPS_MAX = 64;
/** Rows whose words stay in cache while the groups are gone through. */
const BLOCK_ROWS = 512;

// Groups are summed here: in the module, because the place and the length of such an array are constants to the
// compiler. Sums of integers are truncated to integers throughout (`| 0`): else each addition is tested for overflow.
const gathered = new Int32Array(2 * BLOCK_ROWS);
const sums = new Float64Array(GROUPS_MAX * GROUP_CELLS);

/**
 * Rows of a node with their packed derivatives; the words of a row, one per group of four features, lie side by side.
 */
export interface WordRows {
  readonly words: Int32Array;
  readonly wordsPerRow: number;
  readonly rowIndex: Int32Array;
  readonly packed: Float64Array;
  readonly from: number;
  readonly to: number;
}

/**
 * Copies the words of two groups of up to BLOCK_ROWS rows. A small node's rows lie far apart, so that most of these
 * reads miss the cache; alone in a short loop many are under way at once (among the additions they took half of the
 * time).
 */
function gatherPair(rows: WordRows, first: number, second: number): void {
  const { words, wordsPerRow, rowIndex, from, to } = rows;
  for (let i = from, to1 = 0; i < to; i++, to1++) {
    const at = Math.imul(rowIndex[i]!, wordsPerRow);
    gathered[to1] = words[(at + first) | 0]!;
    gathered[(to1 + BLOCK_ROWS) | 0] = words[(at + second) | 0]!;
  }
}

/** Adds the gathered rows to two groups' sums, the first's from `cell` on: one derivative serves eight additions. */
function sumPair(packed: Float64Array, from: number, count: number, cell: number): void {
  for (let i = 0; i < count; i++) {
    const value = packed[(from + i) | 0]!;
    const one = gathered[i]!;
    const two = gathered[(i + BLOCK_ROWS) | 0]!;
    sums[(cell + (one & 255)) | 0]! += value;
    sums[(cell + (256 + ((one >>> 8) & 255))) | 0]! += value;
    sums[(cell + (512 + ((one >>> 16) & 255))) | 0]! += value;
    sums[(cell + (768 + (one >>> 24))) | 0]! += value;
    sums[(cell + (1024 + (two & 255))) | 0]! += value;
    sums[(cell + (1280 + ((two >>> 8) & 255))) | 0]! += value;
    sums[(cell + (1536 + ((two >>> 16) & 255))) | 0]! += value;
    sums[(cell + (1792 + (two >>> 24))) | 0]! += value;
  }
}

/** The last group of an odd number, alone. */
function sumOne(rows: WordRows, group: number, cell: number): void {
  const { words, wordsPerRow, rowIndex, packed, from, to } = rows;
  for (let i = from; i < to; i++) {
    const word = words[(Math.imul(rowIndex[i]!, wordsPerRow) + group) | 0]!;
    const value = packed[i]!;
    sums[(cell + (word & 255)) | 0]! += value;
    sums[(cell + (256 + ((word >>> 8) & 255))) | 0]! += value;
    sums[(cell + (512 + ((word >>> 16) & 255))) | 0]! += value;
    sums[(cell + (768 + (word >>> 24))) | 0]! += value;
  }
}

function sumGroups(rows: WordRows, groups: readonly number[]): void {
  sums.fill(0, 0, groups.length * GROUP_CELLS);
  for (let from = rows.from; from < rows.to; from += BLOCK_ROWS) {
    const to = Math.min(rows.to, from + BLOCK_ROWS);
    const block = { ...rows, from, to };
    let group = 0;
    for (; group + 1 < groups.length; group += 2) {
      gatherPair(block, groups[group]!, groups[group + 1]!);
      sumPair(rows.packed, from, to - from, group * GROUP_CELLS);
    }
    if (group < groups.length) sumOne(block, groups[group]!, group * GROUP_CELLS);
  }
}

/** Writes the sums of the groups over the rows into `into`. */
export function fillGroups(rows: WordRows, groups: readonly number[], into: Float64Array): void {
  for (let first = 0; first < groups.length; first += GROUPS_MAX) {
    const some = groups.slice(first, first + GROUPS_MAX);
    sumGroups(rows, some);
    into.set(sums.subarray(0, some.length * GROUP_CELLS), first * GROUP_CELLS);
  }
}

/** The same, and takes them away from `parent`, which then holds the sums of the sibling, exactly. */
export function divideGroups(
  rows: WordRows,
  groups: readonly number[],
  into: Float64Array,
  parent: Float64Array,
): void {
  for (let first = 0; first < groups.length; first += GROUPS_MAX) {
    const some = groups.slice(first, first + GROUPS_MAX);
    sumGroups(rows, some);
    takeAway(some.length * GROUP_CELLS, into, parent, first * GROUP_CELLS);
  }
}

function takeAway(count: number, into: Float64Array, parent: Float64Array, to: number): void {
  for (let cell = 0; cell < count; cell++) {
    const sum = sums[cell]!;
    into[to + cell] = sum;
    parent[to + cell]! -= sum;
  }
}
