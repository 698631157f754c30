import type { Peer, PeerRecord } from './peers.ts';

const numberIn = (record: PeerRecord, key: string): number | null => {
  const value = record[key];
  return typeof value === 'number' ? value : null;
};

const MAIN = 'requirements-main.txt';

/** A training of 80,000 rows on two threads, beside our second line. */
function training([library, module]: readonly [library: string, module: string]): Peer {
  return {
    script: 'forest.py',
    module,
    requirements: MAIN,
    args: ['80k', library, '2'],
    beside: 1,
    figures: (record) => {
      const seconds = numberIn(record, 'train_s');
      return seconds === null ? null : { seconds, rate: 80_000 / seconds };
    },
  };
}

const FORESTS = [
  ['xgb_rf', 'xgboost'],
  ['lgb_rf', 'lightgbm'],
  ['sklearn_rf', 'sklearn'],
] as const;
const BOOSTINGS = [
  ['xgb_gbdt', 'xgboost'],
  ['lgb_gbdt', 'lightgbm'],
] as const;
export const FOREST_PEERS: readonly Peer[] = FORESTS.map(training);
export const BOOSTING_PEERS: readonly Peer[] = BOOSTINGS.map(training);

/** SHAP values of 1,000 rows, beside our line on one thread: the package uses one. */
export const EXPLAIN_PEERS: readonly Peer[] = [
  {
    script: 'shap_bench.py',
    module: 'shap',
    requirements: MAIN,
    args: [],
    beside: 0,
    figures: (record) => {
      const rate = numberIn(record, 'rows_per_s');
      return rate === null ? null : { seconds: 1000 / rate, rate };
    },
  },
];

/** scikit-learn with joblib on as many processes as our line has workers. */
export const WALK_FORWARD_PEERS: readonly Peer[] = [1, 2].map((processes) => ({
  script: 'walkforward.py',
  module: 'joblib',
  requirements: MAIN,
  args: [String(processes)],
  beside: processes - 1,
  figures: (record) => {
    const seconds = numberIn(record, 'wall_s');
    return seconds === null ? null : { seconds, rate: 20 / seconds };
  },
}));

/** TensorFlow's trainings of both networks; each stands beside the same network on each of our backends. */
export const NEURAL_PEERS: readonly Peer[] = [
  {
    script: 'tf_bench.py',
    args: [],
    module: 'tensorflow',
    requirements: 'requirements-tf.txt',
    beside: (record, line) => line.work.startsWith(`${record.name},`),
    figures: (record, line) => {
      const seconds = numberIn(record, 'fit_s');
      // The same rows and epochs as our line.
      return seconds === null ? null : { seconds, rate: (line.rate * line.seconds) / seconds };
    },
  },
];
