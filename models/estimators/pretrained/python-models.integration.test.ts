import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { readModelFile } from './model-file.ts';
import { matrixOf, type SmallModels } from './testing/model-files.ts';
import { pythonWithModels } from './testing/python-models.ts';

const script = fileURLToPath(new URL('testing/models.py', import.meta.url));

describeWith('python', 'model files that Python has just written', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-python-models-'));
  beforeAll(async () => {
    execFileSync(await pythonWithModels(), [script, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const read = <T>(file: string): T => JSON.parse(readFileSync(join(folder, file), 'utf8')) as T;

  it('say here what they say there of rows with missing values, to a millionth', () => {
    const { names, x } = read<SmallModels>('rows.json');
    const cases =
      read<readonly { readonly file: string; readonly outputs: readonly (readonly number[])[] }[]>('cases.json');
    expect(cases.length).toBeGreaterThan(20);
    for (const { file, outputs } of cases) {
      const { model } = readModelFile(join(folder, file));
      expect([file, model.inputs]).toEqual([file, names]);
      expect([file, model.outputs]).toEqual([file, outputs[0]!.length]);
      const out = new Float64Array(x.length * model.outputs);
      model.predict(matrixOf(x), x.length, out);
      const worst = outputs.flat().reduce((most, value, at) => Math.max(most, Math.abs(value - out[at]!)), 0);
      expect([file, worst < 1e-6]).toEqual([file, true]);
      expect(new Set(out).size).toBeGreaterThan(10);
    }
  });
});
