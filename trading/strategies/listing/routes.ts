import { z } from 'zod';
import { route, type Route } from '../../../infra/http/route.ts';
import { strategiesOutput, strategyOutput } from './strategies-output.ts';

const reads = { method: 'GET', permission: 'research:read', tag: 'research' } as const;

/** They change with the program alone; a file of a user's own is seen that much later. */
const KEPT_MS = 5_000;

/** Rule strategies with their parameters. */
export function strategyRoutes(): Route[] {
  return [
    route({
      ...reads,
      keptMs: KEPT_MS,
      path: '/api/v1/strategies',
      summary: 'Every rule strategy with its parameters and defaults',
      answers: { 200: z.object({ strategies: z.unknown() }) },
      handle: async () => ({ strategies: strategiesOutput().value }),
    }),
    route({
      ...reads,
      path: '/api/v1/strategies/:strategy',
      summary: 'One rule strategy with the bounds of its parameters',
      // A name, never a file: what lies on the machine is not run for whoever asks.
      params: z.strictObject({ strategy: z.string().regex(/^[a-z][a-z0-9-]{0,99}$/, 'is no name of a strategy') }),
      answers: { 200: z.looseObject({}) },
      handle: async ({ params: { strategy } }) => strategyOutput(strategy).value,
    }),
  ];
}
