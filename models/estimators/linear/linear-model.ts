import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import type { FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { assertStandardiserWidth, standardiseRow, standardiserSchema } from '../standardiser.ts';
import type { Standardiser } from '../standardiser.ts';
import { assertInput, outputOf } from '../training-data.ts';
import { scoreOf, sigmoid } from './linear-problem.ts';

const FORMAT_VERSION = 1;

const bodySchema = z.strictObject({
  link: z.enum(['sigmoid', 'clip']),
  intercept: z.number(),
  coefficients: z.array(z.number()),
  standardiser: standardiserSchema,
  /** Penalty that was used, the chosen one where it was chosen. */
  strength: z.number().min(0),
});

export type LinearBody = z.infer<typeof bodySchema>;

/** A linear score of standardised features, turned into a probability by a sigmoid or by clipping to [0, 1]. */
export class LinearModel implements FittedModel {
  readonly kind: string;
  readonly featureNames: readonly string[];
  readonly body: LinearBody;
  readonly #standardiser: Standardiser;
  readonly #score: { intercept: number; coefficients: Float64Array };
  readonly #row: Float64Array;

  constructor(kind: string, featureNames: readonly string[], body: LinearBody) {
    this.kind = kind;
    this.featureNames = featureNames;
    this.body = body;
    this.#standardiser = body.standardiser;
    this.#score = { intercept: body.intercept, coefficients: Float64Array.from(body.coefficients) };
    this.#row = new Float64Array(featureNames.length);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    const width = this.#row.length;
    for (let row = 0; row < rows; row++) {
      standardiseRow(this.#standardiser, { x, from: row * width }, { out: this.#row, to: 0 });
      const score = scoreOf(this.#score, this.#row, 0);
      result[row] = this.body.link === 'sigmoid' ? sigmoid(score) : Math.min(1, Math.max(0, score));
    }
    return result;
  }

  serialise(): SerialisedModel {
    const { kind, featureNames, body } = this;
    return sealModel({ kind, formatVersion: FORMAT_VERSION, featureNames, body, weights: null });
  }

  dispose(): void {
    // Arrays only: the garbage collector frees them.
  }
}

/** Restores a linear model of the given kind; throws an InputError naming what is wrong. */
export function loadLinear(kind: string, serialised: SerialisedModel): LinearModel {
  verifyModel(serialised, { kind, formatVersion: FORMAT_VERSION });
  const body = parseBody(serialised, bodySchema);
  const width = serialised.featureNames.length;
  assertStandardiserWidth(body.standardiser, width);
  if (body.coefficients.length !== width) {
    throw new InputError(`model: ${body.coefficients.length} coefficients for ${width} features`, 'train it again');
  }
  return new LinearModel(kind, serialised.featureNames, body);
}
