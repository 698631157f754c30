// An experiment trained on each window and traded on the next, with costs, and what it comes to.
import { sampleBars, walkForward } from 'signalbox';

const experiment = {
  features: ['rsi(14)', 'roc(5)', 'stdev(close,20)'],
  labels: { horizonBars: 5 },
  estimators: [{ name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 4 }],
  splits: { kind: 'walk-forward', trainBars: 1_000, testBars: 500 },
};
const { result, predictions } = await walkForward(experiment, await sampleBars(), { calendar: 'us-equities' });
console.log(`${predictions.rows} predictions out of sample, ${result.trades} trades`);
console.log(`verdict: ${result.verdict}`);
console.log(result.reasons[0]);
