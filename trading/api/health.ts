import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { route, RouteAnswer, type Route } from '../../infra/http/route.ts';
import { countUsers } from '../../infra/auth/user-store.ts';
import { migrationStatus } from '../../infra/postgres/migrate.ts';
import type { Database } from '../../infra/postgres/database.ts';

/** A database that has not answered by then is not there. */
const ANSWER_MS_MAX = 2_000;

type Part = { readonly state: 'ok' | 'failed'; readonly words: string };

const partSchema = z.object({ state: z.enum(['ok', 'failed']), words: z.string() });
const healthSchema = z
  .object({ status: z.enum(['ok', 'failed']), parts: z.record(z.string(), partSchema) })
  .meta({ id: 'Health' });

/** What orchestrators ask: is it alive, does it do its work, has it started. Open, and says nothing of what is held. */
export function healthRoutes(database: Database): Route[] {
  const common = { method: 'GET', permission: 'open', tag: 'health', answers: { 200: healthSchema } } as const;
  return [
    route({
      ...common,
      path: '/health/live',
      summary: 'The process answers',
      handle: () => Promise.resolve({ status: 'ok', parts: {} }),
    }),
    route({
      ...common,
      path: '/health/ready',
      summary: 'What is asked can be answered: the database is there',
      handle: async () => answerOf({ database: await databasePart(database) }),
    }),
    route({
      ...common,
      path: '/health/startup',
      summary: 'All parts are there: database, migrations, somebody who may sign in',
      handle: async () => {
        const reached = await databasePart(database);
        if (reached.state === 'failed') return answerOf({ database: reached });
        const [migrations, users] = [await migrationsPart(database), await usersPart(database)];
        return answerOf({ database: reached, migrations, users });
      },
    }),
  ];
}

function answerOf(parts: Readonly<Record<string, Part>>): RouteAnswer {
  const isWhole = Object.values(parts).every(({ state }) => state === 'ok');
  return new RouteAnswer(isWhole ? 200 : 503, { status: isWhole ? 'ok' : 'failed', parts });
}

async function databasePart({ pool }: Pick<Database, 'pool'>): Promise<Part> {
  const asked = pool.query('SELECT 1').then(
    () => ({ state: 'ok', words: 'answers' }) as const,
    () => ({ state: 'failed', words: 'does not answer' }) as const,
  );
  const ended = new AbortController();
  const late = delay(ANSWER_MS_MAX, { state: 'failed', words: 'has not answered in time' } as const, {
    signal: ended.signal,
  }).catch(() => ({ state: 'failed', words: 'was not waited for' }) as const);
  try {
    return await Promise.race([asked, late]);
  } finally {
    ended.abort();
  }
}

async function migrationsPart({ pool }: Pick<Database, 'pool'>): Promise<Part> {
  const client = await pool.connect();
  try {
    const { pending, unknown } = await migrationStatus(client);
    if (pending.length + unknown.length === 0) return { state: 'ok', words: 'all applied' };
    return { state: 'failed', words: `${pending.length} pending, ${unknown.length} unknown to this version` };
  } finally {
    client.release();
  }
}

async function usersPart({ pool }: Pick<Database, 'pool'>): Promise<Part> {
  const users = await countUsers(pool);
  return users > 0 ? { state: 'ok', words: 'there are some' } : { state: 'failed', words: 'there is none' };
}
