import type { Post } from './post.ts';
import { resampleOnThread } from '../../scores/resample-on-thread.ts';
import { boostOnThread } from '../boosting/boost-on-threads.ts';
import type { TeamJob } from '../boosting/boosting-plan.ts';
import { growTreesOnThread } from '../forest/grow-trees-on-thread.ts';
import { explainRows, type ExplainJob } from '../shap/explain-rows.ts';
import { sumRowsOnThread, type SumJob } from '../trees/sum-rows-on-thread.ts';

/** Work that a pool thread can do, by name: plain data in, messages out. */
export const THREAD_JOBS: Readonly<Record<string, (data: unknown, post: Post) => void>> = {
  'grow-trees': growTreesOnThread,
  boost: (data, post) => boostOnThread(data as TeamJob, post),
  'sum-rows': (data) => sumRowsOnThread(data as SumJob),
  'explain-rows': (data) => explainRows(data as ExplainJob),
  'resample-scores': resampleOnThread,
};
