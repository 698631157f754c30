import { expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { disagreement } from '../testing/matching-comparison.ts';
import { matchingStream } from '../testing/matching-stream.ts';

const STREAMS = 300;

it('the engine and a slow reference in whole numbers agree on random streams of orders, fill by fill', () => {
  const wrong: string[] = [];
  let [fills, orders] = [0, 0];
  for (let stream = 0; stream < STREAMS; stream++) {
    const said = disagreement(matchingStream(createRandom(11).fork(`${stream}`)));
    fills += said.fills;
    orders += said.orders;
    if (said.why !== null) wrong.push(`stream ${stream}: ${said.why}`);
  }
  expect(wrong).toEqual([]);
  expect(fills).toBeGreaterThan(STREAMS);
  expect(orders).toBeGreaterThan(2 * STREAMS);
});
