import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { sha256 } from '../../../infra/hash.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../estimator.ts';
import { probabilityOfOutput } from '../network-output.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { assertInput, outputOf, trainableRows } from '../training-data.ts';
import { returnResidual } from '../trees/return-residual.ts';
import { classSides, shareOfUpIn, type ClassSides } from './class-sides.ts';
import { inputColumns } from './input-columns.ts';
import { modelIn, readModelFile, type ModelFile } from './model-file.ts';
import { classes, PRETRAINED, pretrainedParams, sha256Text, type PretrainedParams } from './pretrained-params.ts';
import type { ReadModel } from './read-model.ts';

const FORMAT_VERSION = 1;

const bodySchema = z.strictObject({
  file: z.string().min(1),
  sha256: sha256Text,
  width: z.int().positive(),
  columns: z.array(z.int().min(0)),
  sides: z.strictObject({ up: classes, down: classes }).nullable(),
  /** Root mean square of the returns of the training rows, for a model that answers returns. */
  spread: z.number().min(0).nullable(),
});

type Body = z.infer<typeof bodySchema>;

/** Rows that are asked for at a time. */
const STRETCH = 1024;

class PretrainedModel implements FittedModel {
  readonly kind = PRETRAINED;
  readonly unscaled = true;
  readonly featureNames: readonly string[];
  readonly #body: Body;
  readonly #bytes: Uint8Array;
  readonly #model: ReadModel;

  constructor(featureNames: readonly string[], body: Body, { bytes, model }: Pick<ModelFile, 'bytes' | 'model'>) {
    this.featureNames = featureNames;
    this.#body = body;
    this.#bytes = bytes;
    this.#model = model;
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    const width = this.featureNames.length;
    const { columns } = this.#body;
    const model = this.#model;
    const size = Math.min(rows, STRETCH);
    const inputs = new Float64Array(size * columns.length);
    const answers = new Float64Array(size * model.outputs);
    for (let from = 0; from < rows; from += size) {
      const count = Math.min(size, rows - from);
      for (let row = 0; row < count; row++) {
        const [to, at] = [row * columns.length, (from + row) * width];
        for (let j = 0; j < columns.length; j++) inputs[to + j] = x[at + columns[j]!]!;
      }
      model.predict(inputs, count, answers);
      for (let row = 0; row < count; row++) result[from + row] = this.#upOf(answers, row * model.outputs);
    }
    return result;
  }

  #upOf(answers: Float64Array, at: number): number {
    const { sides, spread } = this.#body;
    if (sides !== null) return shareOfUpIn(answers, at, sides);
    const output = { objective: 'regression', mean: 0, deviation: 1, residual: spread! } as const;
    return probabilityOfOutput(output, answers[at]!);
  }

  serialise(): SerialisedModel {
    const { featureNames } = this;
    const parts = { kind: PRETRAINED, formatVersion: FORMAT_VERSION, featureNames };
    return sealModel({ ...parts, body: this.#body, weights: this.#bytes });
  }

  dispose(): void {
    // All of it is plain memory.
  }
}

/** Checks what the parameters say of the file's inputs and classes. @throws InputError */
function wiringOf(
  params: PretrainedParams,
  model: ReadModel,
  featureNames: readonly string[],
): { columns: number[]; sides: ClassSides | null } {
  const { file, inputs } = params;
  return { columns: inputColumns(file, model, inputs, featureNames), sides: classSides(file, model, params) };
}

/**
 * A model that was trained elsewhere, from its file. A fit learns nothing of the rows, but how far returns are spread
 * where the model answers returns: `splits/seen-rows.ts` keeps rows that it has seen from being evidence.
 */
export const pretrainedEstimator: Estimator<PretrainedParams> = {
  kind: PRETRAINED,
  params: pretrainedParams,
  learns: false,
  mistake(params, featureNames) {
    try {
      wiringOf(params, readModelFile(params.file, params.sha256).model, featureNames);
      return null;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return { key: 'file', message: error.message, remedy: error.remedy ?? '' };
    }
  },
  learnsReturns: ({ task }) => task === 'return',
  fit(given, params, context) {
    context.onProgress?.(0);
    context.signal?.throwIfAborted();
    const dataset = trainableRows(given);
    const { featureNames, width, rows } = dataset;
    const read = readModelFile(params.file, params.sha256);
    const { columns, sides } = wiringOf(params, read.model, featureNames);
    // Of the returns themselves, not of what the model misses by: it may have seen these rows.
    const spread = sides === null ? returnResidual(dataset, new Float64Array(rows)) : null;
    const body = { file: params.file, sha256: read.sha256, width, columns, sides: sides && plain(sides), spread };
    context.onProgress?.(1);
    return Promise.resolve(new PretrainedModel(featureNames, body, read));
  },
  load(serialised) {
    verifyModel(serialised, { kind: PRETRAINED, formatVersion: FORMAT_VERSION });
    const body = parseBody(serialised, bodySchema);
    const bytes = serialised.weights ?? new Uint8Array(0);
    const { width, columns, file } = body;
    const model = modelIn(file, bytes);
    const isWhole =
      width === serialised.featureNames.length &&
      columns.length === model.width &&
      columns.every((column) => column < width) &&
      (body.sides === null) === (model.task === 'return') &&
      (body.sides === null) === (body.spread !== null) &&
      sha256(bytes) === body.sha256;
    if (!isWhole) throw new InputError(`model of kind "${PRETRAINED}": body does not fit its file`, 'Train again.');
    if (body.sides !== null) classSides(file, model, body.sides);
    return Promise.resolve(new PretrainedModel(serialised.featureNames, body, { bytes, model }));
  },
};

const plain = ({ up, down }: ClassSides): { up: number[]; down: number[] } => ({ up: [...up], down: [...down] });

/** The file that a model was read from, and the hash of its bytes; null for a model of another kind. */
export function pretrainedFileOf({
  kind,
  body,
}: Pick<SerialisedModel, 'kind' | 'body'>): { file: string; hash: string } | null {
  if (kind !== PRETRAINED) return null;
  const { file, sha256: found } = bodySchema.parse(body);
  return { file, hash: found };
}
