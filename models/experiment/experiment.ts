import '../../infra/files/issue-words.ts';
import { z } from 'zod';
import { isOwnFile, type CompiledOwnFile } from '../../infra/own-files/own-file.ts';
import { costsSchema } from './costs-schema.ts';
import { asFileEstimator, ownFileKeys, ownPartIn, type UsedOwnFile } from './own-file-schema.ts';
import { eventsSchema } from './events/events-schema.ts';
import { featuresSchema } from './inputs/features-schema.ts';
import { executionSchema } from './execution/execution-schema.ts';
import { intervalsSchema } from '../intervals/intervals-schema.ts';
import { instrumentsSchema } from './instruments-schema.ts';
import { buyingPower, furtherLimits } from './limits-schema.ts';
import { TIMEFRAMES } from '../../features/timeframe.ts';
import { reductionSchema } from './inputs/reduction-schema.ts';
import { selectionSchema } from '../selection/selection-schema.ts';
import { searchSectionSchema } from '../search/search-schema.ts';
import { rebalanceSchema, strategiesSchema } from './strategies-schema.ts';
import { signalsSchema } from './signals-schema.ts';
import { splitsSchema } from '../splits/splits-schema.ts';

const day = z.iso.date();
const fraction = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().positive();

/** A synthetic market, clearly labelled as such: `pipelines/simulated` makes it from these and the seed alone. */
const simulated = z.strictObject({
  symbols: count.max(10_000).default(50),
  bars: count.default(2_500),
  seed: z.int().default(1),
});

const column = z.union([z.int().min(0), z.string().min(1)]).optional();
const columns = {
  time: column,
  date: column,
  open: column,
  high: column,
  low: column,
  close: column,
  volume: column,
  symbol: column,
};

const data = z.strictObject({
  source: z.enum(['sample', 'simulated', 'csv', 'alpaca', 'polygon', 'binance']).default('sample'),
  timeframe: z.enum(TIMEFRAMES).default('1d'),
  from: day.optional(),
  to: day.optional(),
  calendar: z
    .enum(['us-equities', 'us-equities-extended', 'us-equities-overnight', 'crypto', 'none'])
    .default('us-equities'),
  /**
   * What is taken out of the bars for features, labels and returns, point in time; orders are filled at prices as
   * traded.
   */
  adjust: z.enum(['raw', 'splits', 'splits-and-dividends']).default('splits-and-dividends'),
  /**
   * CSV file of splits and dividends, relative to the working directory; what was ingested before stays on record
   * without it.
   */
  actions: z.string().optional(),
  /** The actions are right even where a split does not show in the prices, which is refused otherwise. */
  trustActions: z.boolean().optional(),
  /** File or folder of the `csv` source, relative to the working directory. */
  path: z.string().optional(),
  /** Whose the bars of that file are where it does not say. */
  symbol: z.string().min(1).optional(),
  /** What that file does not say of itself, as the options of the command line of the same names. */
  columns: z.union([z.string(), z.strictObject(columns)]).optional(),
  timeFormat: z.string().optional(),
  delimiter: z.string().optional(),
  timezone: z.string().optional(),
  decimal: z.string().optional(),
  simulated: simulated.prefault({}),
  /** Quality findings of severity `error` allowed before training is refused. */
  maxQualityErrors: z.int().min(0).default(0),
  /** CSV file of symbols that were renamed or delisted, of the `csv` source: a series goes on under its last name. */
  changes: z.string().min(1).optional(),
  /** Bars that are full after as many trades, units or value, of a file of trades or of finer bars. */
  sample: z
    .strictObject({
      by: z.enum(['ticks', 'volume', 'dollars']),
      size: positive,
      of: z.enum(['trades', 'bars']).default('trades'),
    })
    .optional(),
});

const META_HINT =
  'meta-labels are learned on top of another kind: keep one of forward-return, triple-barrier and trend-scan, and add meta: { side: FEATURE }';

const labels = z.strictObject({
  kind: z
    .enum(['forward-return', 'triple-barrier', 'trend-scan'], {
      error: ({ input }) => (input === 'meta-label' ? META_HINT : undefined),
    })
    .default('forward-return'),
  horizonBars: count.default(1),
  /** Barriers in multiples of volatility (triple-barrier). */
  upper: positive.default(2),
  lower: positive.default(2),
  /** Bars over which that volatility is measured. */
  volatilityBars: count.default(20),
  weights: z.enum(['none', 'uniqueness', 'uniqueness-and-decay']).default('uniqueness'),
  /**
   * Meta-labels: the ensemble learns whether a primary model's side is right. `side` is a column of the experiment's
   * features whose sign is that side (above 0 long, below short, 0 or missing none). Rows without a side are not
   * learned from and get probability 0.5; everywhere else the model's probability, scores and signals are of up, as
   * without `meta`.
   */
  meta: z.strictObject({ side: z.string().min(1) }).optional(),
});

/** An ensemble has a handful of members; each costs a training per fold. */
const ESTIMATORS_MAX = 100;

/** `kind` selects the estimator; its own strict schema checks the rest when the experiment is resolved. */
const estimator = z.preprocess(
  asFileEstimator,
  z.looseObject({ name: z.string().regex(/^[a-z][a-z0-9-]*$/), kind: z.string() }),
);

const ensemble = z.strictObject({
  kind: z.enum(['weighted', 'stacked', 'regime']).default('weighted'),
  calibration: z.enum(['none', 'sigmoid', 'isotonic']).default('sigmoid'),
  /** Purged folds inside each training window on which weights and calibration are learned. */
  innerFolds: count.min(2).default(4),
});

const sizing = z
  .preprocess(
    (given) => (typeof given === 'string' && isOwnFile(given) ? { kind: 'file', file: given } : given),
    z.strictObject({
      kind: z
        .enum(['fraction-of-equity', 'volatility-target', 'kelly-capped', 'equal-weight', 'risk-per-trade', 'file'])
        .default('fraction-of-equity'),
      /** Share of equity in a position, the most of it for every other kind; above 1 only with `limits.margin`. */
      fraction: z.number().min(0).default(0.1),
      /** Annualised volatility that volatility-target aims at. */
      targetVolatility: positive.default(0.1),
      volatilityBars: count.default(20),
      /** Share of the full Kelly fraction taken. */
      kellyShare: fraction.default(0.5),
      /** What a bet that is won brings for each unit that a lost one costs; 1, even odds, where it is absent. */
      payoff: positive.optional(),
      /** Share of equity that risk-per-trade loses where the stop is filled at its price; 0.01 where it is absent. */
      riskFraction: z.number().positive().max(1).optional(),
      /** A user's sizer, with `kind: file`; `sizing: ./my-sizer.ts` is short for it. */
      ...ownFileKeys,
    }),
  )
  .transform(({ file, parameters, ...sizing }, context): typeof sizing & { own?: UsedOwnFile } => {
    if ((sizing.kind === 'file') !== (file !== undefined)) {
      const message = sizing.kind === 'file' ? 'names no file: add file: ./my-sizer.ts' : 'is for kind: file';
      context.addIssue({ code: 'custom', path: [file === undefined ? 'kind' : 'file'], message });
      return sizing;
    }
    const part = ownPartIn('sizer', { file, parameters }, context);
    return part === null ? sizing : { ...sizing, own: { code: part.code, parameters: part.parameters } };
  });

/**
 * Risk limits; fractions are of equity. `null` switches a limit off. Cash, lots, ticks and finite numbers are always
 * checked.
 */
export const riskLimitsSchema = z
  .strictObject({
    /** Largest absolute position in one symbol. */
    positionFraction: positive.default(0.1),
    dailyLossFraction: fraction.nullable().default(0.05),
    drawdownFraction: fraction.nullable().default(0.15),
    /** Largest notional of one order. */
    orderNotionalFraction: positive.nullable().default(0.25),
    /** Sum of absolute positions. */
    grossExposureFraction: positive.nullable().default(1),
    /** Sum of absolute positions in one sector. */
    sectorExposureFraction: positive.nullable().default(0.4),
    /** Orders in any 60 seconds of event time. */
    ordersPerMinute: count.nullable().default(120),
    /** Signals below this confidence are refused: |2p - 1| of the calibrated probability. */
    minimumConfidence: fraction.default(0),
    /** False: nothing is sold that is not held. */
    shortAllowed: z.boolean().default(true),
    ...furtherLimits,
  })
  .refine((limits) => limits.positionFraction <= buyingPower(limits), {
    message: 'at most 1 without credit: add margin: { initial: 0.5, maintenance: 0.25 }, which allows 1 / initial',
    path: ['positionFraction'],
  });

/** A distance from the entry's price: a share of it, multiples of the average true range, or money a unit. */
const distanceWith = (percent: z.ZodNumber) =>
  z.union([z.strictObject({ percent }), z.strictObject({ atr: positive }), z.strictObject({ price: positive })]);

/** A whole price away a stop lies at 0, where it protects nothing. */
const stopDistance = distanceWith(z.number().positive().lt(1));

const protection = z
  .strictObject({
    stopLoss: stopDistance.nullable().default(null),
    takeProfit: distanceWith(z.number().positive().max(1)).nullable().default(null),
    trailing: stopDistance.nullable().default(null),
    /** The trailing stop begins once the price has gone as far in favour of the position. Absent: at the entry. */
    trailingAfter: stopDistance.nullable().optional(),
  })
  .refine(({ trailing, trailingAfter = null }) => trailing !== null || trailingAfter === null, {
    path: ['trailingAfter'],
    message: 'says when a trailing stop begins, and there is none: give trailing too',
  });

const currency = z.string().regex(/^[A-Z][A-Z0-9]{2,9}$/, 'a currency or coin in capitals, such as USD');

/** Needed where symbols are quoted in several currencies. */
const currencies = z.strictObject({
  account: currency,
  /**
   * By currency the symbol of the universe whose close is the price of one unit of it in the account's currency;
   * inverse: of one unit of the account's in it.
   */
  rates: z.record(
    currency,
    z.union([z.string().min(1), z.strictObject({ symbol: z.string().min(1), inverse: z.boolean().optional() })], {
      error: 'must be a symbol, or { symbol: USDJPY, inverse: true }',
    }),
  ),
  /** What symbols are quoted in, where their source does not know. */
  symbols: z.record(z.string().min(1), currency).optional(),
});

const registry = z.strictObject({
  /**
   * Days after the last label it has seen during which a model may give signals; `tested`: as long as the splits tested
   * one, the longest time between the end of a fold's training and the end of its test.
   */
  expiresAfterDays: z.union([positive, z.literal('tested')]).default('tested'),
});

const monitoring = z.strictObject({
  /** Newest bars that are compared with the training rows. */
  windowBars: count.min(20).default(60),
  /** Bars with known labels that a challenger predicts beside the champion before it is offered to the gate. */
  shadowBars: count.default(20),
  /**
   * Chance of an alarm without cause: per look for drift of features, over a model's whole life for decay of scores.
   */
  falseAlarmRate: z.number().positive().max(0.2).default(0.01),
});

const NAME_RULE = 'letters, digits and dashes only';
/** The name as a file may hold it. */
export const experimentName = z.string().regex(/^[A-Za-z0-9-]+$/, NAME_RULE);

/**
 * The whole of an experiment file: strict, every key with its default. Units stand in `experiment.example.yaml` of the
 * contract.
 */
export const experimentSchema = z.strictObject({
  /** After a dot, which a file may not hold: the data that took the place of the experiment's own (`overFiles`). */
  name: z.string().regex(/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)?$/, NAME_RULE),
  description: z.string().default(''),
  universe: z.union([z.array(z.string().min(1)).nonempty(), z.string().min(1)]),
  data: data.prefault({}),
  features: featuresSchema,
  /** What `events(...)` among the features is made of. */
  events: eventsSchema.optional(),
  labels: labels.prefault({}),
  splits: splitsSchema.prefault({}),
  estimators: z
    .array(estimator)
    .nonempty()
    .max(ESTIMATORS_MAX)
    .default([{ name: 'forest', kind: 'random-forest' }]),
  ensemble: ensemble.prefault({}),
  signals: signalsSchema.prefault({}),
  sizing: sizing.prefault({}),
  limits: z.union([z.enum(['standard', 'unbounded']), riskLimitsSchema]).default('standard'),
  costs: costsSchema.prefault({}),
  /** Orders that rest for each position and end it by themselves; none where the key is absent. */
  protection: protection.optional(),
  /** How orders of signals are executed over time; at once where the key is absent. */
  execution: executionSchema.optional(),
  capital: positive.default(100_000),
  currencies: currencies.optional(),
  /** In place of features to signals: rules, or a user's own file, under the same data, sizing, limits and costs. */
  strategies: strategiesSchema.optional(),
  /** What the venue takes, by symbol, in place of what the source says. */
  instruments: instrumentsSchema.optional(),
  /** When strategies get cash back to their shares of the account; nothing is traded for it. Default: never. */
  rebalance: rebalanceSchema.optional(),
  registry: registry.prefault({}),
  monitoring: monitoring.prefault({}),
  /** What `signalbox optimize` tries; nothing else reads it. */
  search: searchSectionSchema.nullable().default(null),
  seed: z.int().default(7),
  /** What of the features members learn from; all of them where the key is absent. */
  reduction: reductionSchema.optional(),
  /** Features are chosen on the training rows of each window alone; without the key members learn from all. */
  selection: selectionSchema.optional(),
  /** Intervals for the return that follows a prediction; without the key they are made by default. */
  intervals: intervalsSchema.optional(),
});

export type RiskLimits = z.infer<typeof riskLimitsSchema>;
/** As it applies: files that `features` names are in it as they were when it was read. */
export type Experiment = z.infer<typeof experimentSchema> & { readonly featureFiles?: readonly CompiledOwnFile[] };

/** The named sets of limits that experiments and the command line may name. */
export const NAMED_LIMITS: Readonly<Record<'standard' | 'unbounded', RiskLimits>> = {
  standard: riskLimitsSchema.parse({}),
  unbounded: {
    positionFraction: 1,
    dailyLossFraction: null,
    drawdownFraction: null,
    orderNotionalFraction: null,
    grossExposureFraction: null,
    sectorExposureFraction: null,
    ordersPerMinute: null,
    minimumConfidence: 0,
    shortAllowed: true,
  },
};

/** The limits an experiment trades under. */
export function limitsOf(experiment: Pick<Experiment, 'limits'>): RiskLimits {
  return typeof experiment.limits === 'string' ? NAMED_LIMITS[experiment.limits] : experiment.limits;
}
