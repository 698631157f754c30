/** A model that was trained elsewhere, as read from its file. It is never changed. */
export interface ReadModel {
  /** Names of its inputs in their order; null where its file has none of its own. */
  readonly inputs: readonly string[] | null;
  /** Numbers that a row of it holds. */
  readonly width: number;
  /** Probabilities of classes, or an expected return. */
  readonly task: 'classes' | 'return';
  /** Numbers that it answers for a row: one for each class, or the return alone. */
  readonly outputs: number;
  /** Takes `rows * width` inputs, row-major, NaN where one is missing; writes `rows * outputs` into `out`. */
  predict(x: Float64Array, rows: number, out: Float64Array): void;
}
