import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRules } from '../../../infra/alerts/rules/watch-rules.ts';
import { appendAudit } from '../../../infra/audit/audit-store.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { paperSession, WaitingSession } from '../../api/testing/service-under-test.ts';
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
