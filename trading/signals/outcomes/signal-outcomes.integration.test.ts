import { afterAll, beforeAll, expect, it } from 'vitest';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../../../infra/testing/test-database.ts';
import { runHistoricalSession } from '../../sessions/historical-session.ts';
import { runPaper } from '../../sessions/paper-command.ts';
import type { Replay } from '../../sessions/replay.ts';
import { childBars, childSession } from '../../testing/streaming-session-child.ts';
import { PLAIN_MARKS } from '../signal-marks.ts';
import { outcomesOutput } from './outcomes-output.ts';
import type { OutcomeSum } from './signal-outcome-store.ts';

const HORIZON = 3;
/** A split inside the run: a return across it is that of the shares held. */
const SPLIT_ROW = 120;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.drop();
});

const context = () => databaseContext(database);
const [aaa, bbb] = childBars as [(typeof childBars)[0], (typeof childBars)[0]];
const split = aaa.openTimeMs[SPLIT_ROW]!;
const halved = (values: Float64Array): Float64Array =>
  values.map((value, row) => (row < SPLIT_ROW ? value : value / 2));
const traded = [
  { ...aaa, open: halved(aaa.open), high: halved(aaa.high), low: halved(aaa.low), close: halved(aaa.close) },
  bbb,
];
const options: Replay['options'] = {
  ...childSession,
  marks: { ...PLAIN_MARKS, horizonBars: HORIZON },
  signals: {
    opening: { blackouts: [{ fromMs: bbb.closeTimeMs[50]!, toMs: bbb.closeTimeMs[100]!, symbols: ['BBB'] }] },
  },
  actions: [[{ kind: 'split', effectiveMs: split, knownAtMs: split, value: 2 }], []],
};
const paper = (id: string, of: Replay['options'] = options, clock = context().clock) =>
  runPaper({ ...context(), clock }, { speed: 'max', feed: 'replay', session: id }, () =>
    Promise.resolve({
      options: of,
      bars: traded,
      session: { id, kind: 'paper', symbols: ['AAA', 'BBB'], capital: childSession.capital, definition: {} },
    }),
  );

interface Row {
  readonly record: number;
  readonly symbol: string;
  readonly action: string;
  readonly time: Date;
  readonly refused: string | null;
  readonly known_at: Date | null;
  readonly label: number | null;
  readonly realised_return: number | null;
}

async function rowsOf(id: string): Promise<Row[]> {
  const { rows } = await database.pool.query<Row>(
    `SELECT record, s.symbol, s.action, s.time, s.refused, known_at, label, realised_return
     FROM signalbox.signals s LEFT JOIN signalbox.signal_outcomes o USING (session_id, record)
     WHERE session_id = $1 ORDER BY record`,
    [id],
  );
  return rows;
}

/** What each signal brought, counted by hand over bars without the split. */
function expected(symbol: string, time: Date): { knownMs: number; realised: number } | null {
  const bars = symbol === 'AAA' ? aaa : bbb;
  const row = bars.closeTimeMs.indexOf(time.getTime());
  const end = row + HORIZON;
  if (end >= bars.length) return null;
  return { knownMs: bars.closeTimeMs[end]!, realised: bars.close[end]! / bars.close[row]! - 1 };
}

it('stands beside each signal once its horizon has passed, splits taken out, restarts included', async () => {
  let asked = 0;
  const strategy = {
    ...childSession.strategy,
    forSymbol: (symbol: string) => {
      const own = childSession.strategy.forSymbol(symbol);
      const decide: typeof own.decide = (view) => {
        asked += 1;
        if (asked === 300) throw new Error('stopped');
        return own.decide(view);
      };
      return { decide };
    },
  };
  // Each close is stored before the next one, however quick the machine is.
  let nowMs = 0;
  await expect(paper('one', { ...options, strategy }, () => (nowMs += 1000))).rejects.toThrow('stopped');
  const reached = (await rowsOf('one')).at(-1)!.time.getTime();
  const early = (await rowsOf('one')).filter(({ known_at }) => known_at !== null);
  expect(early.length).toBeGreaterThan(10);
  for (const { known_at } of early) expect(known_at!.getTime()).toBeLessThanOrEqual(reached + 2 * HORIZON * 60_000);
  await paper('one');
  const rows = await rowsOf('one');
  expect(new Set(rows.map(({ symbol }) => symbol))).toEqual(new Set(['AAA', 'BBB']));
  for (const { symbol, time, known_at, label, realised_return } of rows) {
    const wanted = expected(symbol, time);
    expect(known_at?.getTime() ?? null).toBe(wanted?.knownMs ?? null);
    if (wanted === null) continue;
    expect(realised_return).toBeCloseTo(wanted.realised, 12);
    expect(label).toBe(realised_return! > 0 ? 1 : 0);
  }
});

it('adds up by class, apart for what was let through, and decides nothing', async () => {
  const { value } = await paper('two');
  expect((value as { journalHash: string }).journalHash).toBe(
    runHistoricalSession({ ...childSession, ...options, broker: childSession.broker, bars: traded }).journalHash,
  );
  const rows = (await rowsOf('two')).filter(({ known_at }) => known_at !== null);
  const sums = (await outcomesOutput(database, { session: 'two' })).value as OutcomeSum[];
  expect(sums.map(({ action, letThrough }) => `${action} ${letThrough}`)).toEqual([
    'BUY true',
    'BUY false',
    'SELL true',
  ]);
  for (const { action, letThrough, known, hitRate, meanReturn } of sums) {
    const own = rows.filter((row) => row.action === action && (row.refused === null) === letThrough);
    const returns = own.map(({ realised_return: one }) => (action === 'BUY' ? one! : -one!));
    expect(known).toBe(own.length);
    expect(hitRate).toBeCloseTo(returns.filter((one) => one > 0).length / own.length, 12);
    expect(meanReturn).toBeCloseTo(returns.reduce((sum, one) => sum + one, 0) / own.length, 12);
  }
  expect((await outcomesOutput(database, { session: 'two' })).text()).toContain('mean return');
  await expect(outcomesOutput(database, { session: 'none' })).rejects.toThrow('there is no session "none"');
  await expect(outcomesOutput(database, { experiment: 'none' })).rejects.toThrow('no version of "none"');
});
