import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../../infra/errors.ts';
import { createRandom } from '../../../infra/random.ts';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { modelIn, readModelFile } from './model-file.ts';
import { matrixOf, type SmallModels } from './testing/model-files.ts';
import { pythonWithModels } from './testing/python-models.ts';

interface Case {
  readonly file: string;
  readonly outputs: readonly (readonly number[])[];
}

/** What a script of `testing/` trained, converted and predicted, before the tests that follow. */
function trainedBy(name: string) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-python-models-'));
  const script = fileURLToPath(new URL(`testing/${name}`, import.meta.url));
  beforeAll(async () => {
    execFileSync(await pythonWithModels(), [script, folder], { stdio: 'ignore' });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;
  return {
    path: (file: string): string => join(folder, file),
    rows: () => read<SmallModels>('rows.json'),
    cases: () => read<readonly Case[]>('cases.json'),
  };
}

/** Reads a file and asks it what Python was asked: equal to a millionth. */
function compare(path: string, { x }: SmallModels, { file, outputs }: Case): void {
  const model = modelIn(path, readFileSync(path));
  expect([file, model.outputs]).toEqual([file, outputs[0]!.length]);
  const out = new Float64Array(x.length * model.outputs);
  model.predict(matrixOf(x), x.length, out);
  const worst = outputs.flat().reduce((most, value, at) => Math.max(most, Math.abs(value - out[at]!)), 0);
  expect([file, worst < 1e-6]).toEqual([file, true]);
  expect(new Set(out).size).toBeGreaterThan(10);
}

describeWith('python', 'model files that Python has just written', () => {
  const trained = trainedBy('models.py');

  it('say here what they say there of rows with missing values, to a millionth', () => {
    const rows = trained.rows();
    const cases = trained.cases();
    expect(cases.length).toBeGreaterThan(20);
    for (const one of cases) {
      const path = trained.path(one.file);
      compare(path, rows, one);
      expect([one.file, modelIn(path, readFileSync(path)).inputs]).toEqual([one.file, rows.names]);
    }
  });
});

describeWith('onnxruntime', 'models in ONNX', () => {
  describeWith('python', 'that Python has just converted', () => {
    const trained = trainedBy('onnx_models.py');

    it('say here what they say there, trees of LightGBM and XGBoost of missing values too, to a millionth', () => {
      const rows = trained.rows();
      const cases = trained.cases();
      expect(cases.map(({ file }) => file)).toContain('lightgbm.onnx');
      expect(cases.length).toBe(5);
      for (const one of cases) compare(trained.path(one.file), rows, one);
    });

    it('are refused where probabilities are maps, or where bytes are others than were meant', () => {
      const maps = readFileSync(trained.path('maps.onnx'));
      expect(() => modelIn('maps', maps)).toThrow(/probabilities are a list of maps, not a matrix/);
      const bytes = readFileSync(trained.path('xgboost.onnx'));
      const random = createRandom('corrupted ONNX');
      const copy = trained.path('copy.onnx');
      writeFileSync(copy, bytes);
      expect(() => readModelFile(copy, undefined)).toThrow(/sha256 is required beside it/);
      for (let k = 0; k < 200; k++) {
        const bad = Buffer.from(bytes);
        bad[Math.floor(random.next() * bad.length)]! ^= 1 << Math.floor(8 * random.next());
        writeFileSync(copy, k % 2 === 0 ? bad : bad.subarray(0, Math.floor(random.next() * bad.length)));
        expect(() => readModelFile(copy, 'f'.repeat(64))).toThrow(InputError);
      }
    });
  });

  describe('that are none', () => {
    it('are refused by name', () => {
      expect(() => modelIn('none.onnx', Buffer.from([8, 1, 2, 3, 4]))).toThrow(/none\.onnx: onnxruntime refuses it/);
      const loop = Buffer.from('\x08\x0a\x22\x04Loop', 'latin1');
      expect(() => modelIn('loop.onnx', loop)).toThrow(/loop\.onnx: uses Loop, which may not end/);
    });
  });
});
