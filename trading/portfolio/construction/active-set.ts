import { dot } from '../covariance/symmetric-matrix.ts';
import type { LinearConstraint } from './linear-constraint.ts';

/** A constraint that binds. */
interface Binding {
  readonly at: number;
  /** -1 where an equality is met from above. */
  readonly sign: number;
  multiplier: number;
}

/** What is left of a vector beside the normals of the set, and how much of each it has. */
interface SplitVector {
  readonly rest: Float64Array;
  readonly shares: Float64Array;
}

/** The constraints that bind, with an orthonormal basis of their transformed normals. */
export class ActiveSet {
  readonly #constraints: readonly LinearConstraint[];
  readonly #transform: (coefficients: Float64Array) => Float64Array;
  #binding: Binding[] = [];
  /** Basis, and by normal its coordinates in it: `normal k = sum of coordinates[k][j] * basis[j], j <= k`. */
  #basis: Float64Array[] = [];
  #coordinates: Float64Array[] = [];

  constructor(constraints: readonly LinearConstraint[], transform: (coefficients: Float64Array) => Float64Array) {
    this.#constraints = constraints;
    this.#transform = transform;
  }

  has(at: number): boolean {
    return this.#binding.some((one) => one.at === at);
  }

  /** By constraint of the problem, 0 for those that do not bind. */
  multipliers(): Float64Array {
    const all = new Float64Array(this.#constraints.length);
    for (const { at, sign, multiplier } of this.#binding) all[at] = sign * multiplier;
    return all;
  }

  /** `vector = rest + shares * normals`, `rest` orthogonal to them. Twice, so that rounding does not stay. */
  split(vector: Float64Array): SplitVector {
    const rest = Float64Array.from(vector);
    const along = new Float64Array(this.#basis.length);
    for (let pass = 0; pass < 2; pass++) {
      this.#basis.forEach((direction, j) => {
        const part = dot(direction, rest);
        along[j]! += part;
        for (let i = 0; i < rest.length; i++) rest[i]! -= part * direction[i]!;
      });
    }
    const shares = new Float64Array(along.length);
    for (let k = along.length - 1; k >= 0; k--) {
      let value = along[k]!;
      for (let later = k + 1; later < along.length; later++) value -= this.#coordinates[later]![k]! * shares[later]!;
      shares[k] = value / this.#coordinates[k]![k]!;
    }
    return { rest, shares };
  }

  /** The inequality whose multiplier is used up first when the set moves along `shares`; Infinity for none. */
  firstToGo(shares: Float64Array): { readonly drop: number; readonly length: number } {
    let [drop, length] = [-1, Infinity];
    this.#binding.forEach(({ at, multiplier }, k) => {
      if (this.#constraints[at]!.equality === true || !(shares[k]! > 0)) return;
      const until = multiplier / shares[k]!;
      if (until < length) [drop, length] = [k, until];
    });
    return { drop, length };
  }

  move(shares: Float64Array, length: number): void {
    this.#binding.forEach((one, k) => (one.multiplier -= length * shares[k]!));
  }

  /** The vector in the span of the normals, transformed, that takes away what `x` misses the binding bounds by. */
  correction(x: Float64Array): Float64Array {
    const vector = new Float64Array(x.length);
    const along = new Float64Array(this.#basis.length);
    this.#binding.forEach(({ at, sign }, k) => {
      const { coefficients, bound } = this.#constraints[at]!;
      let value = sign * (bound - dot(coefficients, x));
      for (let j = 0; j < k; j++) value -= this.#coordinates[k]![j]! * along[j]!;
      along[k] = value / this.#coordinates[k]![k]!;
      this.#basis[k]!.forEach((one, i) => (vector[i]! += along[k]! * one));
    });
    return vector;
  }

  add(at: number, sign: number, multiplier: number): void {
    this.#binding.push({ at, sign, multiplier });
    this.#extend(this.#binding.at(-1)!);
  }

  /** Takes out the one at `place` of the set. */
  drop(place: number): void {
    this.#binding.splice(place, 1);
    const kept = this.#binding.slice(place);
    this.#basis.length = this.#coordinates.length = place;
    for (const one of kept) this.#extend(one);
  }

  #extend({ at, sign }: Binding): void {
    const normal = this.#transform(this.#constraints[at]!.coefficients.map((value) => sign * value));
    const along = new Float64Array(this.#basis.length + 1);
    for (let pass = 0; pass < 2; pass++) {
      this.#basis.forEach((direction, j) => {
        const part = dot(direction, normal);
        along[j]! += part;
        for (let i = 0; i < normal.length; i++) normal[i]! -= part * direction[i]!;
      });
    }
    const length = Math.sqrt(dot(normal, normal));
    along[this.#basis.length] = length;
    this.#basis.push(normal.map((value) => value / length));
    this.#coordinates.push(along);
  }
}
