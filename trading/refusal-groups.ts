import type { Refusal, RefusalGroup } from './session-result.ts';

/** The order of groups: most frequent first. */
export function byCount(a: RefusalGroup, b: RefusalGroup): number {
  return b.count - a.count || (a.code < b.code ? -1 : 1);
}

/** Groups refusals by code. */
export function refusalGroups(refusals: readonly Refusal[]): RefusalGroup[] {
  const groups = new Map<string, RefusalGroup>();
  for (const refusal of refusals) {
    const { code, stage } = refusal;
    groups.set(code, { code, stage, count: (groups.get(code)?.count ?? 0) + 1, latest: refusal });
  }
  return [...groups.values()].sort(byCount);
}

/** How many refusals the groups hold. */
export function refusedCount(groups: readonly RefusalGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}
