import { describe, expect, it } from 'vitest';
import { compileOwnFile } from '../../../infra/own-files/compile-own-file.ts';
import { ownFilesPlace } from '../../../infra/own-files/testing/own-files-place.ts';
import { createRandom } from '../../../infra/random.ts';
import { datasetOf } from '../known-tables.ts';
import type { FittedModel } from '../estimator.ts';
import { fileEstimator } from './file-estimator.ts';
import { fileOf } from './known-files.ts';

// What every estimator must do is tried by the contract, with the example of this room.

const file = ownFilesPlace();
const rows = datasetOf(Float64Array.of(1, 2, 3, 4), Float64Array.of(0, 1, 0, 1), new Float64Array(4).fill(1));

/** An estimator whose methods are these. */
const estimator = (fit: string, predict = 'return Array.from({ length: rows }, () => 0.5);'): string =>
  file(
    'estimator',
    "import type { OwnEstimator } from 'signalbox';",
    'const own: OwnEstimator = {',
    '  parameters: {},',
    `  fit({ rows }, _, random, progress) { void rows; void random; void progress; ${fit} },`,
    `  predict(model, { x, rows }) { void model; void x; ${predict} },`,
    '};',
    'export default own;',
  );

const fit = (path: string, seed = 1): Promise<FittedModel> =>
  fileEstimator.fit(rows, { code: compileOwnFile(path, 'estimator'), parameters: {} }, { random: createRandom(seed) });

describe("a user's estimator", () => {
  it('draws the same numbers for the same seed, and others for another', async () => {
    const own = estimator(
      'return [random(), random()];',
      'return Array.from({ length: rows }, () => (model as number[])[0]!);',
    );
    const [one, same, other] = [await fit(own, 1), await fit(own, 1), await fit(own, 2)];
    expect(one.serialise()).toEqual(same.serialise());
    expect(one.serialise().checksum).not.toBe(other.serialise().checksum);
  });

  it('is stored without its code, and loaded only with the file that fitted it', async () => {
    const own = estimator('return 0.25;', 'return Array.from({ length: rows }, () => model as number);');
    const stored = (await fit(own)).serialise();
    expect(JSON.stringify(stored)).not.toContain('predict');
    expect([...(await fileEstimator.load(stored)).predict(Float64Array.of(7), 1)]).toEqual([0.25]);
    const body = { file: own, hash: 'f'.repeat(64) };
    expect(() => fileOf(body, (path) => compileOwnFile(path, 'estimator'))).toThrow(
      /has changed since it fitted the model/,
    );
  });

  it('that never comes to an end of its fit is ended, and one that says that it goes on is not', async () => {
    const within = (path: string, fitMinutes: number): Promise<FittedModel> => {
      const params = { code: compileOwnFile(path, 'estimator'), parameters: {}, fitMinutes };
      return fileEstimator.fit(rows, params, { random: createRandom(1) });
    };
    await expect(within(estimator('while (rows > 0) void 0; return 1;'), 0.005)).rejects.toThrow(
      /estimator-\d+\.ts: fit gave no sign of progress for 0\.005 minutes: its thread was ended/,
    );
    // It takes longer than it may take without a sign.
    const loop = 'for (let at = 0; at < 1.5e7; at++) { sum += random(); if (at % 10_000 === 0) progress(); }';
    await expect(within(estimator(`let sum = 0; ${loop} return sum;`), 0.03)).resolves.toMatchObject({ kind: 'file' });
  });

  it.each([
    [
      'a probability above 1',
      estimator('return 1;', 'return Array.from({ length: rows }, () => 1.5);'),
      /predict answered 1.5 for row 0, which is no/,
    ],
    [
      'NaN',
      estimator('return 1;', 'return Array.from({ length: rows }, () => 0 / 0);'),
      /predict answered NaN for row 0/,
    ],
    ['too few', estimator('return 1;', 'return [0.5];'), /predict answered 1 values for 4 rows/],
    ['nothing', estimator('return 1;', 'return JSON.parse("null");'), /predict answered null for 4 rows/],
    ['an error', estimator("throw new Error('no idea');"), /estimator-\d+\.ts:4:\d+: no idea/],
    ['a model with NaN', estimator('return { a: [1, 0 / 0] };'), /cannot be stored: model\.a\[1\] is NaN/],
    ['a model that is no JSON', estimator('return JSON.parse("{}").missing;'), /cannot be stored: model is undefined/],
  ])('is refused where it answers with %s, before anything is stored', async (_, path, words) => {
    await expect(fit(path)).rejects.toThrow(words);
  });
});
