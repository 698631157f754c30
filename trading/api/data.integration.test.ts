import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseContext } from '../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { ingestCommand, runMaterialize } from '../../pipelines/commands/command-actions.ts';
import { runCheck } from '../../pipelines/commands/check-command.ts';
import { serviceRoutes } from '../../service.ts';
import { ServiceUnderTest } from './testing/service-under-test.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-data-'));
const path = join(folder, 'AAA.csv');
const options = { vendor: 'csv', path, calendar: 'us-equities' };
let database: TestDatabase;
let service: ServiceUnderTest;
let token: string;

/** Days of January 2024 but for those left out, each a point dearer than the one before. */
function write(leftOut: readonly number[], volume = 100): void {
  const days = [2, 3, 4, 5, 8, 9, 10, 11, 12, 16, 17, 18, 19, 22, 23, 24, 25, 26, 29, 30, 31];
  const rows = days
    .filter((day) => !leftOut.includes(day))
    .map((day) => `2024-01-${String(day).padStart(2, '0')},${day},${day + 1},${day - 1},${day + 0.5},${volume}`);
  writeFileSync(path, ['time,open,high,low,close,volume', ...rows].join('\n'));
}

beforeAll(async () => {
  database = await createTestDatabase();
  service = await ServiceUnderTest.over(database, serviceRoutes);
  token = await service.token('viewer', 'viewer');
  const context = databaseContext(database);
  write([10, 11]);
  const actions = join(folder, 'actions.csv');
  writeFileSync(actions, 'symbol,type,exDate,amount,knownAt\nAAA,dividend,2024-01-17,0.01,2024-01-02\n');
  await ingestCommand(context, { ...options, actions });
  await runMaterialize(context, { ...options, adjust: 'raw', features: 'sma(3),rsi(5)' });
  write([10, 11], 200);
  await expect(ingestCommand(context, { ...options, actions })).rejects.toThrow(/revise|differ/);
  await ingestCommand(context, { ...options, actions, revise: true });
});
afterAll(async () => {
  await service.service.close();
  await database.drop();
  rmSync(folder, { recursive: true });
});

const look = async <Answer>(of: string): Promise<Answer> => {
  const answer = await service.ask('GET', `/api/v1/${of}`, { token });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<Answer>();
};
const seriesId = async (): Promise<number> => (await look<{ series: { id: number }[] }>('data/coverage')).series[0]!.id;

describe('what the store holds', () => {
  it('is told with what the calendar expects of it', async () => {
    const { series } = await look<{ series: object[] }>('data/coverage');
    expect(series).toHaveLength(1);
    // 15 January is a holiday: 21 trading days, of which two are missing.
    expect(series[0]).toMatchObject({ symbol: 'AAA', timeframe: '1d', bars: 19, expected: 21, revision: 1 });
    expect(await look(`data/series/${await seriesId()}/months`)).toEqual({
      months: [{ month: '2024-01', bars: 19, expected: 21 }],
    });
  });

  it('is told with what the checks find, as the command does, in pages', async () => {
    const id = await seriesId();
    const { value } = await runCheck(databaseContext(database), {});
    const [checked] = (value as { series: { warnings: number; findings: object[] }[] }).series;
    const all = await look<{ findings: object[]; warnings: number; checks: object[] }>(`data/series/${id}/findings`);
    expect(all.findings).toEqual(checked!.findings);
    expect(all.warnings).toBe(checked!.warnings);
    const gaps = await look<{ findings: object[] }>(`data/series/${id}/findings?check=gaps&limit=1`);
    expect(gaps.findings).toMatchObject([
      { bars: 2, message: expect.stringContaining('2 bars are missing') as string },
    ]);
    const pages: object[] = [];
    for (let from: string | null = ''; from !== null;) {
      const page: { findings: object[]; next: string | null } = await look(`data/series/${id}/findings?limit=1${from}`);
      pages.push(...page.findings);
      from = page.next === null ? null : `&cursor=${page.next}`;
    }
    expect(pages).toEqual(all.findings);
    const { series } = await look<{ series: { checked: object; checkedAt: string }[] }>('data/coverage');
    expect(series[0]!.checked).toMatchObject({ warnings: checked!.warnings });
  });

  it('is told with corrections, corporate actions and feature rows', async () => {
    const { corrections } = await look<{ corrections: object[] }>('data/corrections');
    expect(corrections).toMatchObject([
      { symbol: 'AAA', accepted: true, bars: 19 },
      { symbol: 'AAA', accepted: false },
    ]);
    const { actions } = await look<{ actions: object[] }>(`data/series/${await seriesId()}/actions`);
    expect(actions).toMatchObject([{ kind: 'dividend', exDate: '2024-01-17', value: 0.01 }]);
    const { sets } = await look<{ sets: { view: string }[] }>('data/features');
    expect(sets).toMatchObject([{ columns: ['sma(3)', 'rsi(5)'], series: 1, rows: 19, bytes: 19 * 16 }]);
    expect((await database.pool.query(`SELECT FROM ${sets[0]!.view}`)).rowCount).toBe(19);
  });

  it('is made of features that are listed as they are written', async () => {
    const { features } = await look<{ features: { name: string; usage: string }[] }>('features');
    expect(features.find(({ name }) => name === 'rsi')?.usage).toBe('rsi(series,n=14)');
    const none = await service.ask('GET', '/api/v1/data/series/999/findings', { token });
    expect(none.json()).toMatchObject({ status: 404, detail: expect.stringContaining('no series 999') as string });
  });
});
