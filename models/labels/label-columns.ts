/** The labels of one symbol's bars as columns: entry `i` belongs to the decision at the close of bar `i`. */
export interface LabelColumns {
  /** 1 up, 0 not up, NaN where there is no label. */
  readonly y: Float64Array;
  /** Index of the bar at whose close the label became known; -1 where there is no label. */
  readonly endBar: Int32Array;
  /**
   * Bars that never get a label whatever comes later (volatility still warming up or zero); the others wait for their
   * future.
   */
  readonly impossible: Uint8Array;
}

/** Columns without any label, to be filled in by a labeller. */
export function emptyLabels(length: number): LabelColumns {
  return {
    y: new Float64Array(length).fill(NaN),
    endBar: new Int32Array(length).fill(-1),
    impossible: new Uint8Array(length),
  };
}
