import { z } from 'zod';
import { route, type Route } from '../infra/http/route.ts';
import { pageQuery } from '../infra/http/page.ts';
import { listModels, showModel } from './commands.ts';
import { mistakesOf } from './experiment/sent/sent-experiment.ts';
import { experimentJsonSchema } from './experiment/described/json-schema.ts';
import { experimentOutput, experimentsOutput } from './experiment/listing/experiments-output.ts';
import { cardSchema, predictionsSchema, versionSchema, watchedSchema } from './model-schemas.ts';
import { livePredictionsOutput, watchedOutput } from './monitoring/watched-output.ts';

const modelParams = z.strictObject({ model: z.string().min(1).max(300) });
const checkedSchema = z.strictObject({ yaml: z.string().max(200_000) }).meta({
  id: 'ExperimentText',
  examples: [{ yaml: 'name: trend\nuniverse: [SPX]\nstrategies:\n  - { name: trend, kind: sma-cross }\n' }],
});
const checkSchema = z
  .object({
    valid: z.boolean(),
    mistakes: z.array(z.object({ line: z.int().nullable(), key: z.string(), message: z.string() })),
  })
  .meta({ id: 'ExperimentCheck' });
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
    ...experimentRoutes(),
  ];
}

function experimentRoutes(): Route[] {
  return [
    route({
      ...reads,
      path: '/api/v1/experiments',
      summary: 'Experiments that come along, and those of the folder of the service',
      answers: { 200: z.object({ experiments: z.unknown() }) },
      handle: async () => ({ experiments: experimentsOutput().value }),
    }),
    route({
      ...reads,
      path: '/api/v1/experiments/schema',
      summary: 'The JSON schema of an experiment, with units, defaults and words of every key',
      answers: { 200: z.looseObject({ $schema: z.string() }) },
      handle: async () => experimentJsonSchema(),
    }),
    route({
      method: 'POST',
      path: '/api/v1/experiments/check',
      permission: 'research:read',
      summary: 'Check an experiment as YAML, without keeping it: every mistake with its line and key',
      tag: 'research',
      body: checkedSchema,
      answers: { 200: checkSchema },
      handle: async ({ body: { yaml }, context }) => {
        const mistakes = await mistakesOf(yaml, context.config);
        return { valid: mistakes.length === 0, mistakes };
      },
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
