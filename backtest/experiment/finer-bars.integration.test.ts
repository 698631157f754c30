import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { VendorBar } from '../../pipelines/vendors/pages/bar-page.ts';
import { fakeSeries } from '../../pipelines/vendors/testing/fake-market.ts';
import {
  fakeVariables,
  startFakeVendorServer,
  type FakeVendorServer,
} from '../../pipelines/vendors/testing/fake-vendor-server.ts';
import { startSignalbox, type Ended } from '../testing/run-process.ts';

// An experiment whose bars are walked by finer ones of its vendor.
const folder = mkdtempSync(join(tmpdir(), 'signalbox-finer-'));
const HOURS = 4;
const range = { fromMs: Date.UTC(2023, 0, 1), toMs: Date.UTC(2023, 3, 1) };
const hourly = fakeSeries(createRandom('finer'), { timeframe: '1h', kind: 'crypto', ...range });

/** Each four hours of those bars as one. */
const longer: VendorBar[] = hourly.flatMap((first, at) => {
  if (at % HOURS !== 0) return [];
  const parts = hourly.slice(at, at + HOURS);
  const sum = (key: 'volume'): number => parts.reduce((total, part) => total + part[key], 0);
  const high = Math.max(...parts.map((part) => part.high));
  const low = Math.min(...parts.map((part) => part.low));
  return [{ ...first, high, low, close: parts.at(-1)!.close, volume: sum('volume') }];
});

let database: TestDatabase;
let server: FakeVendorServer;
beforeAll(async () => {
  database = await createTestDatabase();
  const known: Record<string, readonly VendorBar[]> = { 'BTCUSDT 1h': hourly, 'BTCUSDT 4h': longer };
  server = await startFakeVendorServer({
    market: { bars: (symbol, size) => known[`${symbol} ${size}`], quote: () => undefined },
  });
});
afterAll(async () => {
  await server?.close();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

function experiment(name: string, intrabar: string): string {
  const path = join(folder, `${name}.yaml`);
  const lines = [
    `name: ${name}`,
    'universe: [BTCUSDT]',
    'data: { source: binance, timeframe: 4h, calendar: crypto, from: 2023-01-01, to: 2023-03-31 }',
    'limits: unbounded',
    'sizing: { kind: fraction-of-equity, fraction: 0.5 }',
    'strategies:',
    '  - { name: trend, kind: sma-cross, parameters: { fast: 3, slow: 8 } }',
    'protection: { stopLoss: { percent: 0.005 }, takeProfit: { percent: 0.005 }, trailing: null }',
    `costs: { intrabar: ${intrabar} }`,
  ];
  writeFileSync(path, lines.concat('').join('\n'));
  return path;
}

function signalbox(...args: string[]): Promise<Ended> {
  const env = { DATABASE_URL: database.url, SIGNALBOX_HOME: join(folder, 'home'), REDIS_URL: '' };
  return startSignalbox(args, process.env, { ...env, ...fakeVariables(server.url), BINANCE_URL: server.url }).ended;
}

interface Traded {
  readonly journalHash: string;
  readonly trades: number;
  readonly bars: number;
  readonly reasons: readonly string[];
}

describe('an experiment that names finer bars for what happens inside its own', () => {
  it('is walked by them, in backtest and paper alike', async () => {
    const finer = experiment('finer', '1h');
    const backtest = await signalbox('backtest', finer, '--json');
    expect({ code: backtest.code, told: backtest.stderr }).toMatchObject({ code: 0 });
    const traded = JSON.parse(backtest.stdout) as Traded;
    expect(traded.bars).toBe(540);
    expect(traded.trades).toBeGreaterThan(10);
    expect(traded.reasons.join()).toContain('fine: of 540 bars finer ones account for 540');
    const paper = JSON.parse((await signalbox('paper', finer, '--json')).stdout) as Traded;
    expect(paper).toMatchObject({ journalHash: traded.journalHash, trades: traded.trades });
    const plain = JSON.parse(
      (await signalbox('backtest', experiment('plain', 'stop-first'), '--json')).stdout,
    ) as Traded;
    expect(plain.journalHash).not.toBe(traded.journalHash);
  });
});
