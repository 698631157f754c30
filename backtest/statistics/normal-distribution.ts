const INVERSE_SQRT_2_PI = 0.3989422804014326779;

/**
 * Terms of the tail's continued fraction; from |x| = 1.5 on, 200 leave an error far below one unit in the last place.
 */
const TAIL_TERMS = 200;

/** Standard normal density. */
function normalDensity(x: number): number {
  return INVERSE_SQRT_2_PI * Math.exp(-0.5 * x * x);
}

/** P(Z > x) for x >= 1.5: Laplace's continued fraction phi(x) / (x + 1/(x + 2/(x + ...))), evaluated from its end. */
function upperTail(x: number): number {
  let fraction = x;
  for (let term = TAIL_TERMS; term >= 1; term--) fraction = x + term / fraction;
  return normalDensity(x) / fraction;
}

/**
 * Standard normal distribution function, accurate to a few units in the last place, tails included (relative error).
 * Centre: 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...), G. Marsaglia, "Evaluating the Normal Distribution",
 * Journal of Statistical Software 11(4), 2004. Tails: Laplace's continued fraction (Abramowitz and Stegun 26.2.14).
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x >= 1.5) return x === Infinity ? 1 : 1 - upperTail(x);
  if (x <= -1.5) return x === -Infinity ? 0 : upperTail(-x);
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > 1e-18 * Math.abs(sum); odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + normalDensity(x) * sum;
}

/**
 * The x with normalCdf(x) = `probability`; -Infinity and Infinity at 0 and 1, NaN outside. Starts from Abramowitz and
 * Stegun 26.2.23 (error below 4.5e-4) in the lower half, then three steps of Halley's method on the distribution
 * function above, each of which triples the correct digits.
 */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return Number.NaN;
  if (probability === 0) return -Infinity;
  if (probability === 1) return Infinity;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  const t = Math.sqrt(-2 * Math.log(probability));
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 3; step++) {
    const newton = (normalCdf(x) - probability) / normalDensity(x);
    x -= newton / (1 + (x * newton) / 2);
  }
  return x;
}
