import { z } from 'zod';
import { route, type Route } from '../infra/http/route.ts';
import { listModels, showModel } from './commands.ts';
import { experimentOutput, experimentsOutput } from './experiment/listing/experiments-output.ts';

const versionSchema = z
  .looseObject({
    name: z.string(),
    version: z.int(),
    aliases: z.array(z.string()),
    hash: z.string(),
    made: z.iso.datetime(),
    expires: z.iso.datetime().nullable(),
    expired: z.boolean(),
    evidence: z.unknown(),
  })
  .meta({ id: 'ModelVersion' });
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
      params: z.strictObject({ model: z.string().min(1).max(300) }),
      answers: { 200: versionSchema },
      handle: async ({ params: { model }, context }) => (await showModel(context, {}, model)).value,
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
