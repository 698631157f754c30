/** Rows of a node, with a number each in the same order. */
export interface RowStretch {
  readonly rowIndex: Int32Array;
  readonly packed: Float64Array;
  readonly from: number;
  readonly to: number;
}

/** Where the bin of row r lies, `bins[r * step + offset]`, and the test of a cut. */
export interface BinTest {
  readonly bins: Uint8Array;
  readonly offset: number;
  readonly step: number;
  readonly bin: number;
  readonly missingRight: boolean;
}

/**
 * Puts the rows that go left before those that go right, each in their order, and returns the first of the right.
 * Without branches: every row is written to both sides and one side's end moves.
 */
export function partitionRows(
  rows: RowStretch,
  test: BinTest,
  spare: { readonly rowIndex: Int32Array; readonly packed: Float64Array },
): number {
  const { rowIndex, packed, from, to } = rows;
  const { bins, offset, step } = test;
  const spareIndex = spare.rowIndex;
  const sparePacked = spare.packed;
  // Missing (bin 0) becomes 255 when it goes right: all bins one lower, modulo 256.
  const lower = test.missingRight ? 1 : 0;
  const last = (test.bin - lower) | 0;
  let left = from;
  let right = 0;
  for (let i = from; i < to; i++) {
    const row = rowIndex[i]!;
    const value = packed[i]!;
    const bin = bins[(Math.imul(row, step) + offset) | 0]!;
    const goesRight = (last - ((bin - lower) & 255)) >>> 31;
    rowIndex[left] = row;
    packed[left] = value;
    spareIndex[right] = row;
    sparePacked[right] = value;
    left = (left + 1 - goesRight) | 0;
    right = (right + goesRight) | 0;
  }
  rowIndex.set(spareIndex.subarray(0, right), left);
  packed.set(sparePacked.subarray(0, right), left);
  return left;
}
