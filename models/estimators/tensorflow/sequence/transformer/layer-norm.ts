type Numbers = Float32Array | Float64Array;

/** Keeps a row of equal numbers from a division by zero. */
const EPSILON = 1e-5;

interface Rows {
  readonly values: Numbers;
  readonly from: number;
}

/** Normalises `units` numbers to mean 0 and variance 1, then scales and shifts each (Ba, Kiros and Hinton 2016). */
export function normaliseRow(source: Rows, weights: { scale: Numbers; shift: Numbers }, target: Rows): void {
  const { scale, shift } = weights;
  const units = scale.length;
  const { mean, inverse } = momentsOf(source, units);
  for (let j = 0; j < units; j++) {
    target.values[target.from + j] = (source.values[source.from + j]! - mean) * inverse * scale[j]! + shift[j]!;
  }
}

function momentsOf({ values, from }: Rows, units: number): { mean: number; inverse: number } {
  let mean = 0;
  for (let j = 0; j < units; j++) mean += values[from + j]!;
  mean /= units;
  let squares = 0;
  for (let j = 0; j < units; j++) squares += (values[from + j]! - mean) ** 2;
  return { mean, inverse: 1 / Math.sqrt(squares / units + EPSILON) };
}

/** The way back through one row: writes the gradient of the row and adds to those of scale and shift. */
export function normaliseBack(
  source: Rows,
  scale: Numbers,
  gradient: { dOut: Numbers; dIn: Numbers; dScale: Numbers; dShift: Numbers },
): void {
  const { values, from } = source;
  const { dOut, dIn, dScale, dShift } = gradient;
  const units = scale.length;
  const { mean, inverse } = momentsOf(source, units);
  let sum = 0;
  let lean = 0;
  for (let j = 0; j < units; j++) {
    const normal = (values[from + j]! - mean) * inverse;
    const d = dOut[from + j]!;
    dScale[j]! += d * normal;
    dShift[j]! += d;
    sum += d * scale[j]!;
    lean += d * scale[j]! * normal;
  }
  for (let j = 0; j < units; j++) {
    const normal = (values[from + j]! - mean) * inverse;
    dIn[from + j] = inverse * (dOut[from + j]! * scale[j]! - (sum + normal * lean) / units);
  }
}
