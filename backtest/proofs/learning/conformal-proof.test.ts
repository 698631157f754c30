import { expect, it } from 'vitest';
import { loadConfig } from '../../../infra/config.ts';
import { createRandom } from '../../../infra/random.ts';
import { CONFORMAL_PROOF, SERIES_KINDS } from './conformal-proof.ts';

it('finds intervals that hold on a series of each kind, and tells those that do not', async () => {
  const random = createRandom('conformal');
  const cases = await Promise.all(
    SERIES_KINDS.flatMap((kind, index) =>
      [0, 1].map((turn) =>
        CONFORMAL_PROOF.run({ config: loadConfig({}), random: random.fork(`${kind} ${turn}`), index }),
      ),
    ),
  );
  const { holds, figures } = CONFORMAL_PROOF.conclude(cases);
  expect(holds).toBe(true);
  expect(Math.abs(Number(figures['coverage']) - 0.9)).toBeLessThan(0.01);
  expect(Object.keys(figures)).toEqual(expect.arrayContaining(SERIES_KINDS.slice()));
  const short = cases.map((one) => (one['kind'] === 'broken' ? { ...one, coverage: 0.85 } : one));
  expect(CONFORMAL_PROOF.conclude(short).holds).toBe(false);
});
