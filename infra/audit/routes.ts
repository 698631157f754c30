import { z } from 'zod';
import { maySee } from '../auth/identity.ts';
import { cursorOf, asked, nextSchema, pageQuery } from '../http/page.ts';
import { HttpProblem } from '../http/problem.ts';
import { route, type Route } from '../http/route.ts';
import { listCommand, verifyCommand } from './command-actions.ts';

const entrySchema = z
  .object({
    position: z.int(),
    at: z.iso.datetime(),
    actorKind: z.enum(['operator', 'strategy', 'system']),
    actor: z.string(),
    action: z.string(),
    sessionId: z.string().nullable(),
    reason: z.string(),
    details: z.unknown(),
    previous: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEntry' });

/** Who did what, why and when. */
export function auditRoutes(): Route[] {
  const common = { method: 'GET', permission: 'audit:read', tag: 'audit' } as const;
  return [
    route({
      ...common,
      path: '/api/v1/audit',
      summary: 'Entries of the audit, the newest first',
      query: z.strictObject({
        ...pageQuery,
        session: z.string().min(1).max(300).optional(),
        action: z.string().min(1).max(100).optional(),
      }),
      answers: { 200: z.object({ entries: z.array(entrySchema), next: nextSchema }) },
      handle: async ({ query: { session, action, ...page }, context, identity }) => {
        if (identity!.sessions !== null && (session === undefined || !maySee(identity!, session))) {
          throw new HttpProblem(403, 'not-allowed', 'You may see sessions of your own: name one.');
        }
        const { value } = await listCommand(context, { session, action, ...asked(page) });
        const { entries, next } = value as { entries: unknown; next: number | null };
        return { entries, next: cursorOf(next) };
      },
    }),
    route({
      ...common,
      path: '/api/v1/audit/verify',
      summary: 'Walk the chain of entries: each as it was written, none missing',
      answers: { 200: z.looseObject({ intact: z.boolean(), entries: z.int() }) },
      handle: async ({ context }) => (await verifyCommand(context, {})).value,
    }),
  ];
}
