import type { PromotionDecision } from './promotion-gate.ts';

/** A model that held `champion`; versions may have been deleted since, hashes identify what they were. */
export type PastChampion = Pick<PromotionDecision, 'version' | 'modelHash'>;

/**
 * The champions of a name as its decisions (oldest first) leave them, the present one last. Going back takes away what
 * came after the version gone back to, so that the next step goes further back and never forth.
 */
export function championHistory(decisions: readonly PromotionDecision[]): PastChampion[] {
  const held: PastChampion[] = [];
  for (const { outcome, version, modelHash } of decisions) {
    if (outcome === 'refused') continue;
    const at = held.map((champion) => champion.modelHash).lastIndexOf(modelHash);
    if (outcome === 'rolled-back' && at >= 0) held.splice(at + 1);
    else if (held.at(-1)?.modelHash !== modelHash) held.push({ version, modelHash });
  }
  return held;
}

/** Champions before the one that `modelHash` is, newest first, each once and without it. */
export function earlierChampions(held: readonly PastChampion[], modelHash: string): PastChampion[] {
  const at = held.map((champion) => champion.modelHash).lastIndexOf(modelHash);
  const before = (at < 0 ? [...held] : held.slice(0, at)).reverse();
  return before.filter(
    (champion, index) =>
      champion.modelHash !== modelHash && before.findIndex((other) => other.modelHash === champion.modelHash) === index,
  );
}
