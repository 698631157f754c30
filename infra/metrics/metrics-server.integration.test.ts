import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { HealthParts } from './health-parts.ts';
import { Metrics } from './metrics.ts';
import { MetricsServer } from './metrics-server.ts';
import { openMetrics } from './open-metrics.ts';

let server: MetricsServer;
let health: HealthParts;

beforeEach(async () => {
  health = new HealthParts();
  server = await MetricsServer.start({ host: '127.0.0.1', port: 0, metrics: new Metrics('session'), health });
});
afterEach(() => server.end());

const get = (path: string, method = 'GET') => fetch(server.url + path, { method });

describe('what a process serves of itself', () => {
  it('is its metrics and its health, with the status that a probe looks at', async () => {
    const metrics = await get('/metrics');
    expect(metrics.status).toBe(200);
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toContain('signalbox_process_info');
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/startup')).status).toBe(503);
    health.begin();
    health.add('venue', () => ({ ok: false, detail: 'it is away' }));
    const ready = await get('/health/ready');
    expect([ready.status, await ready.json()]).toEqual([
      503,
      {
        status: 'failing',
        parts: { startup: { ok: true, detail: 'it has begun' }, venue: { ok: false, detail: 'it is away' } },
      },
    ]);
  });

  it('is nothing else: no other path, no word that commands', async () => {
    expect((await get('/')).status).toBe(404);
    expect((await get('/health/else')).status).toBe(404);
    for (const method of ['POST', 'DELETE', 'PUT']) expect((await get('/metrics', method)).status).toBe(405);
  });

  it('ends at once, whoever is still connected', async () => {
    const { port, hostname } = new URL(server.url);
    const idle: Socket = connect(Number(port), hostname);
    idle.on('error', () => undefined);
    await once(idle, 'connect');
    const gone = once(idle, 'close');
    await server.end();
    await gone;
    await expect(get('/metrics')).rejects.toThrow();
  });

  it('does not tell a password that a part fails with', async () => {
    loadConfig({ DATABASE_URL: 'postgres://me:not-to-be-seen@localhost/x' });
    health.add('database', () => Promise.reject(new Error('not-to-be-seen is refused')));
    expect(await (await get('/health/ready')).text()).not.toContain('not-to-be-seen');
  });
});

describe('where it is served', () => {
  const open = (env: NodeJS.ProcessEnv, option?: string) => {
    const notes: string[] = [];
    return openMetrics(loadConfig(env), 'worker', { option, note: (text) => void notes.push(text) });
  };

  it('is nowhere unless it is asked for; the option wins over the environment', async () => {
    expect(await open({})).toBeNull();
    const served = await open({ SIGNALBOX_METRICS_PORT: new URL(server.url).port }, '0');
    expect(served!.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await served!.end();
  });

  it('is said in words where it cannot be', async () => {
    await expect(open({}, '70000')).rejects.toThrow('--metrics-port 70000 is not a port.');
    expect(() => loadConfig({ SIGNALBOX_METRICS_PORT: 'x' })).toThrow('SIGNALBOX_METRICS_PORT');
    const { port } = new URL(server.url);
    await expect(open({ SIGNALBOX_METRICS_PORT: port })).rejects.toMatchObject({
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
      remedy: expect.stringContaining('--metrics-port') as string,
    });
  });
});
