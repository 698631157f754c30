import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MINUTE_MS } from '../../../features/timeframe.ts';
import { holdingRules, windowsOf } from '../../../infra/alerts/rules/evaluate-rules.ts';
import { setRuleCommand } from '../../../infra/alerts/rules/rule-actions.ts';
import { applyRules } from '../../../infra/alerts/rules/watch-rules.ts';
import { appendAudit } from '../../../infra/audit/audit-store.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { paperSession, WaitingSession } from '../../api/testing/service-under-test.ts';
import { writeLatencies } from '../latency/latency-store.ts';
import type { StepTimes } from '../latency/order-latencies.ts';
import type { AccountFigures } from '../monitor/account-figures.ts';
import { mostUsedLimit } from './limit-use.ts';
import { sessionReadings } from './session-readings.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const read = async (session: string) =>
  Object.fromEntries(
    (await sessionReadings(() => Promise.resolve(database)).read())
      .filter(({ subject }) => subject === session)
      .map(({ metric, value }) => [metric, value]),
  );

describe('readings of sessions', () => {
  it('are of the money of one that runs', async () => {
    const session = await WaitingSession.start(database, 'runs');
    await session.until(async () => 'equity' in (await read('runs')));
    const readings = await read('runs');
    expect(readings).toMatchObject({ 'session-down': 0, equity: expect.any(Number) as number });
    expect(readings['drawdown-ratio']).toBeGreaterThanOrEqual(0);
    await session.stop();
  });

  it('say that one is down which nobody has stopped, until it is stopped in order', async () => {
    await paperSession(database, 'stopped', 5);
    await paperSession(database, 'over');
    expect(await read('stopped')).toEqual({ 'session-down': 0 });
    expect(await read('over')).toEqual({});
    // As a process leaves it that is killed: its beginning is the last that the audit has of it.
    const life = (action: string) =>
      appendAudit(database.pool, [{ actor: SYSTEM, action, sessionId: 'stopped', reason: '', details: {} }]);
    await life('session-restart');
    expect(await read('stopped')).toEqual({ 'session-down': 1 });
    const apply = async (atMs: number): Promise<unknown[]> => {
      const readings = await sessionReadings(() => Promise.resolve(database)).read();
      await applyRules(databaseContext(database, { clock: () => atMs }), 'sessions', readings);
      const { rows } = await database.pool.query(
        "SELECT type, severity, resolved_at IS NULL AS open FROM alerts WHERE session_id = 'stopped'",
      );
      return rows;
    };
    expect(await apply(0)).toEqual([]);
    expect(await apply(60_000)).toEqual([{ type: 'session-not-running', severity: 'critical', open: true }]);
    await life('session-stop');
    expect(await apply(61_000)).toEqual([{ type: 'session-not-running', severity: 'critical', open: false }]);
  });
});

describe('latencies of a session', () => {
  const NOW_MS = Date.UTC(2026, 10, 30, 15);

  it('are 99th percentiles over the orders of the last minutes, and rules of users watch them', async () => {
    const session = await WaitingSession.start(database, 'fast');
    const order = (agoMs: number, ...steps: number[]): StepTimes => {
      const [arrived, decided, sent, acknowledged] = steps.map((ms) => NOW_MS - agoMs + ms);
      return { closed: NOW_MS - agoMs, arrived, decided, sent, acknowledged };
    };
    // Of long before: two of a hundred and more, which their 99th percentile tells.
    const slow = order(20 * MINUTE_MS, 1, 90_000, 90_001, 99_000);
    const rows = new Map<number, StepTimes>([0, 1].map((sequence) => [sequence, slow]));
    for (let sequence = 2; sequence <= 101; sequence++) rows.set(sequence, order(MINUTE_MS, 5, 8, 9, 8 + sequence));
    // Nobody has answered to the last.
    rows.set(102, { arrived: NOW_MS - 2_000, decided: NOW_MS - 1_990 });
    await writeLatencies(database.pool, 'fast', rows);
    const source = sessionReadings(
      () => Promise.resolve(database),
      () => NOW_MS,
    );
    const values = Object.fromEntries(
      (await source.read()).filter(({ subject }) => subject === 'fast').map(({ metric, value }) => [metric, value]),
    );
    expect(values).toMatchObject({
      'close-to-feed-p99-ms': 5,
      'feed-to-decision-p99-ms': 3,
      'decision-to-request-p99-ms': 1,
      'decision-to-acknowledgement-p99-ms': 100,
      'decision-to-fill-p99-ms': NaN,
    });
    const context = (atMs: number) => databaseContext(database, { clock: () => atMs });
    const rule = { metric: 'decision-to-acknowledgement-p99-ms', above: '100', for: '30s', session: 'fast' };
    await setRuleCommand(context(0), 'slow-venue', rule);
    const look = async (atMs: number): Promise<unknown[]> => {
      const read = sessionReadings(
        () => Promise.resolve(database),
        () => atMs,
      );
      const windows = windowsOf(await holdingRules(database.pool));
      await applyRules(context(atMs), 'sessions', await read.read(windows));
      const { rows: found } = await database.pool.query(
        "SELECT words, resolved_at IS NULL AS open FROM alerts WHERE type = 'slow-venue'",
      );
      return found;
    };
    expect(await look(NOW_MS)).toEqual([]);
    const words =
      'fast: from a decision until the venue answers to its order, 99th percentile: 100 ms, at or above 100 ms';
    expect(await look(NOW_MS + 30_000)).toEqual([{ words, open: true }]);
    // A rule that looks further back finds what was slow before.
    await setRuleCommand(context(0), 'slow-decisions', {
      ...{ metric: 'feed-to-decision-p99-ms', above: '80000', for: '0s', over: '30m' },
    });
    expect(windowsOf(await holdingRules(database.pool))).toEqual(expect.arrayContaining([900, 1_800]));
    await look(NOW_MS + 31_000);
    const { rows: further } = await database.pool.query("SELECT words FROM alerts WHERE type = 'slow-decisions'");
    expect(further).toEqual([
      {
        words: 'fast: from a bar to the decision on it, 99th percentile over 30m: 89999 ms, at or above 80000 ms',
      },
    ]);
    // Those orders are of long ago by now.
    expect(await look(NOW_MS + 15 * MINUTE_MS)).toEqual([{ words, open: false }]);
    await session.stop();
  });
});

describe('the limit that is used most', () => {
  const figures = {
    ...{ equity: 1_000, gross: 500, net: 100, dayReturn: -0.03, dayPnl: -30 },
    symbols: [{ name: 'AAA', gross: 80, net: 80, share: 0.08 }],
    sectors: [{ name: 'none', gross: 500, net: 100, share: 0.5 }],
  } as unknown as AccountFigures;

  it('is named, of those that are set', () => {
    const limits = { ...NAMED_LIMITS.standard, sectorExposureFraction: null };
    expect(mostUsedLimit(figures, limits, 0.01)).toMatchObject({
      ...{ limit: 'positionFraction', share: expect.closeTo(0.8, 9) as number },
    });
    expect(mostUsedLimit(figures, { ...limits, dailyLossFraction: 0.03 }, 0.01)?.limit).toBe('dailyLossFraction');
    expect(mostUsedLimit(figures, limits, 0.15)).toEqual({ limit: 'drawdownFraction', share: 1 });
  });
});
