/** Adds a vector times a row-major matrix with as many columns as `out` has entries. */
export function addProduct(
  out: Float64Array,
  vector: { readonly from: Float32Array | Float64Array; readonly offset: number; readonly count: number },
  matrix: Float32Array,
): void {
  const { from, offset, count } = vector;
  const columns = out.length;
  for (let i = 0; i < count; i++) {
    const value = from[offset + i]!;
    if (value === 0) continue;
    const row = i * columns;
    for (let j = 0; j < columns; j++) out[j]! += value * matrix[row + j]!;
  }
}
