import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { prove, type CaseFigures, type Proof } from './proof.ts';
import { PROOFS } from './proofs.ts';
import { SEARCH_PROOFS } from './search-proofs.ts';
import { TRUTH_PROOFS } from './truth-proofs.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-proof-'));
const config = { ...loadConfig({}), dataDir };
afterEach(() => rmSync(join(dataDir, 'proofs'), { recursive: true, force: true }));

/** Draws one number a case; stops after `failAt` cases as an interrupted proof does. */
function drawing(failAt = Infinity): { proof: Proof; ran: number[] } {
  const ran: number[] = [];
  const proof: Proof = {
    name: 'drawing',
    shows: 'numbers',
    count: 6,
    run: async ({ random, index }) => {
      if (index === failAt) throw new Error('interrupted');
      ran.push(index);
      return { value: random.next() };
    },
    conclude: (cases) => ({ holds: true, figures: { cases: cases.length } }),
  };
  return { proof, ran };
}

const options = { config, count: 6, seed: 3, onCase: () => undefined };

describe('prove', () => {
  it('goes on where it was interrupted, with the cases of an uninterrupted proof', async () => {
    const whole = await prove(drawing().proof, options);
    rmSync(join(dataDir, 'proofs'), { recursive: true });
    await expect(prove(drawing(4).proof, options)).rejects.toThrow('interrupted');
    appendFileSync(join(dataDir, 'proofs', 'drawing-3.jsonl'), '{"value":0.');
    // The half line of a killed process is not a case, and nothing is written behind it.
    const again = drawing();
    expect((await prove(again.proof, options)).cases).toEqual(whole.cases);
    expect(again.ran).toEqual([4, 5]);
    expect((await prove(drawing(0).proof, options)).cases).toEqual(whole.cases);
  });

  it('begins no further case once it is told to stop, and goes on from there', async () => {
    const controller = new AbortController();
    const first = drawing();
    const stopping = { ...options, signal: controller.signal, onCase: () => controller.abort(new Error('stopped')) };
    await expect(prove(first.proof, stopping)).rejects.toThrow('stopped');
    const second = drawing();
    expect((await prove(second.proof, options)).cases).toHaveLength(6);
    expect([first.ran, second.ran]).toEqual([[0], [1, 2, 3, 4, 5]]);
  });

  it('draws other cases for another seed', async () => {
    const one = await prove(drawing().proof, options);
    const other = await prove(drawing().proof, { ...options, seed: 4 });
    expect(one.cases).not.toEqual(other.cases);
  });
});

describe('the proofs', () => {
  it('have names of their own and say what they show', () => {
    expect(new Set(PROOFS.map(({ name }) => name)).size).toBe(PROOFS.length);
    expect(PROOFS.every(({ shows, count }) => shows.length > 20 && count >= 2)).toBe(true);
  });

  const proof = (name: string): Proof => [...TRUTH_PROOFS, ...SEARCH_PROOFS].find((one) => one.name === name)!;
  const verdicts = (evidence: number, of: number, informationCoefficient = 0.1): CaseFigures[] =>
    Array.from({ length: of }, (_, index) => ({ evidence: index < evidence, informationCoefficient }));

  it('do not hold when too much noise is taken for evidence, or too little of what was planted is found', () => {
    expect(proof('noise').conclude(verdicts(10, 200)).holds).toBe(true);
    expect(proof('noise').conclude(verdicts(11, 200)).holds).toBe(false);
    expect(proof('planted').conclude(verdicts(19, 20)).holds).toBe(true);
    expect(proof('planted').conclude(verdicts(19, 20, 0.07)).holds).toBe(false);
    expect(proof('planted').conclude(verdicts(17, 20)).holds).toBe(false);
  });

  it('do not hold when the best of many trials on noise is too often evidence, and on a planted effect too seldom', () => {
    const { conclude } = proof('noise-search');
    const searched = (name: string, noise: number, planted: number): CaseFigures[] =>
      [200, 10].flatMap((of, at) =>
        Array.from({ length: of }, (_, index) => {
          const found = index < [noise, planted][at]!;
          const rest = { trials: 50, shown: false, deflated: at === 1, honest: at === 1, alone: found };
          return { planted: at === 1, ...rest, [name]: found };
        }),
      );
    for (const verdict of ['deflated', 'honest']) {
      expect(conclude(searched(verdict, 10, 8)).holds, verdict).toBe(true);
      expect(conclude(searched(verdict, 11, 8)).holds, verdict).toBe(false);
      expect(conclude(searched(verdict, 10, 7)).holds, verdict).toBe(false);
    }
    expect(conclude(searched('alone', 40, 10)).figures).toMatchObject({ noiseEvidenceWithoutDeflation: 0.2 });
    expect(conclude(searched('shown', 0, 0)).holds).toBe(true);
    expect(conclude(searched('shown', 0, 1)).holds).toBe(false);
    expect(conclude(searched('deflated', 0, 10).map((one) => ({ ...one, trials: 49 }))).holds).toBe(false);
  });

  it('see the best of 50 trials on noise as luck and on a planted effect as evidence on a small count', async () => {
    const { holds, figures } = await prove(proof('noise-search'), {
      config,
      seed: 1,
      count: 2,
      onCase: () => undefined,
    });
    expect(holds).toBe(true);
    expect(figures).toMatchObject({ noiseSeries: 1, plantedSeries: 1 });
    expect(Number(figures.distinctTrials)).toBeGreaterThan(25);
    // 11 s on an idle core.
  });

  it('see noise as noise and a planted effect as evidence on a small count', async () => {
    const small = { config, seed: 1, onCase: () => undefined };
    expect((await prove(proof('noise'), { ...small, count: 2 })).holds).toBe(true);
    expect((await prove(proof('planted'), { ...small, count: 1 })).holds).toBe(true);
    // 24 s on an idle core: eight folds of the default experiment, and more where the machine is busy.
  });
});
