import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { cleanup, render } from 'ink-testing-library';
import { createElement } from 'react';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { InputError } from '../../infra/errors.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest, WaitingSession } from '../api/testing/service-under-test.ts';
import { listSessions } from '../sessions/session-store.ts';
import { childSession } from '../testing/streaming-session-child.ts';
import { createRuleStrategy } from '../strategies/rule-strategies.ts';
import { databaseSource } from './database-source.ts';
import { ServiceSource } from './service-source.ts';
import { topCommand } from './top-command.ts';
import { TopModel } from './top-model.ts';
import type { TopEars, TopSource } from './top-source.ts';
import { TopView } from './top-view.ts';

const PROGRAM = fileURLToPath(new URL('../../signalbox.mjs', import.meta.url));
const SCRIPT = '/usr/bin/script';
const { protection: _, ...bare } = childSession;
/** Trades nothing by itself within these bars. */
const quiet = { ...bare, protection: undefined, strategy: createRuleStrategy('sma-cross', { fast: 2, slow: 240 }) };

let database: TestDatabase;
let service: ServiceUnderTest;
let address: string;
let token: string;
const models: TopModel[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  await service.service.app.listen({ host: '127.0.0.1', port: 0 });
  address = `http://127.0.0.1:${(service.service.app.server.address() as AddressInfo).port}`;
  token = await service.token('terminal', 'trader');
});
afterEach(async () => {
  cleanup();
  vi.unstubAllEnvs();
  for (const model of models.splice(0)) await model.end();
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

async function opened(session: string, sourceOf: (ears: TopEars) => TopSource | Promise<TopSource>) {
  const model = new TopModel(session);
  models.push(model);
  model.begin(await sourceOf({ rows: model.hear, state: model.trouble }));
  const view = render(createElement(TopView, { model, colours: false, size: { columns: 100, rows: 30 } }));
  return { view, shows: (text: string | RegExp) => expect.poll(() => view.lastFrame()).toMatch(text) };
}

const SOURCES = [
  ['the database', (ears: TopEars) => databaseSource(databaseContext(database), ears)],
  ['a service', (ears: TopEars) => new ServiceSource(address, token, ears)],
] as const;

describe.each(SOURCES)('the view over %s', (name, sourceOf) => {
  it('shows what a session that runs does, and stops it', async () => {
    const session = `over ${name}`;
    const running = await WaitingSession.start(database, session, quiet);
    const { view, shows } = await opened(session, sourceOf);
    await shows(new RegExp(`^${session} +paper running +equity`));
    const body = {
      session,
      symbol: 'AAA',
      side: 'buy',
      quantity: 7,
      orderType: 'limit',
      limitPrice: 1,
      timeInForce: 'gtc',
    };
    expect((await service.ask('POST', '/api/v1/orders', { token, body })).statusCode).toBe(201);
    view.stdin.write('\t');
    await shows(/^1 .*AAA +buy +limit +7 /m);
    for (const key of ['\t', '\t', '\t']) view.stdin.write(key);
    await shows(/positionFraction +30\.00%/);
    view.stdin.write('s');
    await shows('Stop it between two bars?');
    view.stdin.write('y');
    await shows(new RegExp(`^${session} +paper stopped`));
    await running.stop();
    expect((await listSessions(database.pool, { ids: [session] }))[0]).toMatchObject({ state: 'stopped' });
    const [entry] = await newestEntries(database.pool, { sessionId: session, action: 'session-stop-asked', limit: 1 });
    expect(entry).toMatchObject({ reason: 'from the terminal' });
  });
});

describe('top', () => {
  it('prints one frame without a terminal, and one document with --json', async () => {
    const running = await WaitingSession.start(database, 'printed', quiet);
    const options = { session: 'printed', tokenEnv: 'SIGNALBOX_TOKEN' };
    const output = (await topCommand(databaseContext(database), options))!;
    expect(output.exitCode).toBe(0);
    expect(output.text()).toMatch(/^printed +paper running[^]*Positions[^]*Risk[^]*positionFraction/);
    expect(output.value).toMatchObject({
      session: 'printed',
      sessions: expect.arrayContaining([expect.objectContaining({ session: 'printed' })]) as unknown,
      orders: [],
      limits: { positionFraction: 0.3 },
    });
    await running.stop();
  });

  it('says which variable holds no token, and what is no address', async () => {
    const options = { url: address, tokenEnv: 'OF_THE_DESK' };
    await expect(topCommand(databaseContext(database), options)).rejects.toThrow(/^OF_THE_DESK holds no token\.$/);
    const elsewhere = { url: 'box.example', tokenEnv: 'OF_THE_DESK' };
    await expect(topCommand(databaseContext(database), elsewhere)).rejects.toThrow(InputError);
  });

  it('says that a token is not taken', async () => {
    const { shows } = await opened('any', (ears) => new ServiceSource(address, 'not one', ears));
    await shows('the service does not take the token');
  });
});

describe.runIf(process.platform === 'linux' && existsSync(SCRIPT))('top in a terminal', () => {
  it('takes the other screen, shows a session, and gives the terminal back at q', async () => {
    const running = await WaitingSession.start(database, 'in a terminal', quiet);
    const command = `stty cols 80 rows 24; exec "${process.execPath}" "${PROGRAM}" top --session "in a terminal"`;
    const env = { ...process.env, DATABASE_URL: database.url, REDIS_URL: '', NO_COLOR: '1', TERM: 'xterm-256color' };
    const child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    let seen = '';
    child.stdout.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    await expect.poll(() => seen).toMatch(/\u001b\[\?1049h[^]*in a terminal +paper running[^]*tab panel/);
    child.stdin.write('q');
    expect(await ended).toBe(0);
    expect(seen).toContain('\u001b[?1049l');
    // No colour: only inverse, bold and faint text.
    expect(seen).not.toMatch(/\u001b\[(3[1-7]|38|9[0-7])[;m]/);
    await running.stop();
  });
});
