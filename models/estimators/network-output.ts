import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import type { Dataset } from '../dataset.ts';
import type { NetworkSettings } from './tensorflow/network-settings.ts';

const finite = z.number();

/** What the one number at the end of a network means. */
export const networkOutputSchema = z.discriminatedUnion('objective', [
  z.strictObject({ objective: z.literal('classification') }),
  z.strictObject({
    objective: z.literal('regression'),
    /**
     * Weighted mean and deviation of the realised returns of the training rows: the network learns `(r - mean) /
     * deviation`.
     */
    mean: finite,
    deviation: finite.min(0),
    /** Root mean square of the returns that the network missed by, on the validation rows where there are some. */
    residual: finite.min(0),
  }),
]);

export type NetworkOutput = z.infer<typeof networkOutputSchema>;

/**
 * A logistic curve with this slope is within 0.01 of the normal distribution function (Johnson, Kotz and Balakrishnan
 * 1995, 23.2).
 */
export const NORMAL_SLOPE = 1.702;

/** Probability of label 1 that the raw output of a network stands for. */
export function probabilityOfOutput(output: NetworkOutput, raw: number): number {
  if (output.objective === 'classification') return 1 / (1 + Math.exp(-raw));
  const expected = expectedReturnOf(output, raw)!;
  if (expected === 0) return 0.5;
  // A residual of zero is a constant return: its sign is certain.
  return 1 / (1 + Math.exp((-NORMAL_SLOPE * expected) / Math.max(output.residual, 1e-3 * Math.abs(expected))));
}

/** Expected return over the label's horizon, as a fraction; null for a network that learned classes. */
export function expectedReturnOf(output: NetworkOutput, raw: number): number | null {
  return output.objective === 'regression' ? output.mean + raw * output.deviation : null;
}

/** Log-odds of a positive return for each unit of expected return, where the residual is not negligible. */
export function logOddsPerReturn(output: NetworkOutput & { objective: 'regression' }): number {
  return NORMAL_SLOPE / output.residual;
}

/** Targets of a training in single precision, and what turns an output back; `residual` is not known yet. */
export function targetsOf(
  dataset: Pick<Dataset, 'y' | 'weight' | 'realisedReturn' | 'rows'>,
  train: Int32Array,
  objective: NetworkSettings['objective'],
): { target: Float32Array; output: NetworkOutput } {
  if (objective === 'classification') return { target: Float32Array.from(dataset.y), output: { objective } };
  const { realisedReturn, weight } = dataset;
  const bad = realisedReturn.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InputError(`realised return of row ${bad} is ${realisedReturn[bad]}: a regression cannot learn from it`);
  }
  let total = 0;
  let mean = 0;
  for (const row of train) total += weight[row]!;
  for (const row of train) mean += (weight[row]! * realisedReturn[row]!) / total;
  let squares = 0;
  for (const row of train) squares += (weight[row]! * (realisedReturn[row]! - mean) ** 2) / total;
  const spread = Math.sqrt(squares);
  const deviation = spread > 1e-12 * Math.abs(mean) ? spread : 0;
  const scale = deviation > 0 ? 1 / deviation : 0;
  const target = Float32Array.from(realisedReturn, (value) => Math.max(-6, Math.min(6, (value - mean) * scale)));
  return { target, output: { objective, mean, deviation, residual: 0 } };
}
