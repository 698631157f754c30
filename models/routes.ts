import { z } from 'zod';
import { route, type Route } from '../infra/http/route.ts';
import { pageQuery } from '../infra/http/page.ts';
import { listModels, showModel } from './commands.ts';
import { experimentOutput, experimentsOutput } from './experiment/listing/experiments-output.ts';
import { cardSchema, predictionsSchema, versionSchema, watchedSchema } from './model-schemas.ts';
import { livePredictionsOutput, watchedOutput } from './monitoring/watched-output.ts';

const modelParams = z.strictObject({ model: z.string().min(1).max(300) });
const reads = { method: 'GET', permission: 'research:read', tag: 'research' } as const;

/** The registry, and what experiments there are. */
export function modelRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/models',
      summary: 'All versions of the registry with their aliases',
      answers: { 200: z.object({ models: z.array(versionSchema) }) },
      handle: async ({ context }) => ({ models: (await listModels(context)).value }),
    }),
    route({
      ...reads,
      path: '/api/v1/models/:model',
      summary: 'One version with its card: NAME, NAME@champion or NAME@3',
      params: modelParams,
      answers: { 200: cardSchema },
      handle: async ({ params: { model }, context }) => (await showModel(context, {}, model)).value,
    }),
    route({
      ...reads,
      path: '/api/v1/models/:model/monitoring',
      summary: 'How a version does after its training: looks at drift, scores and calibration, the newest first',
      params: modelParams,
      query: z.strictObject({ looks: z.coerce.number().int().min(1).max(1_000).default(200) }),
      answers: { 200: watchedSchema },
      handle: ({ params: { model }, query: { looks }, context }) => watchedOutput(context, model, looks),
    }),
    route({
      ...reads,
      path: '/api/v1/models/:model/predictions',
      summary: 'What a version has said of bars after its training, the newest first, with what came of it',
      params: modelParams,
      query: z.strictObject({ ...pageQuery, symbol: z.string().min(1).max(100).optional() }),
      answers: { 200: predictionsSchema },
      handle: ({ params: { model }, query, context }) => livePredictionsOutput(context, model, query),
    }),
    route({
      ...reads,
      path: '/api/v1/experiments',
      summary: 'Experiments that come along, and those of the folder of the service',
      answers: { 200: z.object({ experiments: z.unknown() }) },
      handle: async () => ({ experiments: experimentsOutput().value }),
    }),
    route({
      ...reads,
      path: '/api/v1/experiments/:experiment',
      summary: 'Every key of an experiment, with its default where the file has none',
      // A name, never a path: what else lies on the machine is nobody's business.
      params: z.strictObject({ experiment: z.string().regex(/^[\w][\w-]{0,99}$/, 'is no name of an experiment') }),
      answers: { 200: z.looseObject({}) },
      handle: async ({ params: { experiment } }) => experimentOutput(experiment).value,
    }),
  ];
}
