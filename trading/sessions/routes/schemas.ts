import { z } from 'zod';
import { nextSchema, pageQuery } from '../../../infra/http/page.ts';
import { ORDER_STATES } from '../../orders/order-state.ts';
import { KILL_STATES } from '../../effect.ts';

const time = z.iso.datetime();
const number = z.number();
const state = z.enum(['running', 'stopped', 'ended']);

/** Names the session of a look. */
export const sessionQuery = {
  session: z.string().min(1).max(300).optional().meta({ description: 'default: the newest that runs, or else ran' }),
};
export const rowsQuery = {
  ...sessionQuery,
  ...pageQuery,
  symbol: z.string().min(1).max(100).optional(),
  strategy: z.string().min(1).max(100).optional(),
};
const moment = z.iso.datetime({ offset: true }).or(z.iso.date()).optional();
/** Rows of a span of the market's time. */
export const spanQuery = { from: moment, to: moment.meta({ description: 'before it' }) };
export const sessionParams = z.strictObject({ session: z.string().min(1).max(300) });

export const sessionSchema = z
  .looseObject({
    session: z.string(),
    mode: z.enum(['backtest', 'paper', 'live']),
    experiment: z.string().nullable(),
    state,
    killState: z.enum(KILL_STATES).nullable(),
    startedAt: time,
    endedAt: time.nullable(),
    lastClose: time.nullable(),
    capital: number,
    equity: number.nullable(),
    pending: z.array(z.string()).meta({ description: 'words that it has yet to take up' }),
    positions: z.record(z.string(), number).nullable(),
    symbols: z.union([z.int(), z.array(z.string())]),
  })
  .meta({ id: 'Session' });

const positionSchema = z
  .object({
    symbol: z.string(),
    sector: z.string().nullable(),
    quantity: number,
    averagePrice: number.nullable(),
    price: number.nullable(),
    value: number.nullable(),
    unrealised: number.nullable(),
    realised: number.nullable(),
    strategies: z.array(z.object({ name: z.string().nullable(), quantity: number })),
    venueQuantity: number.nullable(),
    venueValue: number.nullable(),
    venueUnrealised: number.nullable(),
  })
  .meta({ id: 'Position' });
export const positionsSchema = z
  .object({
    session: z.string(),
    state,
    asOf: time.nullable(),
    venueAsOf: time.nullable(),
    positions: z.array(positionSchema),
  })
  .meta({ id: 'Positions' });

const orderSchema = z
  .object({
    sequence: z.int(),
    clientOrderId: z.string(),
    time,
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    type: z.string(),
    role: z.string().nullable(),
    quantity: number,
    triggerPrice: number.nullable(),
    limitPrice: number.nullable(),
    timeInForce: z.string(),
    state: z.enum(ORDER_STATES),
    filled: number,
    averagePrice: number.nullable(),
    clippedBy: z.string().nullable(),
    strategy: z.string().nullable(),
    parent: z.int().nullable(),
    algorithm: z.string().nullable(),
    givenUp: number.nullable(),
    givenUpFor: z.string().nullable(),
    latency: z.record(z.string(), number).nullable(),
    currentTrigger: number.nullable().meta({ description: 'after the last change; of a trailing stop as placed' }),
    currentLimit: number.nullable(),
  })
  .meta({ id: 'Order' });
const fillSchema = z
  .object({
    record: z.int(),
    sequence: z.int(),
    time,
    symbol: z.string(),
    quantity: number,
    price: number,
    fee: number,
    slippage: number,
    executionId: z.string().nullable(),
    takesBack: z.boolean(),
    origin: z.string().nullable(),
    strategy: z.string().nullable(),
  })
  .meta({ id: 'Fill' });
const signalSchema = z
  .object({
    record: z.int(),
    time,
    symbol: z.string(),
    action: z.enum(['BUY', 'SELL']),
    probability: number.nullable(),
    confidence: number,
    reason: z.string(),
    model: z.string().nullable(),
    novelty: number.nullable(),
    strategy: z.string().nullable(),
    strength: z.string().nullable(),
    expiresAt: time.nullable(),
    refused: z.string().nullable(),
  })
  .meta({ id: 'Signal' });
const refusalSchema = z
  .object({
    record: z.int(),
    time,
    symbol: z.string().nullable(),
    stage: z.string(),
    code: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'Refusal' });

const paged = { session: z.string(), state, next: nextSchema };
export const ordersSchema = z.object({ ...paged, orders: z.array(orderSchema) });
export const fillsSchema = z.object({ ...paged, fills: z.array(fillSchema) });
export const signalsSchema = z.object({ ...paged, signals: z.array(signalSchema) });
export const refusalsSchema = z.object({ ...paged, refused: z.array(refusalSchema) });

const exposureSchema = z.object({ name: z.string(), gross: number, net: number, share: number.nullable() });
const figuresSchema = z
  .looseObject({
    asOf: time,
    cash: number,
    equity: number,
    buyingPower: number,
    realised: number,
    unrealised: number,
    dayPnl: number,
    dayReturn: number.nullable(),
    fees: number,
    gross: number,
    net: number,
    leverage: number.nullable(),
    leverageMax: number,
    marginUsed: number,
    marginRatio: number.nullable(),
    maintenanceMargin: number.nullable(),
    symbols: z.array(exposureSchema),
    strategies: z.array(exposureSchema),
    sectors: z.array(exposureSchema),
  })
  .meta({ id: 'AccountFigures' });
const venueSchema = z
  .looseObject({
    venue: z.string(),
    account: z.string(),
    asOf: time,
    currency: z.string(),
    cash: number,
    equity: number,
  })
  .meta({ id: 'VenueFigures' });
export const accountsSchema = z.object({
  accounts: z.array(
    z
      .object({
        session: z.string(),
        state,
        capital: number,
        bookings: z.array(z.object({ kind: z.string(), entries: z.int(), amount: number, exact: z.string() })),
        cash: number,
        exactCash: z.string(),
        equity: number.nullable(),
        positions: z.record(z.string(), number).nullable(),
        ours: figuresSchema.nullable(),
        venue: venueSchema.nullable(),
        currency: z.string().nullable().meta({ description: 'of the account; null where it is not on record' }),
      })
      .meta({ id: 'Account' }),
  ),
});

const limitsSchema = z.record(z.string(), z.unknown());
export const thresholdsSchema = z
  .object({
    session: z.string(),
    state,
    killState: z.enum(KILL_STATES).nullable(),
    limits: limitsSchema.nullable(),
    pending: z.array(z.object({ name: z.string(), before: z.unknown(), after: z.unknown(), loosens: z.boolean() })),
  })
  .meta({ id: 'Thresholds' });
export const thresholdsChangedSchema = z.object({
  session: z.string(),
  changes: z.array(z.object({ name: z.string(), before: z.unknown(), after: z.unknown(), loosens: z.boolean() })),
  limits: limitsSchema,
  running: z.boolean(),
});

export const cancelledSchema = z
  .object({
    session: z.string(),
    cancelling: z.array(z.int()).meta({ description: 'orders whose end was asked for' }),
    kept: z.array(z.object({ order: z.int(), code: z.string(), reason: z.string() })),
  })
  .meta({ id: 'CancelledOrders' });

export const evaluatedSchema = z
  .object({
    session: z.string(),
    symbol: z.string(),
    equity: number,
    lastPrice: number.nullable(),
    held: number.meta({ description: 'units, with a sign' }),
    outcome: z.enum(['approved', 'refused']),
    quantity: number.nullable().meta({ description: 'units as risk would approve them' }),
    value: number.nullable(),
    shareOfEquity: number.nullable(),
    fee: number
      .nullable()
      .meta({ description: 'by what the last fills of the session have cost; null before the first' }),
    reduces: z.boolean().nullable(),
    inParts: z.boolean().nullable(),
    clippedBy: z.string().nullable().meta({ description: 'the limit that would cut it' }),
    refusal: z
      .object({ stage: z.string(), code: z.string(), reason: z.string(), remedy: z.string().nullable() })
      .nullable(),
  })
  .meta({ id: 'EvaluatedOrder' });

export const riskHistorySchema = z.object({
  session: z.string(),
  changes: z.array(z.looseObject({ at: time, actor: z.string(), reason: z.string(), changes: z.unknown() })),
  refused: z.array(refusalSchema),
});

export const toldSchema = z
  .object({
    command: z.string(),
    sessions: z.array(z.string()),
    waiting: z.array(z.string()).meta({ description: 'those that take it up when they go on' }),
    told: z.array(z.looseObject({ session: z.string(), state, positionsAre: z.string(), ordersAre: z.string() })),
  })
  .meta({ id: 'Told' });
export const stoppedSchema = z.object({
  session: z.string(),
  stopped: z.boolean(),
  positions: z.record(z.string(), number).nullable(),
  workingOrders: z.int(),
});
