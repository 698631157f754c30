import { expect, it } from 'vitest';
import { loadConfig } from '../../../infra/config.ts';
import { createRandom } from '../../../infra/random.ts';
import { SELECTION_PROOF } from './selection-proof.ts';

it('finds the true feature where there is one, and nothing in noise', async () => {
  const random = createRandom('selection proof');
  const config = loadConfig({});
  const planted = await SELECTION_PROOF.run({ config, random: random.fork('planted'), index: 0 });
  const noise = await SELECTION_PROOF.run({ config, random: random.fork('noise'), index: 1 });
  const { holds, figures } = SELECTION_PROOF.conclude([planted, noise]);
  expect(figures).toMatchObject({ plantedSeries: 1, found: 1, noiseSeries: 1, noiseEvidence: 0 });
  expect(holds).toBe(true);
  expect(SELECTION_PROOF.conclude([{ ...planted, found: 0.8 }, noise]).holds).toBe(false);
  expect(SELECTION_PROOF.conclude([planted, { ...noise, evidence: true }]).holds).toBe(false);
});
