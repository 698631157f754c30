import type { FeatureSelection } from './select-features.ts';

/** How far the selections of several folds agree: plain JSON. */
export interface SelectionAgreement {
  /** Folds that chose. */
  readonly folds: number;
  readonly offered: number;
  /** Mean number of features that a fold kept. */
  readonly keptMean: number;
  /** Share of folds that kept each feature, the most often kept first; those that no fold kept are left out. */
  readonly features: readonly { readonly name: string; readonly share: number }[];
  /** Mean over all pairs of folds of the features that both kept by those that either kept; null for one fold. */
  readonly overlap: number | null;
  /**
   * Agreement beyond chance (Nogueira, Sechidis and Brown 2018, definition 4): 1 where all folds keep the same, about 0
   * where each keeps any. Null for one fold, and where all features or none were kept.
   */
  readonly stability: number | null;
}

/** Compares what folds kept; null where no fold chose. */
export function selectionAgreement(selections: readonly FeatureSelection[]): SelectionAgreement | null {
  const folds = selections.length;
  if (folds === 0) return null;
  const { offered } = selections[0]!;
  const counts = new Map<string, number>();
  for (const { kept } of selections) for (const name of kept) counts.set(name, (counts.get(name) ?? 0) + 1);
  const keptMean = [...counts.values()].reduce((sum, count) => sum + count, 0) / folds;
  const features = [...counts].map(([name, count]) => ({ name, share: count / folds }));
  features.sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
  return {
    folds,
    offered,
    keptMean,
    features,
    overlap: folds < 2 ? null : overlapOf(selections),
    stability: folds < 2 ? null : stabilityOf(features, { folds, offered, keptMean }),
  };
}

function overlapOf(selections: readonly FeatureSelection[]): number {
  const sets = selections.map(({ kept }) => new Set(kept));
  let [sum, pairs] = [0, 0];
  for (let b = 1; b < sets.length; b++) {
    for (let a = 0; a < b; a++) {
      const both = [...sets[a]!].filter((name) => sets[b]!.has(name)).length;
      sum += both / (sets[a]!.size + sets[b]!.size - both);
      pairs++;
    }
  }
  return sum / pairs;
}

function stabilityOf(
  features: SelectionAgreement['features'],
  { folds, offered, keptMean }: Pick<SelectionAgreement, 'folds' | 'offered' | 'keptMean'>,
): number | null {
  const chance = (keptMean / offered) * (1 - keptMean / offered);
  if (chance <= 0) return null;
  const variance = features.reduce((sum, { share }) => sum + (folds / (folds - 1)) * share * (1 - share), 0) / offered;
  return 1 - variance / chance;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
const NAMED = 8;

/** The same in a sentence. */
export function agreementWords({ folds, offered, keptMean, features, overlap, stability }: SelectionAgreement): string {
  const named = features.slice(0, NAMED).map(({ name, share }) => `${name} in ${percent(share)}`);
  const others = features.length > NAMED ? ` and ${features.length - NAMED} more` : '';
  const alike =
    overlap === null ? '' : ` Two folds share ${percent(overlap)} of what either keeps${beyond(stability)}.`;
  return (
    `selection: ${folds === 1 ? 'the fold keeps' : `${folds} folds keep on average`} ${keptMean.toFixed(1)} of ` +
    `${offered} features, chosen on their training rows alone: ${named.join(', ')}${others}.${alike}`
  );
}

const beyond = (stability: number | null): string =>
  stability === null
    ? ''
    : `; their agreement beyond chance is ${stability.toFixed(2)}, where 1 is the same in every fold`;
