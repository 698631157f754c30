import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../infra/config.ts';
import { createRandom } from '../../../infra/random.ts';
import { prove } from '../proof.ts';
import { FUZZ_FORMATS } from './fuzz-formats.ts';
import { FUZZ_PROOF } from './fuzz-proof.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-fuzz-proof-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

describe('the proof of altered files', () => {
  it('holds on a hundred files of every format', async () => {
    const config = { ...loadConfig({}), dataDir };
    const options = { config, seed: 3, count: FUZZ_FORMATS.length, onCase: () => undefined };
    const { cases, figures, holds } = await prove(FUZZ_PROOF, options);
    expect(cases.map(({ firstWrong }) => firstWrong)).toEqual(cases.map(() => ''));
    expect(figures).toMatchObject({ files: 600, wrong: 0 });
    expect(holds).toBe(true);
    expect(cases.map(({ format }) => format)).toEqual(FUZZ_FORMATS.map(({ name }) => name));
  });

  const lines = (line: string): string => `${line}\n`.repeat(2_000);
  it.each([
    ['keys in keys of a line', 'label'.concat(': ame'.repeat(500))],
    ['lines that hold keys in keys', `splits:\n  kind: walk\n${lines('  fill: n: fixed, bps: 1 }')}`],
    ['a brace that nothing closes', `costs:\n  slippage: { da: 20\n${lines('    patienceda: 20')}`],
  ])('found an experiment that is refused since: %s', async (_, text) => {
    const { read } = FUZZ_FORMATS.find(({ name }) => name === 'yaml')!;
    const path = join(dataDir, 'found.yaml');
    writeFileSync(path, text);
    await expect(read(path)).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('found.yaml') });
  });

  it.each([
    ['json', '1349031795'],
    ['json', '1002140267'],
    ['json', '1999917699'],
  ])('found a file that is refused since: %s %s', async (name, seed) => {
    const { alter, read, ending } = FUZZ_FORMATS.find((format) => format.name === name)!;
    const path = join(dataDir, `found${ending}`);
    writeFileSync(path, await alter(createRandom(`fuzz/${seed}`)));
    await expect(read(path)).rejects.toMatchObject({ exitCode: 2 });
  });

  it('alters the same files by the same seed, each in another way', async () => {
    for (const { alter } of FUZZ_FORMATS) {
      const made = await Promise.all(Array.from({ length: 50 }, (_, i) => alter(createRandom(i))));
      const again = await Promise.all(Array.from({ length: 50 }, (_, i) => alter(createRandom(i))));
      expect(again.map((bytes) => bytes.toString('base64'))).toEqual(made.map((bytes) => bytes.toString('base64')));
      expect(new Set(made.map((bytes) => bytes.toString('base64'))).size).toBeGreaterThan(40);
    }
  });

  it('does not hold when one file is neither read nor refused, takes too long, or takes too much', () => {
    const right = { format: 'csv', files: 100, read: 5, refused: 95, wrong: 0, slowestSeconds: 0.1, peakMb: 150 };
    expect(FUZZ_PROOF.conclude([right, right]).holds).toBe(true);
    expect(FUZZ_PROOF.conclude([right, { ...right, refused: 94, wrong: 1 }]).holds).toBe(false);
  });
});
