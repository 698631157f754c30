import { disagreement } from '../../../trading/testing/matching-comparison.ts';
import { matchingStream } from '../../../trading/testing/matching-stream.ts';
import type { Proof } from '../proof.ts';

const STREAMS_PER_CASE = 1_000;

/** The engine and its simulated venue beside a slow reference in whole numbers. */
export const MATCHING_PROOF: Proof = {
  name: 'matching',
  shows: 'over 100,000 random streams, a third of them restored on the way, the engine and a slow reference agree',
  count: 100,
  run: ({ random }) => {
    let [fills, orders, wrong, first] = [0, 0, 0, ''];
    for (let stream = 0; stream < STREAMS_PER_CASE; stream++) {
      const said = disagreement(matchingStream(random.fork(`${stream}`)));
      fills += said.fills;
      orders += said.orders;
      if (said.why === null) continue;
      wrong += 1;
      if (first === '') first = `stream ${stream}: ${said.why}`;
    }
    return Promise.resolve({ streams: STREAMS_PER_CASE, orders, fills, wrong, first });
  },
  conclude: (cases) => {
    const sum = (name: string): number => cases.reduce((total, figures) => total + Number(figures[name]), 0);
    const [streams, orders, fills, wrong] = ['streams', 'orders', 'fills', 'wrong'].map(sum) as [
      number,
      number,
      number,
      number,
    ];
    return { holds: wrong === 0 && fills > streams, figures: { streams, orders, fills, wrong } };
  },
};
