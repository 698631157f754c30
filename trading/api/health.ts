import { z } from 'zod';
import { countUsers } from '../../infra/auth/user-store.ts';
import { route, RouteAnswer, type Route } from '../../infra/http/route.ts';
import { healthDocument, type HealthDocument, type HealthParts } from '../../infra/metrics/health-parts.ts';
import { migrationStatus } from '../../infra/postgres/migrate.ts';
import type { Database } from '../../infra/postgres/database.ts';

const partSchema = z.object({ ok: z.boolean(), detail: z.string() });
const healthSchema: z.ZodType<HealthDocument> = z
  .object({ status: z.enum(['ok', 'failing']), parts: z.record(z.string(), partSchema) })
  .meta({ id: 'Health' });

const QUESTIONS = [
  ['live', 'The process answers'],
  ['ready', 'What is asked can be answered: the database is there'],
  ['startup', 'All that it needs to begin is there: database, migrations, somebody who may sign in'],
] as const;

/** What orchestrators ask: is it alive, does it do its work, has it started. Open, and says nothing of what is held. */
export function healthRoutes(health: HealthParts): Route[] {
  return QUESTIONS.map(([question, summary]) =>
    route({
      method: 'GET',
      path: `/health/${question}`,
      permission: 'open',
      summary,
      tag: 'health',
      answers: { 200: healthSchema },
      handle: async () => {
        const answer = await health.answer(question);
        return new RouteAnswer(answer.ok ? 200 : 503, healthDocument(answer));
      },
    }),
  );
}

/** Adds what the service rests on. Whoever asks is told that the database is away, and not how it is reached. */
export function watchService(health: HealthParts, { pool }: Pick<Database, 'pool'>): void {
  const database = async () => {
    const ok = await pool.query('SELECT 1').then(
      () => true,
      () => false,
    );
    return { ok, detail: ok ? 'it answers' : 'it does not answer' };
  };
  health.add('database', database);
  health.add('database', database, 'startup');
  health.add(
    'migrations',
    async () => {
      const status = await migrationsOf(pool).catch(() => null);
      if (status === null) return { ok: false, detail: 'they cannot be read' };
      const { pending, unknown } = status;
      if (pending.length + unknown.length === 0) return { ok: true, detail: 'all are applied' };
      return { ok: false, detail: `${pending.length} pending, ${unknown.length} unknown to this version` };
    },
    'startup',
  );
  health.add(
    'users',
    async () => {
      const users = await countUsers(pool).catch(() => null);
      if (users === null) return { ok: false, detail: 'they cannot be read' };
      return users > 0 ? { ok: true, detail: 'there are some' } : { ok: false, detail: 'there is none' };
    },
    'startup',
  );
}

async function migrationsOf(pool: Database['pool']): Promise<Awaited<ReturnType<typeof migrationStatus>>> {
  const client = await pool.connect();
  try {
    return await migrationStatus(client);
  } finally {
    client.release();
  }
}
