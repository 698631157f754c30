import { z } from 'zod';

// What routes answer about runs and the jobs that make them; the console takes its types from here.

/** A run or session as it is listed. */
const runSchema = z
  .object({
    id: z.string(),
    kind: z.string(),
    name: z.string().nullable(),
    made: z.iso.datetime(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    bars: z.int().nullable(),
    totalReturn: z.number().nullable(),
    sharpe: z.number().nullable(),
    maxDrawdown: z.number().nullable(),
    trades: z.int().nullable(),
    verdict: z.string().nullable(),
    deflatedSharpe: z.number().nullable(),
    trials: z.int().nullable(),
  })
  .meta({ id: 'Run' });
export const runsSchema = z.object({ runs: z.array(runSchema), more: z.int(), unread: z.array(z.string()) });

const column = z.array(z.number());

/** Curves of a run by columns, one value for each mark. */
export const chartSchema = z
  .object({
    id: z.string(),
    currency: z.string().nullable(),
    marks: z.int().meta({ description: 'more than there are points where these were thinned' }),
    timeMs: column.meta({ description: 'milliseconds since 1970' }),
    equity: column,
    drawdown: column.meta({ description: 'fractions at or below 0' }),
    buyAndHold: column.nullable().meta({ description: 'null where an earlier version did not keep it' }),
    buyAndHoldDrawdown: column.nullable(),
    sameExposure: column.nullable(),
    months: z
      .array(z.object({ month: z.string(), return: z.number() }))
      .nullable()
      .meta({ description: 'net returns of calendar months, as fractions' }),
  })
  .meta({ id: 'RunChart' });

const figure = z.number().nullable().optional();

/** A kept run whole; its result has more than what is named here. */
export const keptRunSchema = z
  .looseObject({
    id: z.string(),
    kind: z.enum(['experiment', 'rules', 'walk-forward', 'search']),
    kept: z.iso.datetime(),
    hashes: z.record(z.string(), z.string().nullable()),
    versions: z.record(z.string(), z.string()).nullable(),
    costs: z.record(z.string(), z.unknown()).nullable(),
    currency: z.string().nullable(),
    data: z.object({ title: z.string(), timeframe: z.string().nullable(), simulated: z.boolean() }).nullable(),
    session: z.string().nullable(),
    result: z.looseObject({
      experiment: z.string().nullable().optional(),
      strategy: z.string(),
      parameters: z.record(z.string(), z.unknown()).optional(),
      limits: z.record(z.string(), z.unknown()).optional(),
      bars: z.number(),
      from: z.string(),
      to: z.string(),
      initialCapital: figure,
      finalEquity: figure,
      totalReturn: figure,
      sharpe: figure,
      deflatedSharpe: figure,
      probabilisticSharpe: figure,
      probabilityOfOverfitting: figure,
      minimumTrackRecordLength: figure,
      trials: figure,
      trades: figure,
      maxDrawdown: figure,
      verdict: z.string(),
      reasons: z.array(z.string()).optional(),
      excess: z.record(z.string(), z.unknown()).optional(),
      baselines: z.record(z.string(), z.record(z.string(), z.unknown()).nullable()).optional(),
      refusals: z.record(z.string(), z.number()).optional(),
    }),
  })
  .meta({ id: 'KeptRun' });

/** Runs side by side; the first is what the others are held against. */
export const comparisonSchema = z
  .looseObject({
    runs: z.array(z.looseObject({ name: z.string(), verdict: z.string(), from: z.string(), to: z.string() })),
    ids: z.array(z.string()),
    sharedDays: z.int(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    sharedReturns: z.array(z.number().nullable()),
    correlations: z.array(z.array(z.number().nullable())),
    superiorAbility: z
      .looseObject({ bestRun: z.string() })
      .nullable()
      .meta({ description: 'whether the best of the others beats the first by more than luck' }),
    reasons: z.array(z.string()),
    settings: z
      .array(z.object({ group: z.string(), name: z.string(), values: z.array(z.unknown()) }))
      .meta({ description: 'in which they differ' }),
  })
  .meta({ id: 'Comparison' });

/** A round trip of a run; `exitTime` is null while it is open. */
export const tradesSchema = z.object({
  trades: z.array(
    z.looseObject({
      symbol: z.string(),
      side: z.string(),
      quantity: z.number(),
      entryTime: z.string(),
      entryPrice: z.number(),
      exitTime: z.string().nullable(),
      exitPrice: z.number().nullable(),
      pnl: z.number().nullable(),
      fees: z.number().nullable(),
      exit: z.string().nullable(),
    }),
  ),
  total: z.int(),
});

const time = z.iso.datetime();
const stage = z.object({
  name: z.string(),
  done: z.number(),
  total: z.number().nullable(),
  ended: z.boolean(),
  detail: z.string().nullable(),
});

/** A backtest that was asked for; the console takes its type from here. */
export const jobSchema = z
  .object({
    id: z.string(),
    asked: z.unknown(),
    askedBy: z.string(),
    askedAt: time,
    correlationId: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed', 'canceled']),
    beganAt: time.nullable(),
    endedAt: time.nullable(),
    problem: z.string().nullable(),
    kind: z.enum(['rules', 'backtest', 'walk-forward']),
    progress: z.object({ stages: z.array(stage), note: z.string().nullable() }).nullable(),
    run: z.string().nullable().meta({ description: 'id of the run that it left: GET /api/v1/runs/ID' }),
  })
  .meta({ id: 'Job' });
