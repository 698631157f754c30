import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../infra/errors.ts';
import { resolveUniverse } from '../../pipelines/sources/named-universe.ts';
import { loadExperiment } from './load-experiment.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-experiment-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string): unknown {
  const path = join(folder, 'e.yaml');
  writeFileSync(path, text);
  try {
    return loadExperiment(path);
  } catch (error) {
    return error;
  }
}

const MANY = 20_000;

describe('an experiment made to do harm', () => {
  it('names at most a hundred estimators', () => {
    const entries = Array.from({ length: MANY }, (_, i) => `  - { name: e${i}, kind: random-forest }`).join('\n');
    const error = load(`name: e\nestimators:\n${entries}\n`) as InputError;
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/e\.yaml:\d+: estimators: .*100/);
  });

  it('may name a universe of many thousand symbols, each once', () => {
    const symbols = Array.from({ length: MANY }, (_, i) => `S${i}`);
    const read = load(`name: e\nuniverse:\n${symbols.map((symbol) => `  - ${symbol}`).join('\n')}\n`);
    expect(read).toMatchObject({ universe: symbols });
    expect(resolveUniverse(symbols, 50)).toEqual(symbols);
    expect(() => resolveUniverse([...symbols, 'S7'], 50)).toThrow(/universe names S7 twice/);
  });
});
