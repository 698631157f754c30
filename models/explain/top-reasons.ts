import type { EnsembleExplanation, ExplainedFeature } from './ensemble-explanation.ts';
import { sideText } from './explain-side.ts';

/** Features in the order of what they add or take away, the largest first; ties in the model's order. */
export function byContribution({ features }: EnsembleExplanation): ExplainedFeature[] {
  return [...features].sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
}

/** `high`, `low` or `usual` beside the training rows; `missing` without a value. */
export function levelOf({ distance }: ExplainedFeature): string {
  if (Number.isNaN(distance)) return 'missing';
  if (Math.abs(distance) < 0.5) return 'usual';
  return `${Math.abs(distance) >= 2 ? 'very ' : ''}${distance > 0 ? 'high' : 'low'}`;
}

export function signed(value: number, digits = 3): string {
  return `${value < 0 ? '-' : '+'}${Math.abs(value).toFixed(digits)}`;
}

/**
 * The `count` features that moved a score most, in one line: `rsi(14) low +0.031, return(5) very high -0.020`. Before them the side of
 * the primary model, where there is one.
 */
export function topReasons(explanation: EnsembleExplanation, count = 3): string {
  const features = explanation.features.map((feature) => ({
    text: `${feature.name} ${levelOf(feature)}`,
    size: feature.contribution,
  }));
  const undivided = explanation.members
    .filter(({ method }) => method === 'undivided')
    .map(({ name, share }) => ({ text: `${name} as a whole`, size: share }));
  const moved = [...features, ...undivided]
    .filter(({ size }) => size !== 0)
    .sort((a, b) => Math.abs(b.size) - Math.abs(a.size))
    .slice(0, count)
    .map(({ text, size }) => `${text} ${signed(size)}`)
    .join(', ');
  return [sideText(explanation), moved].filter((text) => text !== '').join('; ');
}
