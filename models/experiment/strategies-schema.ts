import { z } from 'zod';
import { suggest } from '../../features/expressions/nearest-name.ts';
import { TIMEFRAMES } from '../../features/timeframe.ts';
import { ownExecutionSchema } from './execution/execution-schema.ts';
import { RULE_KINDS, RULE_PARAMETERS, type RuleKind } from './rule-parameters.ts';

/** What a strategy may hold at most, as fractions of what its part of the account is worth. */
const limits = z.strictObject({
  /** Of one symbol. */
  positionFraction: z.number().positive().max(1).default(1),
  /** Sum of absolute positions: above 1 it would spend what others have. */
  exposureFraction: z.number().positive().max(1).default(1),
});

const strategy = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
  /** A rule strategy that is shipped, or `ensemble`, the experiment's model; or `file`, one of the user's own. */
  kind: z.string().optional(),
  /** TypeScript file, relative to the working directory. */
  file: z.string().min(1).optional(),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).default({}),
  /** Symbols of the universe that it trades; all of them where the key is absent. */
  symbols: z.array(z.string().min(1)).nonempty().optional(),
  /** Share of the capital; what no strategy has stays cash. */
  allocation: z.number().positive().max(1).default(1),
  /** Longer bars than those of the data, made of them. */
  timeframe: z.enum(TIMEFRAMES as [string, ...string[]]).optional(),
  limits: limits.optional(),
  /** How orders of its signals are executed, in place of the experiment's `execution`; `{}` sends them at once. */
  execution: ownExecutionSchema.optional(),
});

type StrategyEntry = z.infer<typeof strategy>;

/** Rounding that a sum of decimal fractions may have. */
const ROUNDING = 1e-9;

/** When the strategies get cash back to their shares of the account. Default: never. */
export const rebalanceSchema = z.enum(['never', 'daily', 'weekly', 'monthly']);

/** Rules and own code that an experiment trades in place of, or beside, what `features` to `signals` describe. */
export const strategiesSchema = z
  .array(strategy)
  .nonempty()
  .max(100)
  .superRefine((entries, context) => {
    entries.forEach((entry, at) => {
      for (const { path, message } of mistakesOf(entry, entries.length === 1))
        context.addIssue({ code: 'custom', path: [at, ...path], message });
    });
    for (const { path, message } of mistakesTogether(entries))
      context.addIssue({ code: 'custom', path: [...path], message });
  });

/** Whether a model is learned: by itself, or as one of several strategies. Rules and own files alone learn nothing. */
export function learns({ strategies }: { readonly strategies?: readonly StrategyEntry[] | undefined }): boolean {
  return strategies?.some(({ kind }) => kind === 'ensemble') ?? true;
}

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** What is wrong with several strategies on one account. */
function mistakesTogether(entries: readonly StrategyEntry[]): Mistake[] {
  const found: Mistake[] = [];
  entries.forEach(({ name, kind }, at) => {
    const first = entries.findIndex((other) => other.name === name);
    if (first < at) found.push({ path: [at, 'name'], message: `strategies[${first}] has this name already` });
    if (kind === 'ensemble' && entries.findIndex((other) => other.kind === kind) < at) {
      found.push({ path: [at, 'kind'], message: 'an experiment has one ensemble' });
    }
  });
  const sum = entries.reduce((all, { allocation }) => all + allocation, 0);
  if (sum <= 1 + ROUNDING) return found;
  const path = [entries.length - 1, 'allocation'];
  return [...found, { path, message: `allocations add up to ${Number(sum.toFixed(9))}, and to 1 at most` }];
}

/** @param alone it is the only strategy of the account */
function mistakesOf({ kind, file, parameters }: StrategyEntry, alone: boolean): Mistake[] {
  if ((kind === undefined) === (file === undefined)) {
    return [{ path: ['kind'], message: `give either kind or file; kinds: ${RULE_KINDS.join(', ')}, ensemble` }];
  }
  if (kind === undefined) return [];
  if (kind === 'ensemble') {
    if (alone) {
      return [{ path: ['kind'], message: 'an experiment without strategies trades its ensemble: leave it out' }];
    }
    const [given] = Object.keys(parameters);
    if (given === undefined) return [];
    return [{ path: ['parameters', given], message: 'an ensemble is what features to signals say: it has none' }];
  }
  if (!RULE_KINDS.some((known) => known === kind)) {
    return [{ path: ['kind'], message: `unknown strategy "${kind}". ${suggest(kind, [...RULE_KINDS, 'ensemble'])}` }];
  }
  const parsed = RULE_PARAMETERS[kind as RuleKind].safeParse(parameters);
  if (parsed.success) return [];
  return parsed.error.issues.map(({ path, message }) => ({ path: ['parameters', ...path], message }));
}
