import { z } from 'zod';
import type { Estimator } from '../estimator.ts';
import { fitStandardiser, standardiseRows } from '../standardiser.ts';
import { trainableRows } from '../training-data.ts';
import { chooseStrength } from './choose-strength.ts';
import { PenalisedLogistic } from './lasso-path.ts';
import { LinearModel, loadLinear } from './linear-model.ts';
import { problemOf, standardisedStretches } from './linear-problem.ts';

const KIND = 'logistic-regression';

const params = z.strictObject({
  /** Share of the penalty that is absolute (drops features) rather than squared (shrinks them): 1 lasso, 0 ridge. */
  l1Ratio: z.number().min(0).max(1).default(1),
  /** Penalty per row of mean weight on standardised features, or `auto`: chosen inside the training rows. */
  strength: z.union([z.literal('auto'), z.number().positive()]).default('auto'),
  /** Stretches of the training time by which `auto` judges. */
  blocks: z.int().min(2).max(20).default(5),
});

export type LogisticRegressionParams = z.infer<typeof params>;

/** Used where the rows are too few for `auto`. */
const STRENGTH_WITHOUT_VALIDATION = 0.1;

/** Elastic-net logistic regression on standardised features, the penalty chosen by blocked, time-ordered validation. */
export const logisticRegression: Estimator<LogisticRegressionParams> = {
  kind: KIND,
  params,
  async fit(given, settings, context) {
    const dataset = trainableRows(given);
    context.signal?.throwIfAborted();
    const standardiser = fitStandardiser(dataset);
    const { l1Ratio, blocks } = settings;
    const chosen =
      settings.strength === 'auto'
        ? await chooseStrength(
            dataset,
            { z: standardiseRows(standardiser, dataset.x, dataset.rows), l1Ratio, blocks },
            context,
          )
        : settings.strength;
    const strength = chosen ?? STRENGTH_WITHOUT_VALIDATION;
    const solver = new PenalisedLogistic(
      problemOf(standardisedStretches(standardiser, dataset), dataset.width, dataset),
    );
    const { intercept, coefficients } = solver.fit({ strength, l1Ratio }, null);
    context.onProgress?.(1);
    context.signal?.throwIfAborted();
    const body = { link: 'sigmoid' as const, intercept, coefficients: [...coefficients], standardiser, strength };
    return new LinearModel(KIND, dataset.featureNames, body);
  },
  load: async (serialised) => loadLinear(KIND, serialised),
};
