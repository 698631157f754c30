import type { Peer, PeerRecord } from './peers.ts';

const numberIn = (record: PeerRecord, key: string): number | null => {
  const value = record[key];
  return typeof value === 'number' ? value : null;
};

/** A training of 80,000 rows on two threads, beside our second line. */
function training(library: string): Peer {
  return {
    script: 'forest.py',
    args: ['80k', library, '2'],
    beside: 1,
    figures: (record) => {
      const seconds = numberIn(record, 'train_s');
      return seconds === null ? null : { seconds, rate: 80_000 / seconds };
    },
  };
}

export const FOREST_PEERS: readonly Peer[] = ['xgb_rf', 'lgb_rf', 'sklearn_rf'].map(training);
export const BOOSTING_PEERS: readonly Peer[] = ['xgb_gbdt', 'lgb_gbdt'].map(training);

/** SHAP values of 1,000 rows, beside our line on one thread: the package uses one. */
export const EXPLAIN_PEERS: readonly Peer[] = [
  {
    script: 'shap_bench.py',
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
  args: [String(processes)],
  beside: processes - 1,
  figures: (record) => {
    const seconds = numberIn(record, 'wall_s');
    return seconds === null ? null : { seconds, rate: 20 / seconds };
  },
}));
