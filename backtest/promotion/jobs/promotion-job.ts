import { z } from 'zod';

export const PROMOTION_QUEUE = 'signalbox-promotions';

/** What is asked for: a version for the gate, or the champion before of a name. */
export const promotionRequestSchema = z.strictObject({
  force: z.boolean().optional().meta({ description: 'although the gate refuses it, or although it has expired' }),
  reason: z.string().max(1_000).optional().meta({ description: 'why it is forced: recorded with the decision' }),
});

export interface PromotionJob {
  readonly does: 'promote' | 'rollback';
  /** NAME@VERSION for the gate, NAME to go back. */
  readonly model: string;
  readonly options: z.infer<typeof promotionRequestSchema>;
  readonly askedBy: string;
}

/** What came of it: what the command says with `--json`, or why it was not done. */
export type PromotionOutcome = { readonly decision: unknown } | { readonly problem: string };
