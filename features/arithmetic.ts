/**
 * Elementary functions from + - * / and comparisons only, so that a feature has the same bits on every machine;
 * `Math.exp` and its kin are free to differ by platform. Each is a textbook reduction followed by the function's own
 * series, taken far enough that truncation is below rounding. Measured against exact values in the tests: within 1 ulp
 * (exp), 1 ulp (log), 2 ulp (sine, cosine).
 */

/** ln 2 as a sum: the first part has 32 bits, so that it times an exponent is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.908214929270588e-10;
const INVERSE_LN2 = 1.4426950408889634;
const SQRT_HALF = 0.7071067811865476;
const EXP_OVERFLOW = 709.782712893384;
const EXP_UNDERFLOW = -745.1332191019412;
const SMALLEST_NORMAL = 2.2250738585072014e-308;
const TWO_54 = 18014398509481984;

const bits = new DataView(new ArrayBuffer(8));

/** 1/2!, 1/3!, ... 1/14!: the series of (e^r - 1 - r) / r^2. */
const EXP_SERIES = Float64Array.from({ length: 13 }, (_, i) => 1 / factorial(i + 2));
/** 2/3, 2/5, ... 2/23: the series of the inverse hyperbolic tangent, without its first term. */
const LOG_SERIES = Float64Array.from({ length: 11 }, (_, i) => 2 / (2 * i + 3));

function factorial(n: number): number {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
}

/** 2 to the power of `exponent`, an integer in [-1022, 1023]. */
function powerOfTwo(exponent: number): number {
  bits.setUint32(0, (exponent + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

function horner(series: Float64Array, x: number): number {
  let sum = series[series.length - 1]!;
  for (let i = series.length - 2; i >= 0; i--) sum = sum * x + series[i]!;
  return sum;
}

/** e to the power of `x`. Infinity above 709.78, 0 below -745.13, NaN for NaN. */
export function exp(x: number): number {
  if (x !== x) return NaN;
  if (x > EXP_OVERFLOW) return Infinity;
  if (x < EXP_UNDERFLOW) return 0;
  const k = Math.floor(x * INVERSE_LN2 + 0.5);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const lost = high - r - low;
  const value = 1 + (r + (lost + r * r * horner(EXP_SERIES, r)));
  if (k > 1023) return value * powerOfTwo(1023) * powerOfTwo(k - 1023);
  if (k < -1022) return value * powerOfTwo(k + 54) * (1 / TWO_54);
  return value * powerOfTwo(k);
}

/** Natural logarithm. -Infinity at 0, NaN below it and for NaN. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  const scaled = x < SMALLEST_NORMAL ? x * TWO_54 : x;
  bits.setFloat64(0, scaled);
  const top = bits.getUint32(0);
  let k = (top >>> 20) - 1023 - (scaled === x ? 0 : 54);
  bits.setUint32(0, (top & 0xfffff) | 0x3fe00000);
  let mantissa = bits.getFloat64(0);
  k += 1;
  if (mantissa < SQRT_HALF) {
    mantissa *= 2;
    k -= 1;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  const half = 0.5 * f * f;
  const rest = s2 * horner(LOG_SERIES, s2);
  return k * LN2_HIGH - (half - (s * (half + rest) + k * LN2_LOW) - f);
}

/** `x` to the power of the integer `n`, by repeated squaring. */
export function power(x: number, n: number): number {
  let result = 1;
  let factor = x;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= factor;
    factor *= factor;
  }
  return n < 0 ? 1 / result : result;
}

const TWO_PI = 6.283185307179586;

/** Series of the sine around 0, for |x| <= pi/4. */
function sineSeries(x: number): number {
  let term = x;
  let sum = 0;
  for (let i = 3; i <= 19; i += 2) {
    term *= (-x * x) / (i * (i - 1));
    sum += term;
  }
  return x + sum;
}

/** Series of the cosine around 0, for |x| <= pi/4. */
function cosineSeries(x: number): number {
  let term = 1;
  let sum = 0;
  for (let i = 2; i <= 18; i += 2) {
    term *= (-x * x) / (i * (i - 1));
    sum += term;
  }
  return 1 + sum;
}

/** Sine of `turns` full turns: sineOfTurns(0.25) is 1. Exact at the quarters. */
export function sineOfTurns(turns: number): number {
  const quarter = Math.floor(turns * 4 + 0.5);
  const x = (turns - quarter / 4) * TWO_PI;
  const phase = ((quarter % 4) + 4) % 4;
  if (phase === 0) return sineSeries(x);
  if (phase === 1) return cosineSeries(x);
  return phase === 2 ? -sineSeries(x) : -cosineSeries(x);
}

/** Cosine of `turns` full turns. */
export function cosineOfTurns(turns: number): number {
  return sineOfTurns(turns + 0.25);
}

/** ln(a / b); 0 unless both are positive, so that a price of zero, which has no logarithm, stays without effect. */
export function logRatio(a: number, b: number): number {
  return a > 0 && b > 0 ? log(a / b) : 0;
}
