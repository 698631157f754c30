import type { Experiment } from '../../models/experiment/experiment.ts';

/**
 * Why the record of an experiment's splits is one that nobody could have traded: the models of k-fold and combinatorial
 * splits were trained on both sides of what they predict. Null for walk-forward splits, whose models know earlier bars
 * only.
 */
export function foresightOf({ kind }: Pick<Experiment['splits'], 'kind'>): string | null {
  if (kind === 'walk-forward') return null;
  return (
    `the models of ${kind} splits were trained on bars later than those they traded, with shared labels purged: scores of ` +
    'such a record are sound, but nobody could have traded it; only splits of kind walk-forward can give evidence'
  );
}
