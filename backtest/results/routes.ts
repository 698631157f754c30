import { z } from 'zod';
import { route, type Route } from '../../infra/http/route.ts';
import { InputError } from '../../infra/errors.ts';
import type { Identity } from '../../infra/auth/identity.ts';
import { flagQuery } from '../../infra/http/page.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { compareCommand } from './compared-runs.ts';
import { rowsCommand } from './rows-command.ts';
import { runOutput } from './run-output.ts';
import { runsOutput } from './runs-output.ts';

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
  })
  .meta({ id: 'Run' });
const reads = { method: 'GET', permission: 'research:read', tag: 'research' } as const;
const id = z.string().regex(/^[^/\\]{1,300}$/, 'is no id of a run');

const ROWS = [
  ['trades', 'Round trips of a run or session'],
  ['equity', 'Equity of a run or session, mark by mark'],
  ['predictions', 'Predictions that a run or session traded'],
] as const;

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
            run: id.optional().meta({ description: 'of this run, or `latest`: the default' }),
            session: z.string().min(1).max(300).optional(),
            limit: z.coerce.number().int().min(1).max(10_000).default(1_000).meta({ description: 'the last of them' }),
          })
          .refine(({ run, session }) => run === undefined || session === undefined, 'run and session are one too many'),
        answers: { 200: z.unknown() },
        handle: async ({ query: { limit, ...query }, context, identity }) => {
          requireAll(identity!);
          return (await rowsCommand(context, what, { ...query, limit: String(limit) })).value;
        },
      }),
    ),
    route({
      ...reads,
      path: '/api/v1/runs',
      summary: 'Kept runs and sessions, the newest first',
      query: z.strictObject({
        all: flagQuery.meta({ description: 'sessions of backtests too' }),
        experiment: z.string().min(1).max(200).optional(),
        limit: z.coerce.number().int().min(1).max(10_000).default(200),
      }),
      answers: { 200: z.object({ runs: z.array(runSchema), more: z.int(), unread: z.array(z.string()) }) },
      handle: async ({ query: { limit, ...query }, context, identity }) => {
        requireAll(identity!);
        return (await runsOutput(context, { ...query, limit: String(limit) })).value;
      },
    }),
    route({
      ...reads,
      path: '/api/v1/runs/compare',
      summary: 'Kept runs side by side: what differs of their settings and figures',
      query: z.strictObject({ ids: z.string().min(1).max(3_000).meta({ description: 'separated by commas' }) }),
      answers: { 200: z.unknown() },
      handle: async ({ query: { ids }, context, identity }) => {
        requireAll(identity!);
        const asked = ids.split(',').map((one) => id.safeParse(one));
        if (!asked.every(({ success }) => success)) throw new InputError('ids: one of them is no id of a run.');
        return (await compareCommand(context, {}, ids.split(','))).value;
      },
    }),
    route({
      ...reads,
      path: '/api/v1/runs/:run',
      summary: 'A kept run whole, or a session; `latest` is the newest',
      params: z.strictObject({ run: id }),
      answers: { 200: z.looseObject({}) },
      handle: async ({ params: { run }, context, identity }) => {
        requireAll(identity!);
        return (await runOutput(context, run)).value;
      },
    }),
  ];
}

/** Runs are of no session: whoever is bound to sessions sees none. @throws HttpProblem */
function requireAll({ sessions }: Pick<Identity, 'sessions'>): void {
  if (sessions === null) return;
  throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own, and no runs.');
}
