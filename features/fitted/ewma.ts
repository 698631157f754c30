/** RiskMetrics' decay of a day, J.P. Morgan (1996). */
export const DECAY = 0.94;

/**
 * Forecast of the next bar's variance by exponential smoothing (RiskMetrics 1996): `decay` x the last forecast and the
 * rest from the last squared return.
 */
export function ewmaVariance(forecast: number, lastReturn: number, decay: number): number {
  return decay * forecast + (1 - decay) * (lastReturn * lastReturn);
}
