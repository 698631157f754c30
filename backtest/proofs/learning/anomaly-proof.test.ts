import { expect, it } from 'vitest';
import { loadConfig } from '../../../infra/config.ts';
import { createRandom } from '../../../infra/random.ts';
import { ANOMALY_PROOF, QUIET_KINDS } from './anomaly-proof.ts';

it('finds what is planted in series of each kind, raises next to no false alarm, and tells where it does', async () => {
  const random = createRandom('anomalies');
  const cases = await Promise.all(
    Object.keys(QUIET_KINDS).flatMap((kind, index) =>
      [0, 1].map((turn) =>
        ANOMALY_PROOF.run({ config: loadConfig({}), random: random.fork(`${kind} ${turn}`), index }),
      ),
    ),
  );
  const { holds, figures } = ANOMALY_PROOF.conclude(cases);
  expect(holds, JSON.stringify(figures)).toBe(true);
  expect(figures).toMatchObject({ series: 10, rows: 40_000 });
  expect(ANOMALY_PROOF.conclude(cases.map((one) => ({ ...one, falseAlarms: 5 }))).holds).toBe(false);
  expect(ANOMALY_PROOF.conclude(cases.map((one) => ({ ...one, found: 0 }))).holds).toBe(false);
});
