import { expect, it } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { describeWith, isPresent } from '../../infra/testing/requirements.ts';
import { compareOutage, OUTAGE_PROOF, OUTAGES } from './outage-proof.ts';

// 30 s on two idle cores; servers that start in 5 s took a minute on cores that others wanted as well.
describeWith(isPresent('redis') ? 'python' : 'redis', 'the proof of outages', () => {
  it('sees a training wait for a PostgreSQL that is killed and away for longer than the attempts of a job last', async () => {
    const outage = OUTAGES.find(({ name }) => name === 'PostgreSQL killed')!;
    const figures = await compareOutage(loadConfig(), { outage, atMs: 500, downMs: 5_000 });
    const right = { failure: '', workerLives: true, result: true, stored: true, tracked: true };
    expect(figures).toMatchObject({ during: true, ...right });
  });

  it('does not hold when one part of one run differs, or a worker ended', () => {
    const right = { outage: 'Redis killed', result: true, stored: true, tracked: true, workerLives: true, failure: '' };
    expect(OUTAGE_PROOF.conclude([right, right]).holds).toBe(true);
    for (const part of ['result', 'stored', 'tracked', 'workerLives']) {
      expect(OUTAGE_PROOF.conclude([right, { ...right, [part]: false }]).holds, part).toBe(false);
    }
  });
});
