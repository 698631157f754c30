// Rows of features and labels, a forest that learns the first of them, and the model as plain data.
import { dataset, fit, loadModel, sampleBars } from 'signalbox';

const bars = await sampleBars();
const rows = dataset({ features: ['rsi(14)', 'roc(5)', 'stdev(close,20)'], labels: { horizonBars: 5 } }, bars);
const forest = await fit('random-forest', rows, { trees: 50, maxDepth: 6 }, { seed: 1 });
const kept = await loadModel(forest.serialise());
const newest = rows.x.slice(-rows.width);
console.log(`${rows.rows} rows of ${rows.featureNames.join(', ')}`);
console.log(`chance of a rise over five days: ${forest.predict(newest, 1)[0].toFixed(3)}`);
console.log(`the same from the model as data: ${kept.predict(newest, 1)[0].toFixed(3)}`);
