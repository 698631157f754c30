import { z } from 'zod';
import type { Estimator } from '../estimator.ts';
import { fitStandardiser } from '../standardiser.ts';
import { trainableRows } from '../training-data.ts';
import { solveCholesky } from './cholesky.ts';
import { LinearModel, loadLinear } from './linear-model.ts';
import { gramOf, problemOf, standardisedStretches } from './linear-problem.ts';

const KIND = 'ridge-regression';

const params = z.strictObject({
  /** Squared penalty per row of mean weight on standardised features. */
  strength: z.number().positive().default(0.05),
});

export type RidgeRegressionParams = z.infer<typeof params>;

/** Least squares on the label with a squared penalty (Hoerl and Kennard 1970), cut to [0, 1]: the plainest baseline. */
export const ridgeRegression: Estimator<RidgeRegressionParams> = {
  kind: KIND,
  params,
  async fit(given, settings, context) {
    const dataset = trainableRows(given);
    context.signal?.throwIfAborted();
    const { width } = dataset;
    const standardiser = fitStandardiser(dataset);
    const problem = problemOf(standardisedStretches(standardiser, dataset), width, dataset);
    const size = width + 1;
    const gram = gramOf(problem, problem.weight);
    for (let j = 0; j < width; j++) gram[j * size + j]! += settings.strength;
    const moments = new Float64Array(size);
    problem.stretches.each((z, from, to) => {
      for (let row = from; row < to; row++) {
        const target = problem.weight[row]! * problem.y[row]!;
        for (let j = 0; j < width; j++) moments[j]! += target * z[(row - from) * width + j]!;
        moments[width]! += target;
      }
    });
    const solution = solveCholesky(gram, moments, size);
    context.onProgress?.(1);
    context.signal?.throwIfAborted();
    return new LinearModel(KIND, dataset.featureNames, {
      link: 'clip',
      intercept: solution[width]!,
      coefficients: [...solution.subarray(0, width)],
      standardiser,
      strength: settings.strength,
    });
  },
  load: async (serialised) => loadLinear(KIND, serialised),
};
