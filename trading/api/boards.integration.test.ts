import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { panelDataSchema } from '../../infra/grafana/routes.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { PrometheusServer } from '../../infra/testing/servers/prometheus-server.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { serviceRoutes } from '../../service.ts';
import { createService } from './service.ts';
import { paperSession, ServiceUnderTest } from './testing/service-under-test.ts';

const SPAN = 'from=2019-12-31T00:00:00Z&to=2030-01-01T00:00:00Z';

interface Boards {
  readonly boards: { id: string; rows: { panels: { title: string; kind: string }[] }[] }[];
}
interface Data {
  readonly lines: { name: string; time: number[]; value: (number | null)[] }[];
  readonly columns: string[];
  readonly rows: unknown[][];
  readonly cut: boolean;
  readonly unavailable: string | null;
}

let database: TestDatabase;
let service: ServiceUnderTest;
let token = '';
let panels: { board: string; place: number; title: string; kind: string }[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  await paperSession(database, "it's over");
  service = await ServiceUnderTest.over(database, serviceRoutes);
  token = await service.token('viewer', 'viewer');
  const { boards } = await get<Boards>('/api/v1/boards');
  panels = boards.flatMap(({ id, rows }) =>
    rows.flatMap((row) => row.panels).map((panel, place) => ({ board: id, place, ...panel })),
  );
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
});

async function get<Answer>(url: string): Promise<Answer> {
  const answer = await service.ask('GET', url, { token });
  expect(answer.statusCode, `${url}: ${answer.body}`).toBe(200);
  return answer.json();
}

function addressOf(title: string): string {
  const { board, place } = panels.find((one) => one.title === title)!;
  return `/api/v1/boards/${board}/panels/${place}?${SPAN}`;
}
const OVER = `session=${encodeURIComponent("it's over")}`;

describe('boards of the console', () => {
  it('answer for every panel, and say plainly where metrics are not set up', async () => {
    expect(panels.length).toBeGreaterThan(40);
    let without = 0;
    for (const { board, place, title } of panels) {
      const data = await get<Data>(`/api/v1/boards/${board}/panels/${place}?${SPAN}&${OVER}`);
      expect(panelDataSchema.safeParse(data).success, title).toBe(true);
      if (data.unavailable === null) continue;
      expect(data.unavailable, title).toContain('SIGNALBOX_PROMETHEUS_URL');
      without += 1;
    }
    expect(without).toBeGreaterThan(10);
    expect(without).toBeLessThan(panels.length / 1.5);
  });

  it('show what their views hold, in the order of the query', async () => {
    const { columns, rows } = await get<Data>(`${addressOf('Orders')}&${OVER}`);
    const { rows: wanted } = await database.pool.query<{ time: Date; state: string }>(
      'SELECT time, state FROM board_orders ORDER BY time DESC, sequence DESC LIMIT 200',
    );
    expect(wanted.length).toBeGreaterThan(10);
    const column = (name: string): unknown[] => rows.map((row) => row[columns.indexOf(name)]);
    expect(column('time')).toEqual(wanted.map(({ time }) => time.toISOString()));
    expect(column('state')).toEqual(wanted.map(({ state }) => state));
    const { lines } = await get<Data>(`${addressOf('Equity over time')}&${OVER}`);
    const { rows: points } = await database.pool.query<{ equity: number }>(
      'SELECT equity FROM board_equity ORDER BY time',
    );
    expect(lines).toMatchObject([{ name: "it's over", value: points.map(({ equity }) => equity) }]);
  });

  it('thin long lines to their extremes, and say that they did', async () => {
    await database.pool.query(
      `INSERT INTO account_points SELECT 'it''s over', timestamptz '2021-01-01' + n * interval '1 minute',
         100000 + CASE n WHEN 7777 THEN -900 WHEN 8888 THEN 900 ELSE sin(n) END, 0, 0, 0, 0, 0, 0
       FROM generate_series(1, 9000) AS n`,
    );
    const { lines, cut } = await get<Data>(
      `${addressOf('Equity over time').replace('2019-12-31', '2021-01-01')}&${OVER}`,
    );
    const values = lines[0]!.value as number[];
    expect(cut).toBe(true);
    expect(values.length).toBeLessThanOrEqual(600);
    expect([Math.min(...values), Math.max(...values)]).toEqual([99_100, 100_900]);
  });

  it('take the name of a session as a value, whatever it is', async () => {
    const none = `session=${encodeURIComponent("x') OR true OR session_id IN ('")}`;
    expect((await get<Data>(`${addressOf('Orders')}&${none}`)).rows).toEqual([]);
    expect(await get('/api/v1/boards/signalbox-trading/choices/session')).toEqual({ values: ["it's over"] });
  });

  it('are nobody’s who may see some sessions alone, and are asked for by their names', async () => {
    const bound = await service.token('bound', 'strategy', ["it's over"]);
    for (const url of ['/api/v1/boards', `${addressOf('Orders')}&${OVER}`])
      expect((await service.ask('GET', url, { token: bound })).statusCode).toBe(403);
    const other = await service.ask('GET', `/api/v1/boards/none/panels/0?${SPAN}`, { token });
    expect(other.statusCode).toBe(404);
    expect(other.body).toContain('signalbox-trading');
  });
});

describeWith('prometheus', 'boards of the console over a Prometheus', () => {
  let scraped: Server;
  let prometheus: PrometheusServer;

  beforeAll(async () => {
    scraped = createServer((_, answer) => {
      answer.end('signalbox_database_up 1\nsignalbox_breaker_open{breaker="venue"} 0\n');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => scraped.once('listening', resolve));
    prometheus = await PrometheusServer.start([`127.0.0.1:${(scraped.address() as AddressInfo).port}`]);
  });
  afterAll(async () => {
    await prometheus.stop();
    scraped.close();
  });

  it('show its numbers under their legends', async () => {
    await expect.poll(async () => (await prometheus.query('signalbox_database_up')).length).toBe(1);
    const env = { SIGNALBOX_LOG: 'silent', SIGNALBOX_PROMETHEUS_URL: prometheus.url };
    const context = databaseContext(database, { env });
    const measured = await createService({ context, routes: serviceRoutes, perSecond: 1_000 });
    const ask = async (title: string): Promise<Data> => {
      const [, path] = /^(.*)\?/.exec(addressOf(title))!;
      const url = `${path}?from=${new Date(systemClock() - 3_600_000).toISOString()}&to=${new Date(systemClock()).toISOString()}`;
      const headers = { host: 'localhost', authorization: `Bearer ${token}` };
      return (await measured.app.inject({ method: 'GET', url, headers })).json();
    };
    // A step of its range comes after what was measured first.
    await expect
      .poll(() => ask('Database'))
      .toMatchObject({ unavailable: null, lines: [{ name: 'database', value: [1] }] });
    expect(await ask('Breakers that are open')).toMatchObject({ lines: [{ name: 'venue', value: [0] }] });
    await measured.close();
  });
});
