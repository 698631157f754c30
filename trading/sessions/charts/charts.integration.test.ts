import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBarColumns, sliceBarColumns, type BarColumns } from '../../../features/bar.ts';
import { computeFeatures } from '../../../features/feature-matrix.ts';
import { parseFeatureSet } from '../../../features/feature-set.ts';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { writePredictions } from '../../../models/registry/prediction-store.ts';
import { serviceRoutes } from '../../../service.ts';
import { storeColumns } from '../../api/testing/stored-bars.ts';
import { paperSession, ServiceUnderTest } from '../../api/testing/service-under-test.ts';
import { childBars } from '../../testing/streaming-session-child.ts';
import { SessionBars } from '../session-bar-store.ts';
import { openSession } from '../session-store.ts';

const TRAINING = 'c'.repeat(64);
const [aaa, bbb] = childBars as [BarColumns, BarColumns];

let database: TestDatabase;
let service: ServiceUnderTest;
let token = '';

beforeAll(async () => {
  database = await createTestDatabase();
  for (const bars of childBars) await storeColumns(database, bars, { timeframe: '1m', calendar: 'crypto' });
  await paperSession(database, 'over');
  service = await ServiceUnderTest.over(database, serviceRoutes);
  token = await service.token('viewer', 'viewer');
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

interface Curve {
  readonly time: number[];
  readonly equity: number[];
  readonly drawdown: number[];
  readonly benchmark: number[];
  readonly points: number;
  readonly thinned: boolean;
  readonly maxDrawdown: number;
  readonly currency: string;
}
interface Columns {
  readonly time: number[];
  readonly open: number[];
  readonly high: number[];
  readonly low: number[];
  readonly close: number[];
  readonly volume: number[];
  readonly more: boolean;
  readonly timeframe: string;
}

/** Pages backward from the end until there is nothing before. */
async function allPages<Page extends { readonly time: number[]; readonly more: boolean }>(
  url: string,
): Promise<Page[]> {
  const pages: Page[] = [];
  for (let to = ''; ;) {
    const page = await get<Page>(`${url}&last=true${to}`);
    pages.unshift(page);
    if (!page.more) return pages;
    to = `&to=${new Date(page.time[0]!).toISOString()}`;
  }
}

describe('equity of a session', () => {
  it('has every minute of its market, however fast it was replayed', async () => {
    const curve = await get<Curve>('/api/v1/sessions/over/equity?points=5000');
    const minutes = new Set([...aaa.closeTimeMs, ...bbb.closeTimeMs].map((timeMs) => timeMs - (timeMs % 60_000)));
    expect(curve.time).toEqual([...minutes].sort((a, b) => a - b));
  });

  it('is what its books had minute by minute, beside buy and hold of its symbols', async () => {
    await database.pool.query(
      `INSERT INTO account_points SELECT 'over', timestamptz '2020-01-01 00:10Z' + n * interval '1 minute',
         100000 + 300 * sin(n / 9.0), 0, 0, 0, 0, 0, 0
       FROM generate_series(1, 200) AS n ON CONFLICT DO NOTHING`,
    );
    const curve = await get<Curve>('/api/v1/sessions/over/equity?points=5000');
    const { rows } = await database.pool.query<{ time: Date; equity: number; drawdown: number }>(
      `SELECT time, equity, -drawdown AS drawdown FROM board_equity WHERE session_id = 'over' ORDER BY time`,
    );
    expect(rows.length).toBeGreaterThan(199);
    expect(curve).toMatchObject({ points: rows.length, thinned: false, currency: 'USD' });
    expect(curve.time).toEqual(rows.map(({ time }) => time.getTime()));
    expect(curve.equity).toEqual(rows.map(({ equity }) => equity));
    rows.forEach(({ drawdown }, row) => expect(curve.drawdown[row]).toBeCloseTo(drawdown, 12));
    expect(curve.maxDrawdown).toBe(Math.min(...curve.drawdown));
    const closeAt = (bars: BarColumns, timeMs: number): number =>
      bars.close[bars.closeTimeMs.findLastIndex((closeMs) => closeMs <= timeMs)]!;
    const grown = (bars: BarColumns, timeMs: number): number => closeAt(bars, timeMs) / closeAt(bars, curve.time[0]!);
    curve.time.forEach((timeMs, row) => {
      const held = 100_000 * ((grown(aaa, timeMs) + grown(bbb, timeMs)) / 2);
      expect(curve.benchmark[row]).toBeCloseTo(held, 6);
    });
  });

  it('is no more rows than are asked for, with its worst drawdown among them, over a span too', async () => {
    await database.pool.query(
      `INSERT INTO account_points SELECT 'over', timestamptz '2021-01-01' + n * interval '1 minute',
         100000 + 500 * sin(n / 40.0) - CASE WHEN n = 3001 THEN 20000 ELSE 0 END, 0, 0, 0, 0, 0, 0
       FROM generate_series(1, 5000) AS n`,
    );
    const curve = await get<Curve>('/api/v1/sessions/over/equity?points=100&from=2021-01-01');
    expect(curve).toMatchObject({ points: 5_000, thinned: true });
    expect(curve.time.length).toBeLessThanOrEqual(100);
    expect(curve.time.length).toBeGreaterThan(40);
    expect(Math.min(...curve.drawdown)).toBe(curve.maxDrawdown);
    expect(curve.maxDrawdown).toBeLessThan(-0.19);
  });

  it('has no benchmark where prices are not known, and says so', async () => {
    await openSession(database.pool, {
      id: 'priceless',
      kind: 'paper',
      symbols: ['AAA', 'ZZZ'],
      capital: 1_000,
      definition: {},
    });
    await database.pool.query(
      `INSERT INTO account_points VALUES ('priceless', '2020-01-01 01:00Z', 1000, 1000, 0, 0, 0, 0, 0)`,
    );
    const curve = await get<Record<string, unknown>>('/api/v1/sessions/priceless/equity');
    expect(curve).toMatchObject({ benchmark: null, currency: null });
    expect(curve['benchmarkWhyNot']).toContain('No bars of ZZZ');
  });

  it('is not there for whoever may not see the session', async () => {
    const bound = await service.token('bound', 'strategy', ['another']);
    for (const path of ['equity', 'probability?symbol=AAA', 'bars/AAA', 'indicators/AAA?features=rsi(3)']) {
      const answer = await service.ask('GET', `/api/v1/sessions/over/${path}`, { token: bound });
      expect(answer.statusCode, path).toBe(404);
    }
  });
});

describe('bars of the store', () => {
  it('come page by page backward, none twice and none left out', async () => {
    const pages = await allPages<Columns>('/api/v1/historical/AAA?limit=60');
    expect(pages.map(({ time }) => time.length)).toEqual([10, 60, 60, 60, 60]);
    for (const [name, column] of [
      ['time', aaa.openTimeMs],
      ['open', aaa.open],
      ['close', aaa.close],
      ['volume', aaa.volume],
    ] as const) {
      expect(pages.flatMap((page) => page[name])).toEqual(Array.from(column));
    }
  });

  it('are made of shorter ones where a timeframe is not stored, whole ones alone', async () => {
    const pages = await allPages<Columns>('/api/v1/historical/AAA?limit=20&timeframe=5m');
    expect(pages.length).toBeGreaterThan(2);
    const times = pages.flatMap(({ time }) => time);
    expect(times).toEqual(Array.from({ length: 50 }, (_, n) => aaa.openTimeMs[0]! + 5 * n * MINUTE_MS));
    const volumes = pages.flatMap(({ volume }) => volume);
    const highs = pages.flatMap(({ high }) => high);
    times.forEach((_, n) => {
      const five = sliceBarColumns(aaa, 5 * n, 5 * n + 5);
      expect(highs[n]).toBe(Math.max(...five.high));
      expect(volumes[n]).toBe(five.volume.reduce((sum, one) => sum + one, 0));
    });
  });

  it('that came since are asked for by the open of the last', async () => {
    const from = new Date(aaa.openTimeMs[247]!).toISOString();
    const columns = await get<Columns>(`/api/v1/historical/AAA?from=${from}`);
    expect(columns.time).toEqual(Array.from(aaa.openTimeMs.subarray(247)));
  });
});

describe('indicators', () => {
  const features = 'rsi(14),ema(20),macd(12,26,9),obv()';
  const set = parseFeatureSet(features, { timeframe: '1m', symbols: ['AAA'] });

  it('are those that training computes, on every page', async () => {
    type Page = { time: number[]; values: Record<string, (number | null)[]>; more: boolean };
    const pages = await allPages<Page>(`/api/v1/indicators/AAA?limit=70&features=${features}`);
    expect(pages.length).toBe(4);
    const [matrix] = computeFeatures(set, [aaa]);
    expect(Object.keys(pages[0]!.values)).toEqual(set.columns);
    set.columns.forEach((name, at) => {
      const told = pages.flatMap(({ values }) => values[name]!);
      const wanted = Array.from({ length: aaa.length }, (_, row) => matrix!.values[row * set.columns.length + at]!);
      expect(told, name).toEqual(wanted.map((value) => (Number.isNaN(value) ? null : value)));
    });
  });

  it.each([
    ['rsi(-1)', 422, 'rsi'],
    ['rsy(14)', 422, 'rsi'],
    ['beta(BBB,20)', 422, 'BBB'],
    [Array.from({ length: 30 }, (_, n) => `sma(${n + 2})`).join(','), 422, 'too many'],
  ])('refuse %s by name', async (asked, status, words) => {
    const answer = await service.ask('GET', `/api/v1/indicators/AAA?features=${encodeURIComponent(asked)}`, { token });
    expect(answer.statusCode).toBe(status);
    expect(answer.json<{ detail: string }>().detail).toContain(words);
  });
});

describe('a session that was given bars live', () => {
  const BARS = 23;

  beforeAll(async () => {
    await openSession(database.pool, {
      id: 'given',
      kind: 'paper',
      symbols: ['BBB', 'AAA'],
      capital: 1_000,
      definition: { trainingHash: TRAINING },
    });
    const bars = new SessionBars(database.pool, 'given');
    for (let row = 0; row < BARS; row++) {
      const one = (symbol: number, from: BarColumns) => {
        const { open, high, low, close, volume } = from;
        return {
          symbol,
          bar: {
            ...{ openTimeMs: from.openTimeMs[row]!, closeTimeMs: from.closeTimeMs[row]!, volume: volume[row]! },
            ...{ open: open[row]!, high: high[row]!, low: low[row]!, close: close[row]! },
          },
        };
      };
      await bars.write({
        closeTimeMs: aaa.closeTimeMs[row]!,
        bars: [one(0, bbb), one(1, aaa)],
        decidedBy: null,
        unfit: null,
        records: null,
      });
    }
  });

  it('shows those, and longer ones made of them', async () => {
    const own = await get<Columns>('/api/v1/sessions/given/bars/AAA?last=true&limit=7');
    expect(own).toMatchObject({ timeframe: '1m', more: true, close: Array.from(aaa.close.subarray(16, 23)) });
    const longer = await get<Columns>('/api/v1/sessions/given/bars/AAA?timeframe=5m&last=true');
    expect(longer.time).toEqual([0, 5, 10, 15].map((row) => aaa.openTimeMs[row]!));
    expect(longer.close).toEqual([4, 9, 14, 19].map((row) => aaa.close[row]!));
  });

  it('has features over them', async () => {
    const url = '/api/v1/sessions/given/indicators/AAA?features=sma(3)';
    const { values } = await get<{ values: Record<string, (number | null)[]> }>(url);
    const sma = values['sma(3)']!;
    expect(sma.slice(0, 2)).toEqual([null, null]);
    expect(sma[2]).toBeCloseTo((aaa.close[0]! + aaa.close[1]! + aaa.close[2]!) / 3, 9);
  });

  it('says what its model said of a symbol, and nothing of a symbol that it does not trade', async () => {
    await database.pool.query(
      `INSERT INTO trainings (hash, experiment_name, experiment_hash, data_hash, feature_set_hash, backend, plan)
       VALUES ($1, 'x', 'x', 'x', 'x', 'x', '{}')`,
      [TRAINING],
    );
    const columns = createBarColumns('AAA', 5);
    const times = columns.openTimeMs.map((_, row) => aaa.closeTimeMs[row]!);
    await database.transaction((client) =>
      writePredictions(client, TRAINING, 0, {
        symbol: Array.from(times, () => 'AAA'),
        decisionTimeMs: times,
        probability: times.map((_, row) => row / 10),
        score: times,
        novelty: times.map(() => NaN),
        y: times.map(() => 1),
        realisedReturn: times,
        path: new Int32Array(5),
        reasons: Array.from(times, () => null),
      }),
    );
    const to = new Date(aaa.closeTimeMs[4]!).toISOString();
    const told = await get(`/api/v1/sessions/given/probability?symbol=AAA&to=${to}`);
    expect(told).toMatchObject({
      source: 'training',
      time: Array.from(times.subarray(0, 4)),
      probability: [0, 0.1, 0.2, 0.3],
    });
    const answer = await service.ask('GET', '/api/v1/sessions/given/probability?symbol=QQQ', { token });
    expect(answer.json<{ detail: string }>().detail).toContain('It trades BBB, AAA');
  });
});

describe('orders, fills and signals', () => {
  it.each(['orders', 'fills', 'signals'])('are found by a span of the market: %s', async (what) => {
    const all = (await get<Record<string, { time: string }[]>>(`/api/v1/${what}?session=over&limit=1000`))[what]!;
    const [from, to] = [all.at(-6)!.time, all[5]!.time];
    const some = await get<Record<string, { time: string }[]>>(
      `/api/v1/${what}?session=over&limit=1000&from=${from}&to=${to}`,
    );
    expect(some[what]!.length).toBeGreaterThan(0);
    expect(some[what]).toEqual(all.filter(({ time }) => time >= from && time < to));
  });

  it('tell the prices of an order after its last change', async () => {
    const { rows } = await database.pool.query<{ sequence: number }>(
      `SELECT sequence::float8 AS sequence FROM orders WHERE session_id = 'over' AND role = 'stop-loss' LIMIT 1`,
    );
    const { sequence } = rows[0]!;
    await database.pool.query(
      `INSERT INTO order_amendments VALUES ('over', -2, $1, now(), 1, 70, NULL), ('over', -1, $1, now(), 1, 71.5, NULL)`,
      [sequence],
    );
    const { orders } = await get<{ orders: { sequence: number; currentTrigger: number; triggerPrice: number }[] }>(
      '/api/v1/orders?session=over&limit=1000',
    );
    const changed = orders.find((one) => one.sequence === sequence)!;
    expect(changed.currentTrigger).toBe(71.5);
    expect(changed.triggerPrice).not.toBe(71.5);
  });
});
