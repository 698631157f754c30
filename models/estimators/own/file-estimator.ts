import { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';
import { compileOwnFile } from '../../../infra/own-files/compile-own-file.ts';
import { OwnCalls } from '../../../infra/own-files/own-calls.ts';
import type { CompiledOwnFile } from '../../../infra/own-files/own-file.ts';
import type { Estimator, FittedModel, SerialisedModel } from '../estimator.ts';
import { parseBody, sealModel, verifyModel } from '../serialised-model.ts';
import { assertInput, outputOf, trainableRows } from '../training-data.ts';
import { fileOf, rememberFile } from './known-files.ts';
import type { OwnDataset } from './own-estimator.ts';
import { plainModel } from './plain-model.ts';

const KIND = 'file';
const FORMAT_VERSION = 1;
/** Training rows on which a fitted model must give probabilities before it is taken for one. */
const TRIED_ROWS = 256;

const parameters = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));

const params = z.strictObject({
  /** Compiled when the experiment was read. */
  code: z.custom<CompiledOwnFile>((value) => typeof (value as { script?: unknown } | null)?.script === 'string'),
  parameters: parameters.default({}),
  /** Longest that a fit may go on without a sign of progress; 10 by default. */
  fitMinutes: z.number().positive().optional(),
});

type FileParams = z.infer<typeof params>;

/** Never code: the file itself is found by its hash when a model is loaded. */
const bodySchema = z.strictObject({
  file: z.string().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  parameters,
  width: z.int().positive(),
  model: z.unknown(),
});

type Body = z.infer<typeof bodySchema>;

class FileModel implements FittedModel {
  readonly kind = KIND;
  readonly featureNames: readonly string[];
  readonly #body: Body;
  readonly #calls: OwnCalls;

  constructor(code: CompiledOwnFile, featureNames: readonly string[], body: Body) {
    this.featureNames = featureNames;
    this.#body = body;
    this.#calls = new OwnCalls(code);
  }

  predict(x: Float64Array, rows: number, out?: Float64Array): Float64Array {
    assertInput(x, rows, this);
    const result = outputOf(rows, out);
    if (rows === 0) return result;
    const { featureNames } = this;
    const { model, parameters: given, file } = this.#body;
    const answer = this.#calls.call('predict', model, { x: x.slice(), rows, featureNames }, given);
    if ('threw' in answer) throw new InputError(answer.threw, 'Correct the file, and train again.');
    const found = answer.value as ArrayLike<unknown> | null | undefined;
    if (found?.length !== rows) {
      throw new InputError(
        `${file}: predict answered ${found?.length === undefined ? String(found) : `${found.length} values`} for ${rows} rows`,
        'Answer a probability for each row.',
      );
    }
    for (let row = 0; row < rows; row++) {
      const probability = found[row];
      if (typeof probability === 'number' && probability >= 0 && probability <= 1) result[row] = probability;
      else {
        throw new InputError(
          `${file}: predict answered ${String(probability)} for row ${row}, which is no probability`,
          'Answer numbers from 0 to 1.',
        );
      }
    }
    return result;
  }

  serialise(): SerialisedModel {
    const { featureNames } = this;
    return sealModel({ kind: KIND, formatVersion: FORMAT_VERSION, featureNames, body: this.#body, weights: null });
  }

  dispose(): void {
    // Its thread is that of the file: it serves other models too, and does not hold up the process.
  }
}

/** A user's own estimator: one TypeScript file that is asked in a thread of its own. */
export const fileEstimator: Estimator<FileParams> = {
  kind: KIND,
  params,
  async fit(given, { code, parameters: own, fitMinutes }, context) {
    context.onProgress?.(0);
    context.signal?.throwIfAborted();
    rememberFile(code);
    const { rows, width, x, y, weight, featureNames } = trainableRows(given);
    const dataset: OwnDataset = { rows, featureNames, x: x.slice(), y: y.slice(), weight: weight.slice() };
    const seed = String(context.random.integer(2 ** 31));
    const { signal } = context;
    const args = [dataset, own, { randomFrom: seed }, { progress: true }];
    const stillMs = fitMinutes === undefined ? undefined : fitMinutes * 60_000;
    const answer = await new OwnCalls(code).callSlowly('fit', args, { stillMs, signal });
    if ('threw' in answer) throw new InputError(answer.threw, 'Correct the file.');
    const model = plainModel(code.path, answer.value);
    const fitted = new FileModel(code, featureNames, {
      ...{ file: code.path, hash: code.hash },
      ...{ parameters: own, width, model },
    });
    const tried = Math.min(rows, TRIED_ROWS);
    fitted.predict(x.slice(0, tried * width), tried);
    context.onProgress?.(1);
    return fitted;
  },
  load(serialised) {
    verifyModel(serialised, { kind: KIND, formatVersion: FORMAT_VERSION });
    const body = parseBody(serialised, bodySchema);
    if (body.width !== serialised.featureNames.length) {
      throw new InputError(
        `model of kind "${KIND}" was fitted on ${body.width} features: it was altered`,
        'Train again.',
      );
    }
    const code = fileOf(body, (path) => compileOwnFile(path, 'estimator'));
    return Promise.resolve(new FileModel(code, serialised.featureNames, body));
  },
};

/** The user's file that fitted a model, and the hash of its text; null for a model of another kind. */
export function fittedFileOf({
  kind,
  body,
}: Pick<SerialisedModel, 'kind' | 'body'>): Pick<Body, 'file' | 'hash'> | null {
  if (kind !== KIND) return null;
  const { file, hash } = bodySchema.parse(body);
  return { file, hash };
}
