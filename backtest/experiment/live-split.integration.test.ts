import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { setAlias } from '../../models/registry/model-store.ts';
import { recordActions } from '../../pipelines/adjustments/action-store.ts';
import type { CorporateAction } from '../../pipelines/adjustments/corporate-action.ts';
import { findSeries } from '../../pipelines/bars/bar-series-store.ts';
import { usEquities } from '../../pipelines/calendars/us-equities.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { makeLivePlace, type LivePlace, type SignalRow } from '../testing/live-place.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';

const NAME = 'live';
/** Bars in the store when a session starts, those that its feed brings, and the live one before which it splits. */
const KNOWN = 1_030;
const LIVE_BARS = 40;
const SPLIT_AT = 16;
const bars = plantedBars({ symbol: 'MADE', bars: KNOWN + LIVE_BARS, seed: 11, correlation: 0.3 });
const exDay = usEquities.dayAt(bars.openTimeMs[KNOWN + SPLIT_AT]!);
const folder = mkdtempSync(join(tmpdir(), 'signalbox-split-'));
let database: TestDatabase;
let place: PlantedPlace;
let live: LivePlace;

beforeAll(async () => {
  database = await createTestDatabase();
  place = makePlantedPlace(database, { folder, name: NAME, bars, sections: sections() });
  live = makeLivePlace(database, { place, bars, known: KNOWN });
  place.show(1_000);
  await place.train();
  await setAlias(database.pool, NAME, 'champion', 1);
  place.show(KNOWN);
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  live.notes.length = 0;
  await database.pool.query('DELETE FROM corporate_actions');
});

function sections() {
  return { signals: { buyAbove: 0.5, sellBelow: 0.5 }, sizing: { kind: 'fraction-of-equity', fraction: 0.5 } };
}

/** The bars with everything from the live bar on at `ratio` new shares for an old one. */
function splitBars(ratio: number): BarColumns {
  const out = createBarColumns(bars.symbol, bars.length);
  for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
    out[field].set(bars[field]);
  }
  for (let row = KNOWN + SPLIT_AT; row < bars.length; row++) {
    for (const field of ['open', 'high', 'low', 'close'] as const) out[field][row]! /= ratio;
    out.volume[row]! *= ratio;
  }
  return out;
}

async function putOnRecord(action: Pick<CorporateAction, 'kind' | 'value'>): Promise<void> {
  const { rows } = await database.pool.query<{ id: number }>(`SELECT id FROM bar_series WHERE symbol = 'MADE'`);
  const [series] = await findSeries(database.pool, [rows[0]!.id]);
  await recordActions(database, series!, [{ ...action, exDay, knownAtMs: null }], { origin: 'test', revise: true });
}

/** Puts an action on record before the live bar `at`. */
const known = (at: number, action: Pick<CorporateAction, 'kind' | 'value'>) => async (row: number) => {
  if (row === at) await putOnRecord(action);
};

/** Novelty looks at every feature, which a probability need not. */
const told = (rows: readonly SignalRow[]) =>
  rows.map(({ time, action, probability, novelty }) => [
    time.getTime(),
    action,
    Number(probability.toFixed(9)),
    Number(novelty.toFixed(3)),
  ]);
const refusals = async (id: string) =>
  (
    await database.pool.query<{ time: Date; code: string }>(
      'SELECT time, code FROM signalbox.refusals WHERE session_id = $1 ORDER BY record',
      [id],
    )
  ).rows;
const standing = async (id: string) =>
  (
    await database.pool.query<{ equity: number; positions: Record<string, number>; kill_state: string }>(
      'SELECT equity, positions, kill_state FROM signalbox.sessions WHERE id = $1',
      [id],
    )
  ).rows[0]!;

describe('a split while a live session runs', () => {
  it('leaves features, signals and equity as in a world without, and a restart repeats it', async () => {
    const plain = await live.play('plain');
    expect(plain.length).toBeGreaterThan(LIVE_BARS * 0.8);
    const feed = splitBars(4);
    const split = { kind: 'split', value: 4 } as const;
    const whole = await live.play('split', { feed, between: known(SPLIT_AT - 3, split) });
    expect(told(whole)).toEqual(told(plain));
    expect((await refusals('split')).filter(({ code }) => code === 'drawdown-halt')).toEqual([]);
    const [one, other] = [await standing('split'), await standing('plain')];
    expect(one.kill_state).toBe('run');
    expect(one.equity / other.equity - 1).toBeCloseTo(0, 3);
    await database.pool.query('DELETE FROM corporate_actions');
    await live.play('stopped', { feed, closes: SPLIT_AT + 2, between: known(SPLIT_AT, split) });
    // What the session was given counts, whatever the record says later.
    await database.pool.query('DELETE FROM corporate_actions');
    expect(told(await live.play('stopped', { feed }))).toEqual(told(whole));
    expect((await standing('stopped')).equity).toBe(one.equity);
  });

  it('known only after its first bar is refused in words, before and after a restart', async () => {
    const late = { kind: 'split', value: 1.25 } as const;
    const feed = splitBars(1.25);
    const message = /MADE: the split of 1.25 on \d{4}-\d\d-\d\d became known only after/;
    await expect(live.play('late', { feed, between: known(SPLIT_AT + 3, late) })).rejects.toThrow(message);
    await expect(live.play('late', { feed })).rejects.toThrow(message);
  });

  it('that nobody has put on record ends the session before its bar; put on record it goes on', async () => {
    const feed = splitBars(4);
    await expect(live.play('unknown', { feed })).rejects.toThrow(/as after a 4:1 split, and none is applied/);
    await putOnRecord({ kind: 'split', value: 4 });
    const whole = await live.play('again', { feed });
    await database.pool.query('DELETE FROM corporate_actions');
    await putOnRecord({ kind: 'split', value: 4 });
    expect(told(await live.play('unknown', { feed }))).toEqual(told(whole));
  });

  it('credits a dividend, which features do not see', async () => {
    const feed = createBarColumns(bars.symbol, bars.length);
    for (const field of ['openTimeMs', 'closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
      feed[field].set(bars[field]);
    }
    const amount = 0.05 * bars.close[KNOWN + SPLIT_AT - 1]!;
    const factor = 1 - amount / bars.close[KNOWN + SPLIT_AT - 1]!;
    for (let row = KNOWN + SPLIT_AT; row < bars.length; row++) {
      for (const field of ['open', 'high', 'low', 'close'] as const) feed[field][row]! *= factor;
    }
    const signals = await live.play('dividend', {
      feed,
      between: known(SPLIT_AT, { kind: 'dividend', value: amount }),
    });
    await database.pool.query('DELETE FROM corporate_actions');
    expect(told(signals)).toEqual(told(await live.play('without')));
    const [one, other] = [await standing('dividend'), await standing('without')];
    expect(one.equity / other.equity - 1).toBeCloseTo(0, 3);
  });
});

describe('bars that come late', () => {
  it('make signals as old as they are late; in time they do not', async () => {
    const lateFrom = 20;
    const comesMs = (row: number): number =>
      bars.closeTimeMs[Math.min(KNOWN + row + (row >= lateFrom ? 3 : 0), bars.length - 1)]!;
    await live.play('tardy', { comesMs });
    const { rows } = await database.pool.query<{ late_bars: number }>(
      `SELECT late_bars FROM signalbox.session_bars WHERE session_id = 'tardy' ORDER BY close_time`,
    );
    const expected = Array.from({ length: LIVE_BARS }, (_, row) =>
      row < lateFrom ? 0 : Math.min(3, LIVE_BARS - 1 - row),
    );
    expect(rows.map((row) => row.late_bars)).toEqual(expected);
    const stale = (await refusals('tardy')).filter(({ code }) => code === 'stale').map(({ time }) => time.getTime());
    expect(stale.length).toBeGreaterThan(10);
    expect(Math.min(...stale)).toBeGreaterThanOrEqual(bars.closeTimeMs[KNOWN + lateFrom]!);
    expect(live.notes.filter((note) => note.includes('bars late'))).toHaveLength(1);
    // Given again after a restart, they are as late as they were.
    await live.play('tardy again', { comesMs, closes: 30 });
    await live.play('tardy again', { comesMs });
    expect(await refusals('tardy again')).toEqual(await refusals('tardy'));
  });
});
