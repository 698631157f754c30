import { z } from 'zod';

const PRICED: Readonly<Record<string, { readonly limitPrice: boolean; readonly stopPrice: boolean }>> = {
  market: { limitPrice: false, stopPrice: false },
  limit: { limitPrice: true, stopPrice: false },
  stop: { limitPrice: false, stopPrice: true },
  'stop-limit': { limitPrice: true, stopPrice: true },
};

const price = z.number().positive().optional();
/** An order that somebody asks for, as it is sent. */
export const orderSchema = z
  .strictObject({
    symbol: z.string().min(1).max(100),
    side: z.enum(['buy', 'sell']),
    quantity: z.number().positive(),
    orderType: z.enum(['market', 'limit', 'stop', 'stop-limit']),
    limitPrice: price,
    stopPrice: price,
    timeInForce: z.enum(['gtc', 'day', 'ioc', 'fok', 'on-open', 'on-close']).optional(),
    reduceOnly: z.boolean().optional(),
    reason: z.string().max(1_000).default('').meta({ description: 'why: recorded in the audit' }),
    session: z.string().min(1).max(300),
  })
  .superRefine((order, { addIssue }) => {
    for (const name of ['limitPrice', 'stopPrice'] as const) {
      const wants = PRICED[order.orderType]![name];
      if (wants === (order[name] !== undefined)) continue;
      const message = wants ? `a ${order.orderType} order needs one` : `a ${order.orderType} order has none`;
      addIssue({ code: 'custom', path: [name], message });
    }
  })
  .meta({
    id: 'NewOrder',
    examples: [
      { symbol: 'BTC/USDT', side: 'buy', quantity: 0.5, orderType: 'limit', limitPrice: 60_000, session: 'paper-1' },
    ],
  });
