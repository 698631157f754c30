import type { StrengthThresholds } from '../../models/experiment/signals-schema.ts';

export type SignalStrength = 'weak' | 'moderate' | 'strong';

/** The class of a confidence; one at a threshold has reached it. */
export function strengthOf(confidence: number, { moderate, strong }: StrengthThresholds): SignalStrength {
  return confidence >= strong ? 'strong' : confidence >= moderate ? 'moderate' : 'weak';
}
