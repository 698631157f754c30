import { z } from 'zod';
import { RULE_CONSTRAINTS, RULE_METHODS, RULE_OBJECTIVES } from './rule-search-schema.ts';

/** Where the values of one parameter come from; exactly one key. */
const parameterSchema = z
  .strictObject({
    /** Whole numbers from the first to the second, both included. */
    int: z.tuple([z.int(), z.int()]).optional(),
    /** Numbers from the first to the second, evenly. */
    float: z.tuple([z.number(), z.number()]).optional(),
    /** Positive numbers, evenly in their logarithm. */
    log: z.tuple([z.number().positive(), z.number().positive()]).optional(),
    /** One of these values. */
    choice: z
      .array(z.union([z.string(), z.number(), z.boolean()]))
      .min(2)
      .optional(),
    /** What the file of a user's own estimator, or strategy, declares of its parameter. */
    declared: z.literal(true).optional(),
    /** Beside `int` and `float`, of rules: from one value that is tried to the next. */
    step: z.number().positive().optional(),
  })
  .superRefine((value, context) => {
    const kinds = (['int', 'float', 'log', 'choice', 'declared'] as const).filter((kind) => value[kind] !== undefined);
    if (kinds.length !== 1) {
      context.addIssue({
        code: 'custom',
        path: [],
        message: 'needs exactly one of int, float, log, choice and declared',
      });
    }
    if (value.step !== undefined && value.int === undefined && value.float === undefined) {
      context.addIssue({ code: 'custom', path: ['step'], message: 'is for int and float' });
    }
    for (const kind of ['int', 'float', 'log'] as const) {
      const range = value[kind];
      if (range !== undefined && !(range[0] < range[1])) {
        context.addIssue({ code: 'custom', path: [kind], message: 'the first number must be below the second' });
      }
    }
  });

export const METHODS = ['random', 'halving', 'tpe'] as const;
const OBJECTIVES = ['logLoss', 'brier', 'auc', 'informationCoefficient', 'netSharpe'] as const;

/** A search of what is learned. */
export const searchSchema = z.strictObject({
  method: z.enum(METHODS).default('random'),
  trials: z.int().min(2).max(10_000).default(20),
  seed: z.int().default(1),
  /** Purged folds inside each training window on which a trial is scored. */
  folds: z.int().min(2).max(20).default(2),
  /**
   * What is best: a score of probabilities, or the Sharpe ratio of the net return over a benchmark of the same
   * exposure.
   */
  objective: z.enum(OBJECTIVES).default('logLoss'),
  halving: z
    .strictObject({
      /**
       * What is rationed: `bars` (the newest share of a training window), or an address such as
       * `estimators.forest.trees`.
       */
      resource: z.string().default('bars'),
      /** Of each rung this share goes on, with this many times the resource: 3 keeps one in three. */
      eta: z.int().min(2).max(10).default(3),
      /** Share of the resource in the first rung. */
      from: z
        .number()
        .positive()
        .max(1)
        .default(1 / 9),
    })
    .prefault({}),
  tpe: z
    .strictObject({
      /** Trials drawn at random before the model is asked. */
      startup: z.int().min(2).default(8),
      /** Proposals made from the same knowledge, so that as many workers have work. */
      batch: z.int().min(1).max(256).default(4),
      /** Candidates of which the most promising is tried. */
      candidates: z.int().min(1).max(10_000).default(24),
    })
    .prefault({}),
  /** Addresses (`estimators.forest.maxDepth`, `signals.buyAbove`) with where their values come from. */
  space: z.record(z.string(), parameterSchema).refine((space) => Object.keys(space).length > 0, {
    error: 'needs at least one parameter',
  }),
});

/**
 * The `search` section of an experiment, whose strategies decide what it is a search of: of what is learned, or of
 * rules. What it does not say has other values there.
 */
export const searchSectionSchema = searchSchema.extend({
  method: z.enum([...new Set([...METHODS, ...RULE_METHODS])]).optional(),
  trials: searchSchema.shape.trials.unwrap().optional(),
  objective: z.enum([...OBJECTIVES, ...RULE_OBJECTIVES]).optional(),
  /** Of rules: bounds that a trial keeps to be chosen, as `maxDrawdown: 0.2`. */
  constraints: z.strictObject(RULE_CONSTRAINTS).optional(),
});

export type SearchSettings = z.infer<typeof searchSchema>;
export type SearchSection = z.infer<typeof searchSectionSchema>;
export type ParameterRange = z.infer<typeof parameterSchema>;
export type SearchMethod = (typeof METHODS)[number];
export type ObjectiveName = (typeof OBJECTIVES)[number];
export type ParameterValue = string | number | boolean;
/** Values by address. */
export type Parameters = Readonly<Record<string, ParameterValue>>;
