import { z } from 'zod';
import { actorOf } from '../../auth/identity.ts';
import { route, type Route } from '../../http/route.ts';
import { LOG_LEVELS } from '../log-levels.ts';
import { setLevel, showLevels, UNSET } from './level-actions.ts';

const levelsSchema = z
  .object({
    levels: z.array(
      z.object({
        module: z.string(),
        process: z.string(),
        level: z.enum(LOG_LEVELS),
        actor: z.string(),
        setAt: z.iso.datetime(),
      }),
    ),
    modules: z.array(z.string()).meta({ description: 'names that a level can be set for' }),
  })
  .meta({ id: 'LogLevels' });

/** Levels of the log, of every process. */
export function logRoutes(): Route[] {
  const common = { path: '/api/v1/logs/levels', permission: 'logs:manage', tag: 'logs' } as const;
  return [
    route({
      ...common,
      method: 'GET',
      summary: 'Levels of log lines that were set while processes run',
      answers: { 200: levelsSchema },
      handle: async ({ context }) => (await showLevels(await context.database())).value,
    }),
    route({
      ...common,
      method: 'PUT',
      summary: 'Set the level of a module, in processes that run and in those that begin later',
      body: z.strictObject({
        module: z.string().min(1).max(100),
        level: z.enum([...LOG_LEVELS, UNSET]).meta({ description: '`unset`: as each process was started' }),
        process: z.string().min(1).max(310).default('*').meta({
          description: '`service`, `worker`, `session`, `session:ID`, or `*` for all',
        }),
        reason: z.string().max(1_000).default('').meta({ description: 'why: recorded in the audit' }),
      }),
      answers: { 200: levelsSchema },
      handle: async ({ body, context, identity }) =>
        (await setLevel(await context.database(), { ...body, actor: actorOf(identity!) })).value,
    }),
  ];
}
