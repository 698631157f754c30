import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import { raiseAlert } from '../../infra/alerts/alert-store.ts';
import { appendAudit } from '../../infra/audit/audit-store.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { permissionsOf, ROLES, type Role } from '../../infra/auth/roles.ts';
import { systemClock } from '../../infra/clock.ts';
import type { Route } from '../../infra/http/route.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceAccess, serviceRoutes } from '../../service.ts';
import type { Access } from './access-table.ts';
import { routesOfService } from './service.ts';
import { paperSession, ServiceUnderTest } from './testing/service-under-test.ts';

let database: TestDatabase;
let service: ServiceUnderTest;
const tokens = {} as Record<Role, string>;
const bound = {} as Record<Role, string>;
const OWN = 'own-session';
const FOREIGN = 'foreign-session';

beforeAll(async () => {
  database = await createTestDatabase();
  await paperSession(database, OWN, 120);
  await paperSession(database, FOREIGN, 120);
  const alert = {
    key: `${FOREIGN}/halt`,
    type: 'halt',
    severity: 'critical',
    sessionId: FOREIGN,
    words: FOREIGN,
  } as const;
  await raiseAlert(database.pool, alert, { atMs: systemClock(), channels: [] });
  const note = { actor: SYSTEM, action: 'halt', sessionId: FOREIGN, reason: FOREIGN, details: {} };
  await appendAudit(database.pool, [note]);
  service = await ServiceUnderTest.over(database, serviceRoutes);
  await service.service.app.listen({ host: '127.0.0.1', port: 0 });
  for (const role of ROLES) {
    tokens[role] = await service.token(role, role, role === 'strategy' ? [OWN] : null);
    bound[role] = await service.token(`bound ${role}`, role, [OWN]);
  }
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

/** The routes as data, with parts that are not asked. */
const routes: readonly Route[] = routesOfService(serviceRoutes, {} as never, {} as never);
const { access } = serviceAccess().value as { access: readonly Access[] };

describe('the table of roles', () => {
  it('has every route that the service answers, and nothing that it does not', () => {
    const { app } = service.service;
    const printed = app.printRoutes({ commonPrefix: false, includeHooks: false });
    const answered = answeredRoutes(printed).filter(
      (one) => !/^\S+ (\/api\/docs\S*|\/?\*|\/)$/.test(one) && !one.startsWith('HEAD ') && !one.startsWith('OPTIONS '),
    );
    const listed = access.filter(({ what }) => what === 'route').map(({ name }) => name);
    expect(answered.length).toBeGreaterThan(50);
    expect([...listed].sort()).toEqual([...new Set(answered)].sort());
  });

  it('is what the route and the command say', async () => {
    const answer = await service.ask('GET', '/api/v1/roles', { token: tokens.viewer });
    expect(answer.json()).toEqual({ access: JSON.parse(JSON.stringify(access)) as unknown, secondFactor: [] });
    expect(serviceAccess().text!()).toMatch(/POST \/api\/v1\/orders +│ orders:place +│ yes +│ - +│ yes +│ - +│ yes/);
  });

  it('holds for every channel and every role, as the socket answers', async () => {
    const channels = access.filter(({ what }) => what === 'channel');
    expect(channels.length).toBeGreaterThan(5);
    const wrong: string[] = [];
    for (const role of ROLES) {
      const listener = await Listener.with(tokens[role]);
      for (const { name, roles } of channels) {
        const isOfSession = name.endsWith(':SESSION');
        const channel = name.replace('SESSION', OWN);
        // A strategy is bound to sessions: what is of all of them is not for it.
        const may = roles.includes(role) && (isOfSession || role !== 'strategy');
        const said = await listener.subscribe(channel);
        if (said !== (may ? 'snapshot' : 'not-allowed')) wrong.push(`${role} ${channel}: ${said}`);
      }
      listener.socket.terminate();
    }
    expect(wrong).toEqual([]);
  });
});

describe('whoever is bound to sessions', () => {
  it('hears of no other on any channel, whatever role they have', async () => {
    const wrong: string[] = [];
    for (const role of ROLES) {
      const listener = await Listener.with(bound[role]);
      for (const { name } of access.filter(({ what }) => what === 'channel')) {
        const said = await listener.subscribe(name.replace('SESSION', FOREIGN));
        if (said !== 'not-allowed') wrong.push(`${role} ${name}: ${said}`);
      }
      listener.socket.terminate();
    }
    expect(wrong).toEqual([]);
  });

  it('is told of no other by any route, and changes nothing of it', async () => {
    const wrong: string[] = [];
    const before = await tracesOf(FOREIGN);
    for (const role of ROLES) {
      for (const route of routes) {
        // An administrator who manages users is bound by nothing in that.
        if (route.permission === 'users:manage' || route.permission === 'open') continue;
        for (const asked of requestsOf(route, FOREIGN)) {
          const answer = await service.ask(route.method, asked.url, { token: bound[role], ...asked.said });
          const told = answer.body.replaceAll(asked.url, '').includes(FOREIGN) && answer.statusCode < 300;
          const words = `${role} ${route.method} ${asked.url}: ${answer.statusCode}`;
          if (told) wrong.push(words);
          // Whoever names it is told what is told of one that there is not.
          if (asked.names && answer.statusCode < 300) wrong.push(`${words} is answered`);
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(await tracesOf(FOREIGN)).toEqual(before);
  });

  it('is told of their own by the same requests', async () => {
    const seen: string[] = [];
    for (const route of routes.filter(({ method, permission }) => method === 'GET' && permission === 'sessions:read')) {
      for (const asked of requestsOf(route, OWN).filter(({ names }) => names)) {
        const answer = await service.ask('GET', asked.url, { token: bound.viewer });
        if (answer.statusCode === 200) seen.push(route.path);
      }
    }
    expect(seen).toEqual(
      expect.arrayContaining([
        '/api/v1/sessions/:session',
        '/api/v1/orders',
        '/api/v1/orders/:order',
        '/api/v1/account',
      ]),
    );
    expect(permissionsOf('viewer')).toContain('sessions:read');
  });
});

interface Asked {
  readonly url: string;
  readonly said: { readonly body?: unknown };
  /** Whether it names the session. */
  readonly names: boolean;
}

/** A request of a route without a session, and one that names it wherever its schemas have a session. */
function requestsOf({ path, params, query, body, method }: Route, session: string): Asked[] {
  const url = path
    .replace(':session', session)
    .replace(':order', '1')
    .replace(/:(run|job)/, session)
    .replaceAll(/:\w+/g, '1');
  const names = path.includes(':session');
  const said = method === 'GET' ? {} : { body: bodyFor(body, session) };
  const plain = { url, said, names: names || /:run|:job/.test(path) };
  const inBody = has(body, 'session');
  if (has(query, 'session')) return [plain, { url: `${url}?session=${session}`, said, names: true }];
  return [{ ...plain, names: plain.names || inBody || has(params, 'session') }];
}

/** A body that its schema takes as far as the session is concerned. */
function bodyFor(body: z.ZodType | undefined, session: string): unknown {
  if (!has(body, 'session')) return body === undefined ? undefined : {};
  const samples: Record<string, unknown> = {
    session,
    symbol: 'AAA',
    side: 'buy',
    quantity: 1,
    orderType: 'market',
    limits: { positionFraction: 0.01 },
    reason: 'to see',
    type: 'halt',
    for: '2h',
  };
  const keys = Object.keys(z.toJSONSchema(body!, { io: 'input' }).properties ?? {});
  return Object.fromEntries(keys.filter((key) => key in samples).map((key) => [key, samples[key]]));
}

function has(schema: z.ZodType | undefined, key: string): boolean {
  if (schema === undefined) return false;
  return key in (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {});
}

/** What was ever asked of a session or done to it. */
async function tracesOf(session: string): Promise<unknown[]> {
  const tables = { session_commands: 'session_id', audit_entries: 'session_id', alert_silences: 'session_id' };
  const counts: unknown[] = [];
  for (const [table, column] of Object.entries(tables)) {
    const sql = `SELECT count(*)::int AS n FROM signalbox.${table} WHERE ${column} = $1`;
    counts.push((await database.pool.query(sql, [session])).rows[0]);
  }
  return counts;
}

/** `GET /api/v1/orders/:order` and the like, from the tree that the router prints. */
function answeredRoutes(printed: string): string[] {
  const parts: string[] = [];
  return printed.split('\n').flatMap((line) => {
    const [, indent = '', text = ''] = /^([│ ├└─]*)(.*)$/.exec(line) ?? [];
    const found = /^(\S*) \(([A-Z, ]+)\)/.exec(text);
    const depth = indent.length / 4;
    parts.length = Math.max(depth - 1, 0);
    parts.push(found?.[1] ?? text.trim());
    if (found === null) return [];
    return found[2]!.split(', ').map((method) => `${method} ${parts.join('')}`);
  });
}

/** A socket that says what becomes of a subscription. */
class Listener {
  readonly socket: WebSocket;

  private constructor(token: string) {
    const { port } = service.service.app.server.address() as AddressInfo;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/ws`, { headers: { authorization: `Bearer ${token}` } });
  }

  static async with(token: string): Promise<Listener> {
    const listener = new Listener(token);
    await new Promise((resolve, reject) => listener.socket.once('open', resolve).once('error', reject));
    return listener;
  }

  /** `snapshot`, or the code of the refusal. */
  async subscribe(channel: string): Promise<string> {
    const answered = new Promise<string>((resolve) => {
      const hear = (data: Buffer): void => {
        const { type, channel: of, data: said } = JSON.parse(data.toString()) as Heard;
        if (of !== channel || (type !== 'snapshot' && type !== 'event')) return;
        this.socket.off('message', hear);
        resolve(type === 'event' ? (said as { code: string }).code : type);
      };
      this.socket.on('message', hear);
    });
    this.socket.send(JSON.stringify({ type: 'subscribe', channel }));
    return answered;
  }
}

interface Heard {
  readonly type: string;
  readonly channel: string;
  readonly data: unknown;
}
