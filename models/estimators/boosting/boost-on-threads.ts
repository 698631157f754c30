import { TeamStopped } from '../threads/barrier.ts';
import type { Post } from '../threads/post.ts';
import type { TeamJob } from './boosting-plan.ts';
import { boostRounds } from './boosting-rounds.ts';

/** Takes part in boosting until it ends or is given up. The first thread posts each round. */
export function boostOnThread(job: TeamJob, post: Post): void {
  try {
    for (const round of boostRounds(job)) if (job.thread === 0) post(round);
  } catch (error) {
    // Given up by whoever asked, or by a peer that says itself why.
    if (!(error instanceof TeamStopped)) throw error;
  }
}
