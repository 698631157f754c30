import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { boardsSchema } from '../../infra/grafana/routes.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

// What a generator of requests found not to be as the document describes it: one of each kind.
let database: TestDatabase;
let service: ServiceUnderTest;
let token: string;
let document: Document;

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: unknown }[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  await service.service.app.listen({ host: '127.0.0.1', port: 0 });
  token = await service.token('admin', 'admin');
  document = (await service.ask('GET', '/api/openapi.json')).json();
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

/** Asks over a connection, by any method. */
async function overNetwork(method: string, path: string) {
  const { port } = service.service.app.server.address() as AddressInfo;
  const asked = request({ host: '127.0.0.1', port, method, path, headers: { authorization: `Bearer ${token}` } });
  return new Promise<{ status: number; type: string; allow: string | undefined; body: string }>((resolve, reject) => {
    asked.on('error', reject);
    asked.on('response', (response) => {
      const { statusCode = 0, headers } = response;
      const told = { status: statusCode, type: String(headers['content-type']), allow: headers.allow };
      text(response).then((body) => resolve({ ...told, body }), reject);
    });
    asked.end();
  });
}

describe('the document', () => {
  it('has a schema for every parameter, and no word for a flag but those that are taken', () => {
    const parameters = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap(({ parameters: all = [] }) => all),
    );
    expect(parameters.length).toBeGreaterThan(100);
    for (const one of parameters) {
      expect(z.looseObject({}).safeParse(one.schema).success, JSON.stringify(one)).toBe(true);
    }
    const flags = parameters.filter(({ name }) => ['last', 'download', 'all', 'open'].includes(name));
    expect(flags.length).toBeGreaterThan(5);
    for (const { schema } of flags) expect(schema).toMatchObject({ enum: ['true', 'false'] });
  });

  it('lets whatever an identity provider sends back fit into the head of a request', () => {
    const { parameters = [] } = document.paths['/api/v1/auth/provider/callback']!['get']!;
    const longest = parameters.map(({ schema }) => (schema as { maxLength: number }).maxLength);
    // Three bytes for a character that is quoted, and room for headers.
    expect(3 * longest.reduce((sum, one) => sum + one, 0)).toBeLessThan(15_000);
    expect(parameters.map(({ name }) => name)).toEqual(['code', 'state', 'iss', 'error']);
  });

  it('says of a body that may be left out that it may, and of others that they may not', () => {
    const needed = (path: string): boolean | undefined => document.paths[path]!['post']!.requestBody!.required;
    expect(needed('/api/v1/actions/halt')).toBe(false);
    expect(needed('/api/v1/strategies/{strategy}/start')).toBe(false);
    expect(needed('/api/v1/orders')).toBe(true);
  });

  it('names the type of an answer that is no JSON', () => {
    const { content } = document.paths['/api/v1/reports/{run}']!['get']!.responses['200']!;
    expect(Object.keys(content!)).toEqual(['text/html']);
  });

  it('describes all of a board', async () => {
    const answer = await service.ask('GET', '/api/v1/boards', { token });
    const boards = answer.json<unknown>();
    // Keys that are not described are left out of what is read.
    expect(boards).toEqual(boardsSchema.parse(boards));
  });
});

describe('what is not as described', () => {
  it('is refused by a problem where its head is too long', async () => {
    const { status, type, body } = await overNetwork('GET', `/api/v1/runs/compare?ids=${'x'.repeat(20_000)}`);
    expect([status, type]).toEqual([431, 'application/problem+json']);
    expect(JSON.parse(body)).toMatchObject({ status: 431, code: 'long-head' });
  });

  it('has no other method, whatever its content', async () => {
    expect(await overNetwork('QUERY', '/health/live')).toMatchObject({ status: 405, allow: 'GET, HEAD' });
    expect(await overNetwork('OPTIONS', '/api/v1/experiments/check')).toMatchObject({ status: 405, allow: 'POST' });
  });

  it('is refused in words where a text cannot be kept', async () => {
    const alert = { status: 'firing', startsAt: '', fingerprint: 'a' };
    const refused = { status: 422, code: 'bad-text' };
    for (const labels of [{ alertname: 'a\0b' }, { a: 'b\0' }, { 'a\0': 'b' }, { a: '\ud800' }]) {
      const body = { alerts: [{ ...alert, labels }] };
      const answer = await service.ask('POST', '/api/v1/alerts/prometheus', { token, body });
      expect(answer.json(), JSON.stringify(labels)).toMatchObject(refused);
    }
    expect((await service.ask('GET', '/api/v1/alerts', { token })).json()).toMatchObject({ alerts: [] });
  });

  it('is refused by its words where a key would change what an object is', async () => {
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{"alerts":[],"__proto__":{}}', '{"alerts":[]']) {
      const answer = await service.ask('POST', '/api/v1/alerts/prometheus', { token, headers, body: body as never });
      expect(answer.json()).toMatchObject({
        status: 400,
        code: 'bad-json',
        detail: expect.stringContaining('__proto__') as string,
      });
    }
  });

  it('is taken once where a message tells it a thousand times, and the last counts', async () => {
    const labels = { alertname: 'Repeated' };
    const alert = { status: 'firing', labels, startsAt: '', fingerprint: 'again' };
    const alerts = [...Array.from({ length: 999 }, () => alert), { ...alert, labels: { ...labels, place: 'last' } }];
    const answer = await service.ask('POST', '/api/v1/alerts/prometheus', { token, body: { alerts } });
    expect(answer.json()).toEqual({ taken: 1_000 });
    const listed = await service.ask('GET', '/api/v1/alerts', { token });
    expect(listed.json()).toMatchObject({ alerts: [{ times: 1, details: { place: 'last' } }] });
  });
});
