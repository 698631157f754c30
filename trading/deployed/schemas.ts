import { z } from 'zod';
import { RULE_KINDS } from '../../models/experiment/rule-parameters.ts';
import { accountsSchema, sessionSchema } from '../sessions/routes/schemas.ts';
import { STRATEGY_STATES } from './strategy-state.ts';
import { DESIRED_STATES } from './strategy-store.ts';

const time = z.iso.datetime();

export const strategyParams = z.strictObject({
  // A name, never a file: what lies on the machine is not run for whoever asks.
  strategy: z.string().regex(/^[a-z][a-z0-9-]{0,99}$/, 'is no name of a strategy'),
});
export const versionParams = strategyParams.extend({ version: z.coerce.number().int().min(1).max(1_000_000) });

const strategyName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,59}$/, 'must be lower-case letters, digits and dashes, 60 at most')
  .refine((name) => ![...RULE_KINDS, 'ensemble'].includes(name), 'is the name of a rule: take another');

const settings = {
  broker: z.enum(['simulated', 'alpaca']).default('simulated').meta({
    description: 'where orders go: filled by us, or the paper account whose keys the service holds; never real money',
  }),
  feed: z.enum(['replay', 'live']).default('replay').meta({
    description: 'with the simulated broker: its bars again, or what comes; at a venue always what comes',
  }),
  speed: z.number().positive().max(1e9).nullable().default(null).meta({
    description: 'event time over wall time of a replay; null for as fast as it can',
  }),
  foreign: z.enum(['refuse', 'adopt']).default('refuse').meta({
    description: 'positions and orders at the venue that are not of its session: refuse them, or book them as external',
  }),
};
const yaml = z.string().min(1).max(200_000).meta({ description: 'the experiment, as its file would be' });
const reason = z.string().max(1_000).default('').meta({ description: 'why: recorded in the audit' });
const EXAMPLE = 'name: trend\nuniverse: [SPX]\nstrategies:\n  - { name: trend, kind: sma-cross }\n';

export const newStrategySchema = z.strictObject({ name: strategyName, yaml, ...settings, reason }).meta({
  id: 'NewStrategy',
  examples: [{ name: 'trend-on-paper', yaml: EXAMPLE, broker: 'simulated', feed: 'replay', speed: 86_400 }],
});
export const changedStrategySchema = z
  .strictObject({
    version: z.int().min(1).meta({ description: 'the one that was changed: refused (412) where it is not the newest' }),
    yaml,
    ...settings,
    reason,
  })
  .meta({ id: 'ChangedStrategy', examples: [{ version: 1, yaml: EXAMPLE, reason: 'slower' }] });
export const actionSchema = z
  .strictObject({
    reason,
    consent: z.string().max(400).optional().meta({ description: '`resume ID`, after an emergency stop' }),
  })
  .meta({ id: 'StrategyAction', examples: [{ reason: 'the market is closed tomorrow' }] });

const settingsSchema = z.object({
  broker: z.enum(['simulated', 'alpaca']),
  feed: z.enum(['replay', 'live']),
  speed: z.number().nullable(),
  foreign: z.enum(['refuse', 'adopt']),
});
export const strategySchema = z
  .object({
    name: z.string(),
    version: z.int().meta({ description: 'the newest' }),
    settings: settingsSchema,
    desired: z.enum(DESIRED_STATES),
    state: z.enum(STRATEGY_STATES),
    words: z.string().nullable().meta({ description: 'what it is about, or why it failed' }),
    askedAt: time,
    askedBy: z.string(),
    session: z.string().nullable().meta({ description: 'of its last run' }),
    sessionVersion: z.int().nullable().meta({ description: 'the version which that trades' }),
    isBehind: z.boolean().meta({ description: 'it runs an older version: restart takes up the newest' }),
    capital: z.number().nullable(),
    equity: z.number().nullable(),
    profit: z.number().nullable().meta({ description: 'equity less capital' }),
    lastClose: time.nullable(),
  })
  .meta({ id: 'Strategy' });
export const wholeStrategySchema = strategySchema.extend({ yaml: z.string() }).meta({ id: 'WholeStrategy' });
export const versionSchema = z
  .object({
    version: z.int(),
    settings: settingsSchema,
    madeAt: time,
    madeBy: z.string(),
    reason: z.string(),
  })
  .meta({ id: 'StrategyVersion' });
export const wholeVersionSchema = versionSchema.extend({ yaml: z.string() }).meta({ id: 'WholeStrategyVersion' });
export const performanceSchema = z
  .object({
    strategy: z.string(),
    session: sessionSchema,
    account: accountsSchema.shape.accounts.element,
    points: z
      .array(z.object({ minute: time, equity: z.number(), realised: z.number(), fees: z.number() }))
      .meta({ description: 'the account over time, at most one point a minute of the market, the newest of them' }),
  })
  .meta({ id: 'StrategyPerformance' });
