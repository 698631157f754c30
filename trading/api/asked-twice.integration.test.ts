import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InputError } from '../../infra/errors.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import { route } from '../../infra/http/route.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
let token: string;
let done = 0;
/** What the next request meets after it has done its work, or before. */
let meets: Error | null = null;

const counting = route({
  method: 'POST',
  path: '/api/v1/counted',
  permission: 'self',
  summary: 'Counts',
  tag: 'test',
  answers: { 200: z.object({ done: z.int() }) },
  handle: async () => {
    done += 1;
    if (meets !== null) throw meets;
    return { done };
  },
});

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, () => [counting]);
  token = await service.token('counter', 'viewer');
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

const ask = async (key: string): Promise<[number, unknown]> => {
  const answer = await service.ask('POST', '/api/v1/counted', { token, headers: { 'idempotency-key': key } });
  const { code, done: counted } = answer.json() as { code?: string; done?: number };
  return [answer.statusCode, code ?? counted];
};

describe('a request that is made twice by one key', () => {
  it('is done once, and answered twice', async () => {
    [done, meets] = [0, null];
    expect([await ask('whole'), await ask('whole'), done]).toEqual([[200, 1], [200, 1], 1]);
  });

  it.each([
    ['was not foreseen', new Error('cut off'), 500],
    ['is an outage', new HttpProblem(503, 'not-available', 'the database is away'), 503],
  ])('is not done again after a failure that %s: it may have been done', async (_what, error, status) => {
    const key = `failed-${status}`;
    [done, meets] = [0, error];
    expect((await ask(key))[0]).toBe(status);
    meets = null;
    expect([await ask(key), done]).toEqual([[409, 'under-way'], 1]);
  });

  it('is asked anew after a refusal, once its reason is gone', async () => {
    [done, meets] = [0, new InputError('Too much.', 'Ask for less.')];
    expect(await ask('refused')).toEqual([422, 'bad-input']);
    meets = null;
    expect([await ask('refused'), done]).toEqual([[200, 2], 2]);
  });
});
