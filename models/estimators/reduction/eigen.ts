import { SignalboxError } from '../../../infra/errors.ts';

/** Eigenvalues from the largest on, each with its vector of length 1. */
export interface Eigen {
  readonly values: Float64Array;
  /** `vectors[k]` belongs to `values[k]`; its entry of largest size is positive. */
  readonly vectors: readonly Float64Array[];
}

/** Ten sweeps do for 100 symbols. */
const SWEEPS_MAX = 60;

/** Eigenvalues and vectors by Jacobi's rotations, cyclic (Golub and Van Loan, Matrix Computations, 8.5). */
export function eigenOf({ size, values }: { readonly size: number; readonly values: Float64Array }): Eigen {
  const a = Float64Array.from(values);
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  let scale = 0;
  for (const value of a) scale += value * value;
  for (let sweep = 0; off(a, size) > 1e-30 * scale; sweep++) {
    if (sweep === SWEEPS_MAX) {
      throw new SignalboxError('the eigenvalues of a covariance were not found', {
        remedy: 'look for extreme returns',
      });
    }
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(a, v, size, [p, q]);
    }
  }
  const order = Array.from({ length: size }, (_, k) => k).sort((x, y) => a[y * size + y]! - a[x * size + x]! || x - y);
  return {
    values: Float64Array.from(order, (k) => a[k * size + k]!),
    vectors: order.map((k) => signed(Float64Array.from({ length: size }, (_, i) => v[i * size + k]!))),
  };
}

/** Sum of squares above the diagonal. */
function off(a: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) {
    for (let j = i + 1; j < size; j++) sum += a[i * size + j]! * a[i * size + j]!;
  }
  return sum;
}

/** Makes entry `(p, q)` zero. */
function rotate(a: Float64Array, v: Float64Array, size: number, [p, q]: [number, number]): void {
  const apq = a[p * size + q]!;
  if (apq === 0) return;
  const theta = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < size; k++) {
    const [kp, kq] = [a[k * size + p]!, a[k * size + q]!];
    a[k * size + p] = c * kp - s * kq;
    a[k * size + q] = s * kp + c * kq;
  }
  for (let k = 0; k < size; k++) {
    const [pk, qk] = [a[p * size + k]!, a[q * size + k]!];
    a[p * size + k] = c * pk - s * qk;
    a[q * size + k] = s * pk + c * qk;
  }
  for (let k = 0; k < size; k++) {
    const [kp, kq] = [v[k * size + p]!, v[k * size + q]!];
    v[k * size + p] = c * kp - s * kq;
    v[k * size + q] = s * kp + c * kq;
  }
}

function signed(vector: Float64Array): Float64Array {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest) + 1e-12) largest = value;
  return largest < 0 ? vector.map((value) => 0 - value) : vector;
}
