import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { scrape, type Scrape } from '../../../infra/testing/servers/scraped-metrics.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { WebhookServer } from '../../../infra/testing/webhook-server.ts';
import { NO_FAULTS, statusFault } from '../../testing/venue/stand-in-faults.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { venueInHand } from '../../testing/venue/session-in-hand.ts';
import { watchedSession, type WatchedOptions } from '../../testing/venue/watched-session.ts';

let database: TestDatabase;
let webhook: WebhookServer;
let venue: StandInVenue;
let session: ReturnType<typeof watchedSession>;
let url = '';

beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await WebhookServer.start();
});
afterEach(async () => {
  await session.stop();
  await venue.stop();
});
afterAll(async () => {
  await webhook.stop();
  await database.drop();
});

async function start(id: string, options: Partial<WatchedOptions> = {}): Promise<void> {
  venue = await venueInHand();
  const env = { SIGNALBOX_METRICS_PORT: '0' };
  session = watchedSession({ database, webhookUrl: webhook.url, venueUrl: venue.url, id, env, ...options });
  await session.until('it says where', () => session.notes.some((note) => note.startsWith('metrics at ')));
  url = /metrics at (\S+)\/metrics/.exec(session.notes.find((note) => note.startsWith('metrics at '))!)![1]!;
  await session.until('it agrees with its venue', async () => (await scrape(url)).value('venue_connected') === 1);
}

/** Until a scrape shows it. */
async function shown(what: string, holds: (now: Scrape) => boolean): Promise<Scrape> {
  let last = await scrape(url);
  await session.until(what, async () => holds((last = await scrape(url))));
  return last;
}

const health = async (question: string) => {
  const response = await fetch(`${url}/health/${question}`);
  return { status: response.status, document: (await response.json()) as Record<string, unknown> };
};

describe('a session that is measured', () => {
  it('tells of bars, orders, executions, their stages and the account', async () => {
    await start('measured-1');
    session.close('BUY');
    await shown('it is bought', (now) => (now.value('fills_total{type="market"}') ?? 0) > 0);
    session.close('SELL');
    const now = await shown(
      'it is sold',
      (one) =>
        one.value('closed_trades{result="lost"}') !== undefined &&
        one.value('open_positions') === 0 &&
        one.value('bars_total') === 2 &&
        one.value('order_stage_seconds_count{stage="acknowledged"}') === 2 &&
        one.value('order_stage_seconds_count{stage="filled"}') === 2,
    );
    expect(now.value('orders_total{type="market"}')).toBe(2);
    expect([now.value('signals_total{action="BUY"}'), now.value('signals_total{action="SELL"}')]).toEqual([1, 1]);
    expect(now.value('order_updates_total{state="REJECTED"}')).toBe(0);
    expect(now.value('mismatches_total')).toBe(0);
    expect(now.value('fill_notional_total')).toBeGreaterThan(0);
    const { rows } = await database.pool.query<{ equity: number }>(
      `SELECT (books ->> 'equity')::float8 AS equity FROM account_snapshots WHERE session_id = 'measured-1'`,
    );
    expect((await scrape(url)).value('equity')).toBe(rows[0]!.equity);
    for (const stage of ['decided', 'committed', 'sent', 'acknowledged', 'filled', 'bar-to-sent', 'bar-to-fill'])
      expect([stage, now.value(`order_stage_seconds_count{stage="${stage}"}`)]).toEqual([stage, 2]);
    expect(now.value('venue_request_seconds_count{answer="taken"}')).toBeGreaterThanOrEqual(2);
    expect(now.value('database_commit_seconds_count')).toBeGreaterThan(2);
    expect(now.value('database_up')).toBe(1);
    expect(now.value('database_size_bytes')).toBeGreaterThan(1e6);
    expect(now.text).toContain(
      'signalbox_session_info{session="measured-1",kind="paper",experiment="",broker="alpaca"} 1',
    );
  });

  it('has no label that may take any number of values', async () => {
    await start('measured-2');
    session.close('BUY');
    const { text } = await shown('it is bought', (now) => (now.value('fills_total{type="market"}') ?? 0) > 0);
    const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, label]) => label!));
    const closed = [
      'action',
      'answer',
      'breaker',
      'code',
      'kind',
      'le',
      'metric',
      'quantile',
      'result',
      'role',
      'space',
      'stage',
      'state',
      'level',
    ];
    const info = ['broker', 'experiment', 'node', 'session', 'type', 'version', 'major', 'minor', 'patch'];
    expect([...labels].filter((label) => !closed.includes(label) && !info.includes(label))).toEqual([]);
    expect(text).not.toContain('AAPL');
    const named = text.split('\n').filter((line) => line.includes('measured-2'));
    expect(named).toHaveLength(1);
  });

  it('is ready while its venue answers, not while a breaker is open, and alive all the time', async () => {
    await start('measured-3');
    session.close('HOLD');
    await session.until('it is ready', async () => (await health('ready')).status === 200);
    expect((await health('startup')).status).toBe(200);
    venue.faults = { ...NO_FAULTS, request: () => statusFault(503) };
    await shown('the breaker is open', (now) => now.value('breaker_open{breaker="requests"}') === 1);
    expect((await health('live')).status).toBe(200);
    let { document } = await health('ready');
    await session.until('it is not ready', async () => {
      const { status, document: now } = await health('ready');
      document = now;
      return status === 503;
    });
    expect(document).toMatchObject({ status: 'failing', parts: { database: { ok: true }, venue: { ok: false } } });
    venue.faults = NO_FAULTS;
    await session.until('it is ready again', async () => (await health('ready')).status === 200);
  });

  it('counts nothing twice when it goes on after a restart', async () => {
    await start('measured-4');
    session.close('BUY');
    await shown('it is bought', (now) => now.value('open_positions') === 1);
    const words = [...session.words];
    await session.stop();
    const env = { SIGNALBOX_METRICS_PORT: '0' };
    session = watchedSession({ database, webhookUrl: webhook.url, venueUrl: venue.url, id: 'measured-4', env, words });
    await session.until('it says where', () => session.notes.some((note) => note.startsWith('metrics at ')));
    url = /metrics at (\S+)\/metrics/.exec(session.notes.find((note) => note.startsWith('metrics at '))!)![1]!;
    session.close('HOLD');
    const now = await shown('it stands', (one) => one.value('open_positions') === 1);
    expect([now.value('orders_total{type="market"}'), now.value('fills_total{type="market"}')]).toEqual([0, 0]);
  });
});
