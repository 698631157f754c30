import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { setAlias } from '../../models/registry/model-store.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { makeLivePlace, type LivePlace } from '../testing/live-place.ts';
import { makePlantedPlace } from '../testing/planted-place.ts';

const NAME = 'live';
const KNOWN = 1_030;
const LIVE_BARS = 30;
const PROMOTED_AT = 10;
const bars = plantedBars({ symbol: 'MADE', bars: KNOWN + LIVE_BARS, seed: 11, correlation: 0.3 });
const SECTIONS = { signals: { buyAbove: 0.5, sellBelow: 0.5 } };
const folder = mkdtempSync(join(tmpdir(), 'signalbox-unfit-'));
let database: TestDatabase;
let live: LivePlace;

/** The first version fits; the second, of the same name, was trained on other features. */
beforeAll(async () => {
  database = await createTestDatabase();
  const place = makePlantedPlace(database, { folder, name: NAME, bars, sections: SECTIONS });
  live = makeLivePlace(database, { place, bars, known: KNOWN });
  place.show(1_000);
  await place.train();
  await setAlias(database.pool, NAME, 'champion', 1);
  place.change({ ...SECTIONS, features: ['return(1)', 'closelocation()'] });
  await place.train();
  place.change(SECTIONS);
  place.show(KNOWN);
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  live.notes.length = 0;
  await setAlias(database.pool, NAME, 'champion', 1);
});

const sql = (text: string): Promise<unknown> => database.pool.query(text);
const SECOND = `(SELECT model_hash FROM signalbox.model_versions WHERE version = 2)`;
const TRAINING = `(SELECT training_hash FROM signalbox.models WHERE hash = ${SECOND})`;
const planned = (path: string, value: string) => () =>
  sql(`UPDATE signalbox.trainings SET plan = jsonb_set(plan, '${path}', '"${value}"') WHERE hash = ${TRAINING}`);

async function recordOf(id: string) {
  const refusals = await database.pool.query<{ time: Date; code: string; reason: string }>(
    `SELECT time, code, reason FROM signalbox.refusals WHERE session_id = $1 AND code = 'model-unfit' ORDER BY record`,
    [id],
  );
  const closes = await database.pool.query<{ unfit: string | null }>(
    'SELECT unfit FROM signalbox.session_bars WHERE session_id = $1 ORDER BY close_time',
    [id],
  );
  return { refusals: refusals.rows, closes: closes.rows.map(({ unfit }) => unfit) };
}

describe('a version promoted while a session runs that does not fit it', () => {
  it.each<[string, () => Promise<unknown>, RegExp]>([
    ['of other features', async () => undefined, /another feature set/],
    ['of other symbols', planned('{series,0,symbol}', 'OTHER'), /another universe \(OTHER; the experiment has MADE\)/],
    ['of another bar size', planned('{experiment,data,timeframe}', '1h'), /bars of another size \(1h/],
    [
      'whose bytes were altered',
      () => sql(`UPDATE signalbox.models SET content = content || ' '::bytea WHERE hash = ${SECOND}`),
      /cannot be loaded: .* was altered/,
    ],
    ['which nobody holds any more', () => sql('DELETE FROM signalbox.model_aliases'), /no version is the champion/],
  ])('%s: its signals are refused, said once, and the session goes on and repeats it', async (id, spoil, words) => {
    const between = async (row: number): Promise<void> => {
      if (row !== PROMOTED_AT) return;
      await setAlias(database.pool, NAME, 'champion', 2);
      await spoil();
    };
    const signals = await live.play(id, { closes: 20, between });
    const promotedMs = bars.closeTimeMs[KNOWN + PROMOTED_AT]!;
    expect(signals.length).toBeGreaterThan(5);
    expect(Math.max(...signals.map(({ time }) => time.getTime()))).toBeLessThan(promotedMs);
    const { refusals, closes } = await recordOf(id);
    expect(refusals.map(({ time }) => time.getTime())).toEqual([
      ...bars.closeTimeMs.subarray(KNOWN + PROMOTED_AT, KNOWN + 20),
    ]);
    expect(refusals[0]!.reason).toContain('does not fit this session');
    expect(closes.slice(0, PROMOTED_AT)).toEqual(Array.from({ length: PROMOTED_AT }, () => null));
    for (const unfit of closes.slice(PROMOTED_AT)) expect(unfit).toMatch(words);
    const said = live.notes.filter((note) => note.includes('Signals are refused until'));
    expect(said).toEqual([expect.stringMatching(words)]);
    // Restarted with a version that fits, it repeats what it was refused and goes on with that one.
    await setAlias(database.pool, NAME, 'champion', 1);
    const again = await live.play(id);
    expect(again.slice(0, signals.length)).toEqual(signals);
    expect(Math.min(...again.slice(signals.length).map(({ time }) => time.getTime()))).toBeGreaterThanOrEqual(
      bars.closeTimeMs[KNOWN + 20]!,
    );
    expect((await recordOf(id)).refusals).toEqual(refusals);
  });
});
