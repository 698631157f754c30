import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../infra/clock.ts';
import { BOARDS } from '../../../infra/grafana/boards.ts';
import { expandProm, expandSql, type QueryScope } from '../../../infra/grafana/expand-query.ts';
import { promQueries, sqlFaults, sqlQueries } from '../../../infra/grafana/testing/board-faults.ts';
import { packageRoot } from '../../../infra/package-root.ts';
import { describeWith } from '../../../infra/testing/requirements.ts';
import { PrometheusServer } from '../../../infra/testing/servers/prometheus-server.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { WebhookServer } from '../../../infra/testing/webhook-server.ts';
import { NO_FAULTS, statusFault } from '../../testing/venue/stand-in-faults.ts';
import type { StandInVenue } from '../../testing/venue/stand-in-venue.ts';
import { venueInHand } from '../../testing/venue/session-in-hand.ts';
import { watchedSession } from '../../testing/venue/watched-session.ts';

const ID = 'on-boards';
const RULES = `${packageRoot()}/infra/prometheus/signalbox-rules.yaml`;
/** What a session shows. Models and research have rows of trainings. */
const SHOWN = ['signalbox-trading', 'signalbox-portfolio', 'signalbox-system'];

let database: TestDatabase;
let webhook: WebhookServer;
let venue: StandInVenue;
let session: ReturnType<typeof watchedSession>;
let address = '';

async function count(sql: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM (${sql}) AS x`);
  return rows[0]!.n;
}

/** A real session that buys, sells, is refused something, and whose breaker opens and closes. */
beforeAll(async () => {
  database = await createTestDatabase();
  webhook = await WebhookServer.start();
  venue = await venueInHand();
  const env = { SIGNALBOX_METRICS_PORT: '0' };
  session = watchedSession({
    database,
    webhookUrl: webhook.url,
    venueUrl: venue.url,
    id: ID,
    env,
    overdue: () => 0,
  });
  await session.until('it says where', () => session.notes.some((note) => note.startsWith('metrics at ')));
  address = new URL(/metrics at (\S+),/.exec(session.notes.find((note) => note.startsWith('metrics at '))!)![1]!).host;
  await session.until(
    'it trades',
    async () => (await count("SELECT FROM venue_inputs WHERE event ->> 'connected' = 'true'")) > 0,
  );
  const bought = async (fills: number): Promise<void> => {
    await session.until(`${fills} fills`, async () => (await count('SELECT FROM fills')) >= fills);
  };
  session.close('BUY');
  await bought(1);
  session.close('SELL');
  await bought(2);
  venue.faults = { ...NO_FAULTS, request: () => statusFault(503) };
  await session.until('its breaker opens', async () => (await count('SELECT FROM breaker_changes')) > 0);
  // A purchase that is approved in the moment in which the breaker tries again is not refused, but not sent: it is
  // taken back, and made once more.
  const words = ['BUY', 'SELL'] as const;
  for (let looks = 0; (await count('SELECT FROM refusals')) === 0; looks++) {
    if (looks % 50 === 0) session.close(words[(looks / 50) % 2]!);
    await session.until('it goes on', () => sleep(100, true));
  }
  venue.faults = NO_FAULTS;
  await session.until('it closes', async () => (await count("SELECT FROM breaker_changes WHERE state = 'closed'")) > 0);
  await session.until('it buys again', async () => {
    if ((await count('SELECT FROM fills')) >= 3) return true;
    session.close('BUY');
    await sleep(300);
    return false;
  });
  await session.until('positions are told', async () => (await count('SELECT FROM board_positions')) > 0);
});
afterAll(async () => {
  await session.stop();
  await venue.stop();
  await webhook.stop();
  await database.drop();
});

const scope = (): QueryScope => ({
  from: new Date('1990-01-01'),
  to: new Date(systemClock() + 60_000),
  intervalSeconds: 15,
  choices: { session: [ID] },
});

describe('boards over a real session', () => {
  it('have rows for every panel that reads PostgreSQL', async () => {
    expect(sqlQueries(SHOWN).length).toBeGreaterThan(20);
    expect(await sqlFaults(database.pool, SHOWN, scope())).toEqual([]);
  });

  it('offer the session that runs first', async () => {
    const [choice] = BOARDS[0]!.choices;
    const { rows } = await database.pool.query<Record<string, unknown>>(choice!.sql);
    expect(Object.values(rows[0]!)).toEqual([ID]);
  });

  it('ask PostgreSQL for nothing that it does not understand', async () => {
    for (const { where, target } of sqlQueries(BOARDS.map(({ id }) => id)))
      await expect(database.pool.query(expandSql(target.sql, scope())), where).resolves.toBeDefined();
  });
});

describeWith('prometheus', 'boards over a Prometheus that scrapes a real session', () => {
  let prometheus: PrometheusServer;
  /** Of a worker, whose queue a session does not have. */
  const ofWorkers = /signalbox_(queue_jobs|jobs_total)/;

  beforeAll(async () => {
    prometheus = await PrometheusServer.start([address], [RULES]);
    const seen = async (): Promise<number> =>
      Number((await prometheus.query('count_over_time(signalbox_equity[5m])'))[0]?.value[1] ?? 0);
    await session.until('it was scraped', async () => (await seen()) >= 2);
    // Rates are of what happens while it is looked at.
    const before = await seen();
    let word: 'BUY' | 'SELL' = 'SELL';
    await session.until('it trades while it is scraped', async () => {
      session.close(word);
      word = word === 'BUY' ? 'SELL' : 'BUY';
      await sleep(500);
      return (await seen()) >= before + 6;
    });
  });
  afterAll(() => prometheus.stop());

  it('have a series for every panel that reads it, each with what its legend names', async () => {
    const found: string[] = [];
    const asked = promQueries(SHOWN).filter(({ target }) => !ofWorkers.test(target.prom));
    expect(asked.length).toBeGreaterThan(25);
    for (const { where, target } of asked) {
      const { prom, legend } = target;
      const series = await prometheus.query(expandProm(prom, scope()));
      const named = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
      const bare = named.filter((label) => series.some(({ metric }) => metric[label] === undefined));
      if (!series.some(({ value: [, value] }) => value !== 'NaN')) found.push(`${where}: no series: ${prom}`);
      else if (bare.length > 0) found.push(`${where}: no label ${bare.join(', ')}`);
    }
    expect(found).toEqual([]);
  });

  it('are told by rules that are evaluated, over series that a process has', async () => {
    const answer = await fetch(`${prometheus.url}/api/v1/rules`);
    const { data } = (await answer.json()) as { data: { groups: { rules: { health: string; name: string }[] }[] } };
    const rules = data.groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const named = new Set(readFileSync(RULES, 'utf8').match(/\bsignalbox_\w+/g));
    const lost: string[] = [];
    for (const name of named) if (!ofWorkers.test(name) && (await prometheus.query(name)).length === 0) lost.push(name);
    // Nothing has failed.
    expect(lost).toEqual(['signalbox_collect_failures_total']);
  });

  it('show no session that was not chosen', async () => {
    const other = { ...scope(), choices: { session: ['another'] } };
    const [first] = promQueries(SHOWN);
    expect(await prometheus.query(expandProm(first!.target.prom, other))).toEqual([]);
  });
});
