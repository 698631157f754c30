import { z } from 'zod';
import { route, type Route } from '../../infra/http/route.ts';
import { InputError } from '../../infra/errors.ts';
import { flagQuery } from '../../infra/http/page.ts';
import { compareCommand } from './compared-runs.ts';
import { reportRoutes } from './report-routes.ts';
import { rowsCommand } from './rows-command.ts';
import { requireAllRuns, runId, runParams } from './run-access.ts';
import { runOutput } from './run-output.ts';
import { runsOutput } from './runs-output.ts';
import { comparisonSchema, keptRunSchema, runsSchema } from '../../trading/results/run-schemas.ts';

const reads = { method: 'GET', permission: 'research:read', tag: 'research' } as const;

const ROWS = [
  ['trades', 'Round trips of a run or session'],
  ['equity', 'Equity of a run or session, mark by mark'],
  ['predictions', 'Predictions that a run or session traded'],
] as const;

const runsQuery = z.strictObject({
  all: flagQuery.meta({ description: 'sessions of backtests too' }),
  experiment: z.string().min(1).max(200).optional(),
  kind: z.string().min(1).max(50).optional().meta({ description: '`experiment`, `rules`, `walk-forward`, ...' }),
  verdict: z.string().min(1).max(50).optional().meta({ description: '`evidence`, `weak` or `none`' }),
  since: z.iso.date().optional().meta({ description: 'made on this day or later' }),
  until: z.iso.date().optional().meta({ description: 'made on this day or earlier' }),
  sessions: z
    .enum(['true', 'false'])
    .default('true')
    .transform((word) => word === 'true')
    .meta({ description: 'false: kept runs alone' }),
  limit: z.coerce.number().int().min(1).max(10_000).default(200),
});

/** Kept runs and sessions, and rows of them. */
export function runRoutes(): Route[] {
  return [
    ...ROWS.map(([what, summary]) =>
      route({
        ...reads,
        path: `/api/v1/${what}`,
        summary,
        query: z
          .strictObject({
            run: runId.optional().meta({ description: 'of this run, or `latest`: the default' }),
            session: z.string().min(1).max(300).optional(),
            limit: z.coerce.number().int().min(1).max(10_000).default(1_000).meta({ description: 'the last of them' }),
          })
          .refine(({ run, session }) => run === undefined || session === undefined, 'run and session are one too many'),
        answers: { 200: z.unknown() },
        handle: async ({ query: { limit, ...query }, context, identity }) => {
          requireAllRuns(identity!);
          return (await rowsCommand(context, what, { ...query, limit: String(limit) })).value;
        },
      }),
    ),
    route({
      ...reads,
      path: '/api/v1/runs',
      summary: 'Kept runs and sessions, the newest first',
      query: runsQuery,
      answers: { 200: runsSchema },
      handle: async ({ query: { limit, ...query }, context, identity }) => {
        requireAllRuns(identity!);
        return (await runsOutput(context, { ...query, limit: String(limit) })).value;
      },
    }),
    route({
      ...reads,
      path: '/api/v1/runs/compare',
      summary: 'Kept runs side by side: what differs of their settings and figures',
      query: z.strictObject({ ids: z.string().min(1).max(3_000).meta({ description: 'separated by commas' }) }),
      answers: { 200: comparisonSchema },
      handle: async ({ query: { ids }, context, identity }) => {
        requireAllRuns(identity!);
        const asked = ids.split(',').map((one) => runId.safeParse(one));
        if (!asked.every(({ success }) => success)) throw new InputError('ids: one of them is no id of a run.');
        return (await compareCommand(context, {}, ids.split(','))).value;
      },
    }),
    route({
      ...reads,
      path: '/api/v1/runs/:run',
      summary: 'A kept run whole, or a session; `latest` is the newest',
      params: runParams,
      answers: { 200: keptRunSchema.or(z.looseObject({})) },
      handle: async ({ params: { run }, context, identity }) => {
        requireAllRuns(identity!);
        return (await runOutput(context, run)).value;
      },
    }),
    ...reportRoutes(),
  ];
}
