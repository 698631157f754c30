import { z } from 'zod';
import { suggest } from '../../features/expressions/nearest-name.ts';
import { RULE_KINDS, RULE_PARAMETERS, type RuleKind } from './rule-parameters.ts';

const strategy = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
  /** A rule strategy that is shipped; or `file`, one of the user's own. */
  kind: z.string().optional(),
  /** TypeScript file, relative to the working directory. */
  file: z.string().min(1).optional(),
  parameters: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])).default({}),
  /** Symbols of the universe that it trades; all of them where the key is absent. */
  symbols: z.array(z.string().min(1)).nonempty().optional(),
  /** Share of the capital. */
  allocation: z.number().positive().max(1).default(1),
});

type StrategyEntry = z.infer<typeof strategy>;

/** Rules and own code that an experiment trades in place of what `features` to `signals` describe. */
export const strategiesSchema = z
  .array(strategy)
  .nonempty()
  .max(1, {
    error: 'an account trades one strategy: keep one entry, and give each other one an experiment of its own',
  })
  .superRefine((entries, context) => {
    entries.forEach((entry, at) => {
      for (const { path, message } of mistakesOf(entry))
        context.addIssue({ code: 'custom', path: [at, ...path], message });
    });
  });

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function mistakesOf({ kind, file, parameters, allocation }: StrategyEntry): Mistake[] {
  const found: Mistake[] = [];
  if (allocation !== 1) found.push({ path: ['allocation'], message: 'must be 1 where one strategy has the account' });
  if ((kind === undefined) === (file === undefined)) {
    return [...found, { path: ['kind'], message: `give either kind or file; kinds: ${RULE_KINDS.join(', ')}` }];
  }
  if (kind === undefined) return found;
  if (kind === 'ensemble') {
    return [
      ...found,
      { path: ['kind'], message: 'an experiment without strategies trades its ensemble: leave it out' },
    ];
  }
  if (!RULE_KINDS.some((known) => known === kind)) {
    return [...found, { path: ['kind'], message: `unknown strategy "${kind}". ${suggest(kind, RULE_KINDS)}` }];
  }
  const parsed = RULE_PARAMETERS[kind as RuleKind].safeParse(parameters);
  if (parsed.success) return found;
  const wrong = parsed.error.issues.map(({ path, message }) => ({ path: ['parameters', ...path], message }));
  return [...found, ...wrong];
}
