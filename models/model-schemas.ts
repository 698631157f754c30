import { z } from 'zod';
import { nextSchema } from '../infra/http/page.ts';

// What is answered about the registry. Figures that cannot be had are null.

const time = z.iso.datetime();
const figure = z.number().nullable();
const scores = {
  informationCoefficient: figure,
  rankInformationCoefficient: figure,
  logLoss: figure,
  auc: figure,
  brier: figure,
  hitRate: figure,
};
const binSchema = z
  .object({ rows: z.int(), predicted: z.number(), observed: z.number() })
  .meta({ id: 'CalibrationBin' });

export const versionSchema = z
  .looseObject({
    name: z.string(),
    version: z.int(),
    aliases: z.array(z.string()),
    hash: z.string(),
    made: time,
    expires: time.nullable(),
    expired: z.boolean(),
    evidence: z.unknown(),
  })
  .meta({ id: 'ModelVersion' });

export const decisionSchema = z
  .looseObject({
    name: z.string(),
    version: z.int(),
    championVersion: z.int().nullable().optional(),
    outcome: z.string(),
    criteria: z.array(z.looseObject({ name: z.string(), met: z.boolean(), text: z.string() })).optional(),
    reason: z.string().nullable().optional(),
    decidedAtMs: z.number().optional(),
  })
  .meta({ id: 'PromotionDecision' });

export const cardSchema = versionSchema
  .extend({
    trainedFrom: time,
    trainedTo: time,
    trainedRows: z.int(),
    data: z.looseObject({
      source: z.string(),
      statement: z.string(),
      symbols: z.array(z.string()),
      timeframe: z.string(),
      from: time,
      to: time,
      rows: z.int(),
      dataHash: z.string(),
    }),
    labels: z.looseObject({}),
    features: z.array(z.string()),
    findings: z.array(z.string()),
    members: z.array(z.looseObject({ name: z.string(), kind: z.string() })),
    combiner: z.string(),
    calibrated: z.string(),
    folds: z.array(z.looseObject({ fold: z.int(), from: z.string(), to: z.string(), ...scores })),
    outOfSample: z
      .looseObject({ ...scores, rows: z.int(), calibration: z.array(binSchema) })
      .nullable()
      .optional(),
    backtest: z.looseObject({}).nullable(),
    trials: z.int().nullable(),
    decisions: z.array(decisionSchema),
    limitsOfUse: z.array(z.string()),
    lineage: z.object({
      training: z.string(),
      experimentHash: z.string(),
      run: z.object({ id: z.string(), address: z.string().nullable() }).nullable(),
    }),
  })
  .meta({ id: 'ModelCard' });

const lookSchema = z.object({
  asOf: z.string(),
  reportedAt: time,
  alarms: z.array(z.string()),
  predictions: z.int(),
  labelled: z.int(),
  novelShare: figure,
  novelExpected: figure,
  logLoss: figure,
  logLossExpected: figure,
  scoreEvidence: figure,
  calibrationEvidence: figure,
});

export const watchedSchema = z
  .object({
    name: z.string(),
    version: z.int(),
    latest: z.looseObject({ asOf: z.string(), reasons: z.array(z.string()), features: z.unknown() }).nullable(),
    looks: z.array(lookSchema),
    actions: z.array(z.looseObject({ name: z.string(), asOf: z.string(), kind: z.string(), detail: z.unknown() })),
    calibration: z.array(binSchema).nullable(),
  })
  .meta({ id: 'WatchedModel' });

export const predictionsSchema = z
  .object({
    predictions: z.array(
      z.object({
        symbol: z.string(),
        decidedAt: time,
        role: z.enum(['champion', 'challenger']),
        probability: z.number(),
        score: z.number(),
        novelty: figure,
        disagreement: figure,
        reasons: z.string().nullable(),
        label: z.int().nullable(),
        realisedReturn: figure,
      }),
    ),
    next: nextSchema,
  })
  .meta({ id: 'LivePredictions' });

/** A promotion or a way back that was asked for. */
export const promotionSchema = z
  .object({
    id: z.string(),
    does: z.enum(['promote', 'rollback']),
    model: z.string(),
    askedBy: z.string(),
    state: z.enum(['waiting', 'running', 'done', 'failed']),
    decision: z.looseObject({ outcome: z.string().optional(), decision: decisionSchema.optional() }).nullable(),
    problem: z.string().nullable().meta({ description: 'why it was not done' }),
  })
  .meta({ id: 'Promotion' });
