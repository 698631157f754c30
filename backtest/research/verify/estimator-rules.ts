import { createRandom } from '../../../infra/random.ts';
import type { CompiledOwnFile, ParameterValue } from '../../../infra/own-files/own-file.ts';
import { takeRows, type Dataset } from '../../../models/dataset.ts';
import type { FittedModel } from '../../../models/estimators/estimator.ts';
import { datasetOf } from '../../../models/estimators/known-tables.ts';
import { fileEstimator } from '../../../models/estimators/own/file-estimator.ts';
import { loadModel } from '../../../models/estimators/registry.ts';
import { decodeModel, encodeModel } from '../../../models/estimators/serialised-model.ts';
import type { OwnRule } from './own-rule.ts';

const ROWS = 240;
const WIDTH = 4;
const SEED = 11;

/** Rows whose label follows the first feature under noise. */
function rowsOf(seed: string, edit: (x: Float64Array) => void = () => undefined): Dataset {
  const random = createRandom(seed);
  const x = Float64Array.from({ length: ROWS * WIDTH }, () => random.normal());
  const y = Float64Array.from({ length: ROWS }, (_, row) => (x[row * WIDTH]! + 0.7 * random.normal() > 0 ? 1 : 0));
  edit(x);
  return datasetOf(
    x,
    y,
    Float64Array.from({ length: ROWS }, () => 0.5 + random.next()),
  );
}

const differs = (a: Float64Array, b: Float64Array): number => a.findIndex((value, row) => !Object.is(value, b[row]));

/** The contract of an estimator, as far as a file can keep or break it: what it is handed is checked before. */
export function estimatorRules(
  code: CompiledOwnFile,
  parameters: Readonly<Record<string, ParameterValue>>,
): readonly OwnRule[] {
  const { path } = code;
  const train = rowsOf('train');
  const test = rowsOf('test');
  const fit = (rows: Dataset): Promise<FittedModel> =>
    fileEstimator.fit(rows, { code, parameters: { ...parameters } }, { random: createRandom(SEED) });
  const answers = async (rows: Dataset, on = test): Promise<Float64Array> => (await fit(rows)).predict(on.x, on.rows);
  /** What is no probability is thrown, with the row and the file. */
  const copes = async (...datasets: readonly Dataset[]): Promise<readonly string[]> => {
    for (const rows of datasets) await answers(rows, rows);
    return [];
  };
  const some = (count: number): Dataset =>
    takeRows(
      train,
      Int32Array.from({ length: count }, (_, row) => row),
    );
  const labelled = (label: number): Dataset => ({ ...train, y: train.y.map(() => label) });
  return [
    { says: 'fit answers plain data, and predict a probability for each row', broken: () => copes(train) },
    {
      says: 'the same rows and seed give the same model, whatever was fitted before',
      broken: async () => {
        const first = (await fit(train)).serialise().checksum;
        await fit(rowsOf('another'));
        if ((await fit(train)).serialise().checksum === first) return [];
        return [`${path}: fit answered another model for the same rows and seed: use random(), and keep nothing`];
      },
    },
    {
      says: 'a row gets the same probability alone as among others',
      broken: async () => {
        const model = await fit(train);
        const batch = model.predict(test.x, test.rows);
        const alone = Float64Array.from({ length: test.rows }, (_, row) => {
          return model.predict(test.x.slice(row * WIDTH, (row + 1) * WIDTH), 1)[0]!;
        });
        const row = differs(batch, alone);
        if (row < 0) return [];
        return [`${path}: predict answered ${batch[row]} for row ${row} among others and ${alone[row]} for it alone`];
      },
    },
    {
      says: 'a model that was stored and loaded says the same',
      broken: async () => {
        const model = await fit(train);
        const loaded = await loadModel(decodeModel(encodeModel(model.serialise())));
        const row = differs(model.predict(test.x, test.rows), loaded.predict(test.x, test.rows));
        return row < 0 ? [] : [`${path}: predict answered otherwise for row ${row} after the model was stored`];
      },
    },
    {
      says: 'it copes with missing values, constant columns and columns without a value',
      broken: () =>
        copes(
          rowsOf('holes', (x) => x.forEach((_, at) => (at % 7 === 0 ? (x[at] = NaN) : undefined))),
          rowsOf('constant', (x) => x.fill(3)),
          rowsOf('empty', (x) => x.fill(NaN)),
        ),
    },
    {
      says: 'it copes with one class, with two rows and with one',
      broken: () => copes(labelled(0), labelled(1), some(2), some(1)),
    },
  ];
}
