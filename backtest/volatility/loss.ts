/**
 * Loss of a forecast of variance against the realised one, as a Gaussian likelihood has it: ln forecast + realised /
 * forecast. Least on average where the forecast is the true variance, also where the realised one is a noisy measure of
 * it (Patton, Journal of Econometrics 160(1), 2011). Infinity for a forecast of 0.
 */
export function qlike(realised: number, forecast: number): number {
  return forecast > 0 ? Math.log(forecast) + realised / forecast : Infinity;
}

/** Squared error of a forecast of variance. */
export function squaredError(realised: number, forecast: number): number {
  return (realised - forecast) ** 2;
}
