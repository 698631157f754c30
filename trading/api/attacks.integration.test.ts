import { request } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RequestRates } from '../../infra/http/request-rates.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';
import { signedInUser, type TestBrowser } from './testing/test-browser.ts';

const SLOW_MS = 700;
let database: TestDatabase;
let service: ServiceUnderTest;
let browser: TestBrowser;
let port: number;
let token: string;
const nowMs = Date.UTC(2026, 0, 5);

beforeAll(async () => {
  database = await createTestDatabase();
  const clock = (): number => nowMs;
  service = await ServiceUnderTest.over(database, serviceRoutes, { clock, requestMsMax: SLOW_MS, perSecond: 2_000 });
  await service.service.app.listen({ host: '127.0.0.1', port: 0 });
  port = (service.service.app.server.address() as AddressInfo).port;
  token = await service.token('attacker', 'operator');
  browser = await signedInUser(service, { database, clock }, 'victim');
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** A request as it stands: nothing of its path or its headers is put right. */
function send(
  method: string,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body?: string | Iterable<string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers: { host: 'localhost', ...headers } });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.once('end', () => resolve({ status: answer.statusCode!, headers: answer.headers, body: text }));
    });
    for (const part of typeof body === 'string' ? [body] : (body ?? [])) asked.write(part);
    asked.end();
  });
}

const own = () => ({ authorization: `Bearer ${token}` });
const json = () => ({ ...own(), 'content-type': 'application/json' });
const cookies = () => ({ cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ') });

/** Words on a bare connection, one after the other until it is closed; all that it answered. */
function dribble(words: Iterable<string>): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    const left = words[Symbol.iterator]();
    let text = '';
    const timer = setInterval(() => {
      const { value, done } = left.next() as IteratorResult<string>;
      if (done !== true && socket.writable) socket.write(value);
    }, 20);
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearInterval(timer);
      resolve(text);
    });
  });
}

function* endless(head: string, word: (n: number) => string): Generator<string> {
  yield head;
  for (let n = 0; ; n++) yield word(n);
}

describe('another name', () => {
  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
    'evil.example:80',
    '0.0.0.0',
    '2130706433',
    '[::ffff:127.0.0.1]',
    'localhost, evil.example',
  ])('is not ours, for routes, pages and probes alike: %s', async (host) => {
    for (const path of ['/api/v1/me', '/', '/health/ready', '/api/openapi.json']) {
      const { status, body } = await send('GET', path, { headers: { ...own(), host } });
      expect([path, status]).toEqual([path, status === 400 ? 400 : 421]);
      expect(body).not.toContain('attacker');
    }
  });

  it('in a request that names it beside ours is not ours', async () => {
    const { status } = await send('GET', 'http://evil.example/api/v1/me', {
      headers: { ...own(), host: 'evil.example' },
    });
    expect(status).toBe(421);
    const none = await dribble(['GET /api/v1/me HTTP/1.1\r\nconnection: close\r\n\r\n']);
    expect(none).toMatch(/^HTTP\/1\.1 400 /);
    const two = 'GET /api/v1/me HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n';
    expect(await dribble([two])).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('as the origin of a page gets nothing, with the cookies of a victim or without', async () => {
    for (const origin of ['http://evil.example', 'null', 'http://localhost.evil.example', 'file://']) {
      for (const [method, path] of [
        ['GET', '/api/v1/me'],
        ['POST', '/api/v1/auth/refresh'],
        ['POST', '/api/v1/actions/flatten'],
      ] as const) {
        const { status, body, headers } = await send(method, path, { headers: { ...cookies(), origin } });
        expect([origin, path, status]).toEqual([origin, path, 403]);
        expect(JSON.parse(body)).toMatchObject({ code: 'foreign-origin' });
        expect(headers).not.toHaveProperty('access-control-allow-origin');
      }
    }
  });

  it('makes a form post nothing: the word of our own page is missing', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', '']) {
      const headers = { ...cookies(), ...(type === '' ? {} : { 'content-type': type }) };
      const { status, body } = await send('POST', '/api/v1/actions/flatten', { headers, body: '{"reason":"x"}' });
      expect([type, status]).toEqual([type, 403]);
      expect(JSON.parse(body)).toMatchObject({ code: 'csrf' });
    }
  });
});

describe('a body', () => {
  it('that is too large is refused, whether or not it says so', async () => {
    const part = JSON.stringify('x'.repeat(65_536));
    const many = (function* () {
      yield '{"session":"a","reason":"b","limits":{"a":[';
      for (let n = 0; n < 20; n++) yield `${part},`;
      yield '1]}}';
    })();
    const chunked = await send('PUT', '/api/v1/risk/thresholds', { headers: json(), body: many });
    expect([chunked.status, JSON.parse(chunked.body)]).toMatchObject([413, { code: 'too-large' }]);
    const said = await send('PUT', '/api/v1/risk/thresholds', {
      headers: { ...json(), 'content-length': '5000000' },
    }).catch(() => ({ status: 413 }));
    expect(said.status).toBe(413);
    const small = await browser.ask('PUT', '/api/v1/me/preferences', { note: 'x'.repeat(70_000) });
    expect(small.statusCode).toBe(413);
  });

  it('that is deep is refused, and costs nobody else anything', async () => {
    const csrf = { 'x-csrf-token': browser.cookies.get('signalbox_csrf')! };
    const headers = { ...cookies(), ...csrf, 'content-type': 'application/json' };
    for (const text of [
      `{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
    ]) {
      const answer = await send('PUT', '/api/v1/me/preferences', { headers, body: text });
      expect([answer.status, JSON.parse(answer.body)]).toMatchObject([400, { code: 'too-deep' }]);
    }
    const open = '['.repeat(60_000);
    expect((await send('PUT', '/api/v1/me/preferences', { headers, body: open })).status).toBe(400);
  });

  it('and a query put nothing into what all objects share', async () => {
    const bodies = [
      '{"name":"a","password":"b","__proto__":{"polluted":true}}',
      '{"name":"a","password":"b","constructor":{"prototype":{"polluted":true}}}',
      '{"__proto__":{"polluted":true},"theme":"dark"}',
      '{"a":{"__proto__":{"polluted":true}}}',
    ];
    for (const body of bodies) {
      const answer = await send('POST', '/api/v1/auth/sign-in', {
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect([body, answer.status]).toEqual([body, 400]);
      const csrf = { 'x-csrf-token': browser.cookies.get('signalbox_csrf')! };
      const headers = { ...cookies(), ...csrf, 'content-type': 'application/json' };
      await send('PUT', '/api/v1/me/preferences', { headers, body });
    }
    for (const query of ['__proto__[polluted]=1', 'constructor[prototype][polluted]=1', '__proto__=1']) {
      const { status } = await send('GET', `/api/v1/sessions?${query}`, { headers: own() });
      expect([query, status]).toEqual([query, 400]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect((await browser.ask('GET', '/api/v1/me')).json<{ preferences: object }>().preferences).not.toHaveProperty(
      'polluted',
    );
  });

  it.each(['{', '{"name":}', 'nonsense', '"\\ud800', '\u0000'])(
    'that is no JSON is said to be none: %j',
    async (body) => {
      const answer = await send('POST', '/api/v1/auth/sign-in', {
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(400);
      expect(answer.headers['content-type']).toMatch(/problem\+json/);
    },
  );
});

describe('whoever is slow on purpose', () => {
  it('is cut off in headers and in bodies, and keeps nobody out meanwhile', async () => {
    const post = 'POST /api/v1/auth/sign-in HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
    const slow = Array.from({ length: 60 }, (_, n) =>
      n % 2 === 0
        ? dribble(endless('GET / HTTP/1.1\r\nhost: localhost\r\n', (one) => `x-${one}: y\r\n`))
        : dribble(endless(`${post}content-length: 100000\r\n\r\n{"name":"`, () => 'a')),
    );
    expect((await send('GET', '/api/v1/me', { headers: own() })).status).toBe(200);
    for (const text of await Promise.all(slow))
      expect(text === '' || /^HTTP\/1\.1 (408|431|400) /.test(text)).toBe(true);
    expect((await send('GET', '/api/v1/me', { headers: own() })).status).toBe(200);
  });

  it('or endless in headers is cut off', async () => {
    const long = await dribble([`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`]);
    expect(long).toMatch(/^HTTP\/1\.1 431 /);
  });
});

describe('a path', () => {
  it.each([
    '/../../package.json',
    '/assets/../../../../package.json',
    '/%2e%2e/%2e%2e/package.json',
    '/assets/..%2f..%2f..%2f..%2fpackage.json',
    '/assets/%2e%2e%5c%2e%2e%5cpackage.json',
    '/..%c0%af..%c0%afpackage.json',
    '//etc/passwd',
    '/assets//etc/passwd',
    '/assets/%00.js',
    '/package.json',
    '/.env',
    '/assets/.env',
    '/console.html%00.svg',
  ])('leads to nothing but built files: %s', async (path) => {
    const { body, headers, status } = await send('GET', path);
    expect(body).not.toMatch(/"(devD|d)ependencies"|root:|DATABASE_URL/);
    if (status === 200) expect(headers['content-type']).toMatch(/^text\/html/);
  });

  it('of routes is no way around the gate', async () => {
    for (const path of [
      '/api/v1/users',
      '/api/v1//users',
      '/api/v1/users/',
      '/api/v1/%75sers',
      '/API/V1/users',
      '/api/v1/me;/../users',
    ]) {
      const { status, body } = await send('GET', path);
      expect([path, status === 200 && !body.includes('<!doctype html>')]).toEqual([path, false]);
    }
    for (const method of ['TRACE', 'CONNECT', 'PROPFIND', 'OPTIONS']) {
      const answer = await dribble([
        `${method} /api/v1/users HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      ]);
      expect([method, /^HTTP\/1\.1 (?!2)/.test(answer) || answer === '']).toEqual([method, true]);
    }
    const override = { ...own(), 'x-http-method-override': 'DELETE' };
    expect((await send('POST', '/api/v1/tokens/attacker', { headers: override })).status).toBe(405);
    expect((await send('GET', '/api/v1/me', { headers: own() })).status).toBe(200);
  });
});

describe('who asks too often', () => {
  it('is told when to ask again, at a hundred a second, each client by itself', async () => {
    const rates = new RequestRates();
    const waits = Array.from({ length: 101 }, () => rates.take('one', nowMs));
    expect([waits.slice(0, 100).every((ms) => ms === 0), waits[100]]).toEqual([true, 1_000]);
    const clock = (): number => nowMs;
    const strict = await ServiceUnderTest.over(database, serviceRoutes, { clock, perSecond: 100 });
    const [one, other] = [await strict.token('often', 'viewer'), await strict.token('seldom', 'viewer')];
    const ask = (as?: string) => strict.ask('GET', '/api/v1/me', as === undefined ? {} : { token: as });
    const answers = await Promise.all(Array.from({ length: 150 }, () => ask(one)));
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(50);
    expect(refused[0]!.headers['retry-after']).toBe('1');
    expect((await ask(other)).statusCode).toBe(200);
    // Whoever guesses tokens is one client: their address.
    const guesses = await Promise.all(Array.from({ length: 150 }, (_, n) => ask(`sbx_guess-${n}`)));
    expect(guesses.filter(({ statusCode }) => statusCode === 429)).toHaveLength(50);
    await strict.service.close();
  });
});

describe('every answer', () => {
  it('is for our pages alone, and leaves no copy of what tells of people', async () => {
    for (const [path, headers] of [
      ['/api/v1/me', own()],
      ['/api/v1/me', {}],
      ['/api/v1/sessions', own()],
      ['/api/v1/no-such', own()],
      ['/health/live', {}],
      ['/', {}],
    ] as const) {
      const answer = await send('GET', path, { headers });
      expect(answer.headers, path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
      });
      if (path.startsWith('/health')) continue;
      expect(answer.headers['content-security-policy'], path).toContain("frame-ancestors 'none'");
      if (path === '/') expect(answer.headers['content-security-policy']).toMatch(/^default-src 'self'/);
      else
        expect(answer.headers['cache-control'], path).toBe(
          path === '/api/v1/sessions' ? 'private, no-cache' : 'no-store',
        );
      expect(answer.headers).not.toHaveProperty('server');
      expect(answer.headers).not.toHaveProperty('x-powered-by');
    }
    const behind = await ServiceUnderTest.over(database, serviceRoutes, { behindTls: true });
    const answer = await behind.ask('GET', '/health/live');
    expect(answer.headers['strict-transport-security']).toMatch(/max-age=\d+/);
    await behind.service.close();
  });
});
