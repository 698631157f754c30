import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCommandLine } from '../../command-line.ts';
import { newestEntries } from '../../infra/audit/audit-store.ts';
import { createToken } from '../../infra/auth/accounts.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { systemClock } from '../../infra/clock.ts';
import { findFreePort } from '../../infra/postgres/embedded/free-port.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { listSessions } from '../../trading/sessions/session-store.ts';
import { OtlpCollector, type CollectedSpan } from '../../infra/testing/servers/otlp-collector.ts';
import { storedBars } from '../../trading/api/testing/stored-bars.ts';
import { CommandPlace } from '../testing/command-place.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';

// A service and a session, each in a process of its own: one trace leads through both, and both hear of log levels.
const place = new CommandPlace('observed', createCommandLine);
const SESSION = 'seen from outside';
let collector: OtlpCollector;
let serving: RunningProcess;
let trading: RunningProcess;
let ask: (method: string, path: string, body?: unknown) => Promise<{ status: number; id: string; value: unknown }>;
const said = { service: '', session: '' };

beforeAll(async () => {
  collector = await OtlpCollector.start();
  await storedBars(place.database);
  const env = { ...place.base, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SIGNALBOX_LOG: 'warn' };
  const start = (args: readonly string[], name: keyof typeof said): RunningProcess => {
    const process_ = startSignalbox(args, process.env, env);
    process_.child.stderr!.on('data', (chunk: Buffer) => (said[name] += chunk.toString()));
    return process_;
  };
  const port = await findFreePort();
  serving = start(['serve', '--port', String(port)], 'service');
  // A day takes a third of a second.
  const strategy = ['--strategy', 'sma-cross', '--set', 'fast=2', '--set', 'slow=5', '--speed', String(3 * 86_400)];
  trading = start(['paper', place.small, '--session', SESSION, ...strategy], 'session');
  const doing = { database: place.database, clock: systemClock, actor: SYSTEM };
  const { value: token } = await createToken(doing, { name: 'desk', role: 'admin', sessions: null, days: 1 });
  ask = async (method, path, body) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, id: answer.headers.get('x-correlation-id')!, value: await answer.json() };
  };
  while ((await ask('GET', '/health/ready').catch(() => null))?.status !== 200) await systemSleep(50);
  while ((await listSessions(place.database.pool))[0]?.lastClose instanceof Date !== true) await systemSleep(50);
});
afterAll(async () => {
  for (const one of [serving, trading]) one.kill();
  await Promise.all([serving.ended, trading.ended]);
  collector.close();
});

const symbolOf = async (): Promise<string> => {
  const { value } = await ask('GET', `/api/v1/sessions/${encodeURIComponent(SESSION)}`);
  return (value as { symbols: string[] }).symbols[0]!;
};
const path = (span: CollectedSpan): string => [span, ...collector.above(span)].map(({ name }) => name).join(' < ');
/** The whole lines that a process has logged. */
const linesOf = (name: keyof typeof said): unknown[] =>
  said[name]
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as unknown] : []));
const paths = (name: string): string[] => collector.named(name).map(path);

describe('a trace', () => {
  it('leads from a bar to the fill of what it led to', async () => {
    await expect.poll(() => paths('fill')).toContain('fill < order < risk < signal < bar');
    const fill = collector.named('fill').find((one) => path(one) === 'fill < order < risk < signal < bar')!;
    const [order, risk, signal, bar] = collector.above(fill) as [
      CollectedSpan,
      CollectedSpan,
      CollectedSpan,
      CollectedSpan,
    ];
    expect(bar).toMatchObject({ role: 'session', attributes: { 'signalbox.session': SESSION } });
    expect(bar.attributes['signalbox.close']).toMatch(/^\d{4}-.*Z$/);
    expect(signal.attributes).toMatchObject({ 'signalbox.action': expect.stringMatching(/^(BUY|SELL)$/) as string });
    for (const [before, after] of [
      [signal, risk],
      [risk, order],
      [order, fill],
    ] as const)
      expect(before.startNs <= after.startNs).toBe(true);
    expect(paths('recorded')).toContain('recorded < order < risk < signal < bar');
  });

  it('leads from a request to a fill in another process', async () => {
    // It reduces what is held, or sells a little of nothing: the limit of a position is no reason to refuse it.
    const body = { session: SESSION, symbol: await symbolOf(), side: 'sell', quantity: 1, orderType: 'market' };
    let asked = await ask('POST', '/api/v1/orders', body);
    // While an order of its own signal works, the session takes none beside it.
    while (asked.status === 422) asked = await ask('POST', '/api/v1/orders', body);
    expect(asked, JSON.stringify(asked.value)).toMatchObject({ status: 201 });
    await expect.poll(() => paths('fill')).toContain('fill < order < risk < command order < POST /api/v1/orders');
    const command = collector
      .named('command order')
      .find((one) => collector.above(one)[0]?.attributes['signalbox.correlation'] === asked.id)!;
    const [request] = collector.above(command);
    expect([request!.role, command.role]).toEqual(['service', 'session']);
  });

  it('leads from a request through the queue', async () => {
    const strategies = [
      { id: 'sma-cross', name: 'a', enabled: true, allocation: 1, symbols: ['AAA'], parameters: { fast: 3, slow: 8 } },
    ];
    const range = { startDate: '1990-01-01', endDate: '2100-01-01' };
    const body = { ...range, symbols: ['AAA'], initialCapital: 50_000, strategies };
    expect(await ask('POST', '/api/v1/backtest/run', body)).toMatchObject({ status: 202 });
    const job = 'process signalbox-backtests';
    await expect.poll(() => paths(job)).toEqual([`${job} < POST /api/v1/backtest/run`]);
  });
});

describe('the level of a module', () => {
  it('is set by a request, in the session that is meant, whose lines carry the request', async () => {
    const body = { module: 'trading', level: 'debug', process: `session:${SESSION}`, reason: 'to see' };
    const set = await ask('PUT', '/api/v1/logs/levels', body);
    expect(set).toMatchObject({
      status: 200,
      value: { levels: [{ module: 'trading', process: `session:${SESSION}`, level: 'debug', actor: 'token desk' }] },
    });
    await expect.poll(() => said.session).toContain('"module":"trading.bars"');
    const halted = await ask('POST', `/api/v1/sessions/${encodeURIComponent(SESSION)}/halt`, { reason: 'x' });
    await expect
      .poll(() => linesOf('session'))
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ module: 'trading.commands', command: 'halt', correlationId: halted.id }),
          expect.objectContaining({
            module: 'trading.risk',
            state: 'halt',
            correlationId: halted.id,
            session: SESSION,
          }),
        ]),
      );
    expect(said.service).not.toContain('"module"');
    const [entry] = await newestEntries(place.database.pool, { action: 'log-level', limit: 1 });
    expect(entry).toMatchObject({ actor: 'token desk', reason: 'to see' });
  });

  it('is set by the command, in every process, and taken back', async () => {
    const { code, stdout } = await place.run(['logs', 'level', 'service.requests', 'debug']);
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/service\.requests +│ \* +│ debug/) as string,
    });
    await expect
      .poll(async () => {
        await ask('GET', '/api/v1/sessions');
        return linesOf('service');
      })
      .toContainEqual(
        expect.objectContaining({
          module: 'service.requests',
          correlationId: expect.stringMatching(/^[\w-]+$/) as string,
          method: 'GET',
          path: '/api/v1/sessions',
        }),
      );
    expect((await place.run(['logs', 'level', 'service.requests', 'unset'])).code).toBe(0);
    const { value } = await ask('GET', '/api/v1/logs/levels');
    expect((value as { levels: unknown[] }).levels).toHaveLength(1);
  });

  it.each([
    [['nothing', 'debug'], /there is no module of that name/],
    [['cache', 'loud'], /loud is no level\./],
    [['cache'], /There is no level for cache\./],
    [['cache', 'info', '--process', 'kitchen'], /kitchen is no process\./],
  ])('is refused where %j is meant', async (args, words) => {
    const { code, stderr } = await place.run(['logs', 'level', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
  });
});
