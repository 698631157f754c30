import { meanVariance, symmetric, at, type SymmetricMatrix } from './symmetric-matrix.ts';

/** A covariance drawn towards equal variances without correlation. */
export interface Shrunk {
  readonly covariance: SymmetricMatrix;
  /** Share of the target, 0 to 1. */
  readonly shrinkage: number;
}

/** `(1 - shrinkage) S + shrinkage m I`, where `m` is the mean variance of `S`. */
export function shrink(sample: SymmetricMatrix, shrinkage: number): Shrunk {
  const target = shrinkage * meanVariance(sample);
  const covariance = symmetric(sample.size, (i, j) => (1 - shrinkage) * at(sample, i, j) + (i === j ? target : 0));
  return { covariance, shrinkage };
}
