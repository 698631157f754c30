/** What growing a boosted tree needs besides gradients: plain data over plain or shared memory. */
export interface BoostingPlan {
  readonly rows: number;
  readonly width: number;
  /** Bins of four features in a word, words of one group for all rows, then the next group: `rows * ceil(width / 4)`. */
  readonly words: Uint32Array;
  readonly maxDepth: number;
  readonly lambda: number;
  readonly learningRate: number;
  /** Least sum of second derivatives in a leaf. */
  readonly leafHessianMin: number;
  /** Least gain of a split. */
  readonly gainMin: number;
  /** Per feature: 1 the score may only rise with it, -1 only fall, 0 free. Null without any constraint. */
  readonly monotone: Int8Array | null;
}

/** Packs column-major bins four features to a word; features beyond the last are bin 0 throughout. */
export function packWords(byColumn: Uint8Array, rows: number, width: number): Uint32Array {
  const groups = Math.ceil(width / 4);
  const words = new Uint32Array(groups * rows);
  for (let feature = 0; feature < width; feature++) {
    const at = (feature >> 2) * rows;
    const shift = 8 * (feature & 3);
    for (let row = 0; row < rows; row++) words[at + row]! |= byColumn[feature * rows + row]! << shift;
  }
  return words;
}
