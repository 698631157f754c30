/** `coefficients' x >= bound`, or `=` where it is an equality. */
export interface LinearConstraint {
  readonly coefficients: Float64Array;
  readonly bound: number;
  readonly equality?: boolean;
}
