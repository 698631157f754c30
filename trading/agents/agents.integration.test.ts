import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { packageRoot } from '../../infra/package-root.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from '../api/testing/service-under-test.ts';
import { storedBars } from '../api/testing/stored-bars.ts';
import { stopStrategies } from '../deployed/testing/stop-strategies.ts';
import { listSessions } from '../sessions/session-store.ts';
import { AGENT_TOOLS, routedTools } from './agent-tools.ts';

const PROGRAM = join(packageRoot(), 'signalbox.mjs');
const YAML = `name: agents-trend
universe: simulated-2
data: { source: simulated, simulated: { symbols: 2, bars: 4000, seed: 3 } }
strategies:
  - { name: trend, kind: sma-cross, parameters: { fast: 2, slow: 5 } }
`;

let database: TestDatabase;
let service: ServiceUnderTest;
let address: string;
const home = mkdtempSync(join(tmpdir(), 'signalbox-agents-'));
const clients: Client[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await storedBars(database);
  service = await ServiceUnderTest.over(database, serviceRoutes);
  await service.service.app.listen({ host: '127.0.0.1', port: 0 });
  address = `http://127.0.0.1:${(service.service.app.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  for (const client of clients) await client.close();
  await stopStrategies(database);
  await service.service.close();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

async function connected(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'an agent of the tests', version: '1' });
  await client.connect(transport);
  clients.push(client);
  return client;
}

/** An agent with a process of its own, as editors start it. */
const local = (args: readonly string[], env: Record<string, string> = {}): Promise<Client> =>
  connected(
    new StdioClientTransport({
      command: process.execPath,
      args: [PROGRAM, 'mcp', ...args],
      env: { DATABASE_URL: database.url, SIGNALBOX_HOME: home, SIGNALBOX_LOG: 'silent', ...env },
      stderr: 'ignore',
    }),
  );
const remote = (token: string): Promise<Client> =>
  connected(
    new StreamableHTTPClientTransport(new URL(`${address}/api/v1/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );

interface Answer {
  readonly isError: boolean;
  readonly text: string;
}

async function use(client: Client, name: string, given: Record<string, unknown> = {}): Promise<Answer> {
  const { content, isError } = await client.callTool({ name, arguments: given });
  return { isError: isError === true, text: (content as { text: string }[])[0]!.text };
}

/** What a tool answers, which must not be a failure. */
async function told<T>(client: Client, name: string, given: Record<string, unknown> = {}): Promise<T> {
  const { isError, text } = await use(client, name, given);
  expect(isError, text).toBe(false);
  return JSON.parse(text) as T;
}

const namesOf = async (client: Client): Promise<string[]> => (await client.listTools()).tools.map(({ name }) => name);

describe('tools for agents', () => {
  it('are routes that exist, of which none is about orders, limits, users, tokens or logs, nor takes consent', () => {
    const tools = routedTools(service.service.routes);
    expect(new Set(tools.map(({ name }) => name)).size).toBe(AGENT_TOOLS.length);
    for (const { does, takes } of tools) {
      expect([
        'sessions:read',
        'market:read',
        'research:read',
        'research:run',
        'alerts:read',
        'sessions:act',
      ]).toContain(does.permission);
      if (does.permission === 'sessions:act') expect(does.path).toMatch(/^\/api\/v1\/strategies\/:strategy\//);
      expect(Object.keys(takes.schema.properties)).not.toContain('consent');
    }
  });

  it('read without a role, over standard input: every one that needs no argument answers', async () => {
    const agent = await local([]);
    const { tools } = await agent.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toContain('list_series');
    expect(names.filter((name) => /run_|paper|cancel/.test(name))).toEqual([]);
    const bare = tools.filter(({ inputSchema }) => (inputSchema.required ?? []).length === 0);
    expect(bare.length).toBeGreaterThan(15);
    for (const { name } of bare) {
      const { isError, text } = await use(agent, name);
      // No session and no run is there yet: where one is needed the service says so.
      if (isError) expect(text, name).toMatch(/\bno (session|run)\b.*\(not-found\)$/s);
      else expect(typeof JSON.parse(text), name).toBe('object');
    }
    const { series } = await told<{ series: { symbol: string }[] }>(agent, 'list_series');
    expect(series.map(({ symbol }) => symbol)).toEqual(['AAA']);
    const bars = await told<{ close: number[] }>(agent, 'get_bars', { symbol: 'AAA', limit: 3 });
    expect(bars.close).toHaveLength(3);
    const refused = await use(agent, 'run_experiment', { experiment: 'spx-trend' });
    expect(refused).toEqual({ isError: true, text: 'A viewer may not use run_experiment: it takes research:run.' });
    expect((await use(agent, 'get_bars', { symbol: 'AAA', live: true })).text).toMatch(
      /^get_bars takes no live: symbol/,
    );
    expect((await use(agent, 'get_bars', { symbol: 'NONE' })).text).toMatch(/NONE/);
  });

  it('run a backtest and a strategy on paper for a trader, on record under their own name', async () => {
    const agent = await local(['--role', 'trader']);
    const trend = { id: 'sma-cross', name: 'trend', enabled: true, allocation: 1, symbols: ['AAA'] };
    const { id } = await told<{ id: string }>(agent, 'run_backtest', {
      ...{ startDate: '1990-01-01', endDate: '2100-01-01', symbols: ['AAA'], initialCapital: 50_000 },
      strategies: [{ ...trend, parameters: { fast: 2, slow: 5 } }],
    });
    await expect
      .poll(() => told<{ state: string; problem: string | null }>(agent, 'get_job', { job: id }))
      .toMatchObject({ state: 'done', problem: null });
    const result = await told<{ initialCapital: number }>(agent, 'get_job_result', { job: id });
    expect(result.initialCapital).toBe(50_000);

    await told(agent, 'create_paper_strategy', { name: 'of-an-agent', yaml: YAML, reason: 'to look at it' });
    const start = { strategy: 'of-an-agent' };
    expect((await use(agent, 'start_paper_strategy', { ...start, consent: 'resume x' })).text).toMatch(/no consent/);
    await told(agent, 'start_paper_strategy', start);
    await expect.poll(async () => (await listSessions(database.pool, {})).map(({ kind }) => kind)).toContain('paper');
    await told(agent, 'stop_paper_strategy', start);
    const audit = await newestEntries(database.pool, { limit: 50 });
    const own = audit.filter(({ actor }) => actor.startsWith('agent of '));
    const acts = ['strategy-stop', 'strategy-start', 'strategy-created', 'backtest-asked'];
    expect(own.map(({ action }) => action)).toEqual(acts);
  });

  it('are served over HTTP for the role of a token, and by a bridge to it; nothing else is a way in', async () => {
    const token = await service.token('reads', 'viewer');
    const agent = await remote(token);
    const bridge = await local(['--url', address], { SIGNALBOX_TOKEN: token });
    expect(await namesOf(agent)).toEqual(await namesOf(bridge));
    expect(await namesOf(agent)).not.toContain('run_backtest');
    expect(await namesOf(await remote(await service.token('trades', 'trader')))).toContain('run_backtest');
    expect(await told(agent, 'list_series')).toEqual(await told(bridge, 'list_series'));
    const sessions = await remote(await service.token('one', 'viewer', ['another']));
    expect(await told(sessions, 'list_sessions')).toMatchObject({ sessions: [] });
    await expect(remote('sbi_made-up')).rejects.toThrow(/401|not-signed-in|Unauthorized/);
    const broken = await service.ask('POST', '/api/v1/mcp', { token, body: { jsonrpc: '2.0', method: 1 } });
    expect(broken.statusCode).toBe(400);
    const params = { _meta: { progressToken: [] } };
    const odd = { jsonrpc: '2.0', id: 3, method: 'tools/list', params };
    const { error } = (await service.ask('POST', '/api/v1/mcp', { token, body: odd })).json<{ error: object }>();
    expect(error).toMatchObject({ code: -32_600 });
  });
});
