/**
 * Rows of a curve that are kept where all of them are too many to draw: the first and the last, and of each of equally
 * long stretches of rows the least and the greatest value of every column, so that no peak and no trough is lost. NaN
 * is no value. Ascending, and never more than `most`.
 * @throws RangeError for columns of different lengths, and for a `most` that leaves no stretch
 */
export function thinnedRows(columns: readonly ArrayLike<number>[], most: number): number[] {
  const length = columns[0]?.length ?? 0;
  if (columns.some((column) => column.length !== length)) throw new RangeError('Columns must be of one length.');
  if (length <= most) return Array.from({ length }, (_, row) => row);
  const stretches = Math.floor((most - 2) / (2 * columns.length));
  if (stretches < 1) throw new RangeError(`${most} rows are too few for ${columns.length} columns.`);
  const kept = new Set([0, length - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    for (const column of columns) for (const row of extremes(column, from, to)) kept.add(row);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Rows of the least and the greatest value of `[from, to)`; none where there is no value. */
function extremes(column: ArrayLike<number>, from: number, to: number): number[] {
  let [least, greatest] = [-1, -1];
  for (let row = from; row < to; row++) {
    const value = column[row]!;
    if (Number.isNaN(value)) continue;
    if (least < 0 || value < column[least]!) least = row;
    if (greatest < 0 || value > column[greatest]!) greatest = row;
  }
  return least < 0 ? [] : [least, greatest];
}
