import { z } from 'zod';
import { executionRuleSchema } from '../../../models/experiment/execution/execution-schema.ts';
import { refused, type RefusedOrder } from '../../orders/approved-order.ts';
import { LABEL_MAX, type OrderAction } from '../../orders/order-request.ts';
import { ORDER_TYPES, TIMES_IN_FORCE } from '../../orders/order-terms.ts';

/** Actions of one close; a strategy that never stops answering must not stop the session. */
const ACTIONS_MAX = 1_000;

const label = z.string().max(LABEL_MAX);
/** Numbers that are not finite are refused by name where the order is looked at. */
const number = z.custom<number>((value) => typeof value === 'number');

const placed = z.strictObject({
  do: z.literal('place'),
  label,
  side: z.enum(['buy', 'sell']),
  size: z.union([
    z.literal('position'),
    z.strictObject({ units: number }),
    z.strictObject({ notional: number }),
    z.strictObject({ equityShare: number }),
  ]),
  type: z.enum(ORDER_TYPES),
  limit: number.optional(),
  stop: number.optional(),
  trail: z.union([z.strictObject({ price: number }), z.strictObject({ percent: number })]).optional(),
  tif: z.enum(TIMES_IN_FORCE).optional(),
  expiresMs: number.optional(),
  expiresOn: z.string().optional(),
  postOnly: z.boolean().optional(),
  reduceOnly: z.boolean().optional(),
  group: label.optional(),
  after: label.optional(),
  execution: executionRuleSchema.optional(),
});

const actions = z
  .array(
    z.discriminatedUnion('do', [
      placed,
      z.strictObject({
        do: z.literal('amend'),
        label,
        units: number.optional(),
        limit: number.optional(),
        stop: number.optional(),
      }),
      z.strictObject({ do: z.literal('cancel'), label }),
    ]),
  )
  .max(ACTIONS_MAX);

/** What a user's strategy answered as actions of its own; a refusal where it is none. */
export function ordersOf(answer: unknown): readonly OrderAction[] | RefusedOrder {
  if (Array.isArray(answer) && answer.length === 0) return [];
  const parsed = actions.safeParse(answer);
  return parsed.success ? parsed.data : refused('strategy-answer');
}
