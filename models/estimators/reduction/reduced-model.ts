import { z } from 'zod';
import type { FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { reduceRows, type Reduction } from './fit-reduction.ts';

export const REDUCED = 'reduced';
const FORMAT = 1;

const bodySchema = z.strictObject({
  kept: z.array(z.int().min(0)).nonempty(),
  pca: z.strictObject({ center: z.array(z.number()), components: z.array(z.array(z.number())).nonempty() }).nullable(),
  inner: z.strictObject({
    kind: z.string(),
    formatVersion: z.int(),
    featureNames: z.array(z.string()),
    body: z.unknown(),
    checksum: z.string(),
  }),
});

/** A model over what a reduction gives of the features: it takes the features themselves, scaled. */
export class ReducedModel implements FittedModel {
  readonly kind = REDUCED;
  readonly featureNames: readonly string[];
  readonly reduction: Reduction;
  readonly inner: FittedModel;
  readonly window?: number;

  constructor(reduction: Reduction, inner: FittedModel, featureNames: readonly string[]) {
    this.reduction = reduction;
    this.inner = inner;
    this.featureNames = featureNames;
    if (inner.window !== undefined) this.window = inner.window;
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    const reduced = reduceRows(this.reduction, x, rows * (this.window ?? 1), this.featureNames.length);
    return this.inner.predict(reduced, rows, out);
  }

  serialise(): SerialisedModel {
    const { weights, ...inner } = this.inner.serialise();
    const { kept, pca } = this.reduction;
    const body = { kept, pca, inner };
    return sealModel({ kind: REDUCED, formatVersion: FORMAT, featureNames: this.featureNames, body, weights });
  }

  dispose(): void {
    this.inner.dispose();
  }
}

/**
 * Restores a reduced model, the one inside by `load`.
 * @throws InputError for one that was altered, or of another version
 */
export async function loadReduced(
  model: SerialisedModel,
  load: (inner: SerialisedModel) => Promise<FittedModel>,
): Promise<ReducedModel> {
  verifyModel(model, { kind: REDUCED, formatVersion: FORMAT });
  const { inner, ...reduction } = parseBody(model, bodySchema);
  return new ReducedModel(reduction, await load({ ...inner, weights: model.weights }), model.featureNames);
}
