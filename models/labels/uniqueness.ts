/**
 * Average uniqueness of each label (Lopez de Prado 2018, sections 4.3 and 4.4): a label made at bar `i` and known at
 * `endBar[i]` lives on the bars `(i, endBar[i]]`; on each it shares the return with the labels alive there, and its
 * uniqueness is the mean of 1 / (labels alive). In (0, 1], 0 where there is no label. Which labels are alive at a bar
 * is known at that bar's close, so a label's uniqueness is known when the label is.
 */
export function averageUniqueness(endBar: Int32Array): Float64Array {
  const length = endBar.length;
  const alive = new Int32Array(length + 2);
  for (let i = 0; i < length; i++) {
    if (endBar[i]! <= i) continue;
    alive[i + 1]! += 1;
    alive[endBar[i]! + 1]! -= 1;
  }
  const inverseSum = new Float64Array(length + 1);
  let concurrent = 0;
  for (let bar = 0; bar < length; bar++) {
    concurrent += alive[bar]!;
    inverseSum[bar + 1] = inverseSum[bar]! + (concurrent > 0 ? 1 / concurrent : 0);
  }
  return Float64Array.from(endBar, (end, i) => (end > i ? (inverseSum[end + 1]! - inverseSum[i + 1]!) / (end - i) : 0));
}
