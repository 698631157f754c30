import { join } from 'node:path';
import { writePrivateFile } from '../../infra/files/private-file.ts';

/**
 * An experiment that goes through everything in a few seconds: two simulated symbols, three folds, a forest and a
 * linear model. Tests and proofs that kill and repeat whole runs use it.
 */
export function writeSmallExperiment(folder: string, name = 'small'): string {
  const path = join(folder, `${name}.yaml`);
  writePrivateFile(
    path,
    `name: ${name}
universe: simulated-2
data: { source: simulated, simulated: { bars: 700, seed: 5 } }
features: ['return(1)', 'closelocation()', 'rsi(14)', 'rank(roc(5))', 'zscore(close,20)']
splits: { trainBars: 300, testBars: 110 }
estimators:
  - { name: linear, kind: logistic-regression }
  - { name: forest, kind: random-forest, trees: 40, maxDepth: 4, minLeafRows: 20 }
ensemble: { innerFolds: 3 }
signals: { buyAbove: 0.51, sellBelow: 0.49 }
`,
  );
  return path;
}
