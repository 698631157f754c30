import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { programVersion } from '../../infra/program-version.ts';

/** Describes every route that is added after this: `/api/openapi.json`, and for people `/api/docs`. */
export async function documentRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Signalbox',
        version: programVersion(),
        description: 'Everything that the commands do, over HTTP. Errors are application/problem+json.',
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'signalbox_token' },
        },
      },
      security: [{ token: [] }, { cookie: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (made) => withOptionalBodies(jsonSchemaTransformObject(made)),
  });
  app.get('/api/openapi.json', { config: { permission: 'open' }, schema: { hide: true } }, () => app.swagger());
  await app.register(swaggerUi, { routePrefix: '/api/docs', staticCSP: true, theme: { title: 'Signalbox' } });
}

interface Operation {
  readonly requestBody?: { required?: boolean; readonly content?: Readonly<Record<string, { schema?: BodySchema }>> };
}
interface BodySchema {
  readonly anyOf?: readonly { readonly type?: string }[];
}

/** A body that may be null may be left out as well: of every body the document would say that it is needed. */
function withOptionalBodies<Made extends { readonly paths?: object }>(made: Made): Made {
  const operations = Object.values(made.paths ?? {}).flatMap((path: object) => Object.values(path) as Operation[]);
  for (const { requestBody } of operations) {
    const { anyOf = [] } = requestBody?.content?.['application/json']?.schema ?? {};
    if (anyOf.some(({ type }) => type === 'null')) requestBody!.required = false;
  }
  return made;
}
