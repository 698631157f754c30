import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hashOf } from '../../infra/hash.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { readModelCard } from '../../models/promotion/model-card.ts';
import { findVersion, setAlias } from '../../models/registry/model-store.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { makeLivePlace, type LivePlace } from '../testing/live-place.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';

const NAME = 'live';
const KNOWN = 700;
const LIVE_BARS = 30;
const bars = plantedBars({ symbol: 'MADE', bars: KNOWN + LIVE_BARS, seed: 11, correlation: 0.3 });
const folder = mkdtempSync(join(tmpdir(), 'signalbox-own-estimator-'));
const file = join(folder, 'mine.ts');
const MISTAKES = ['none', 'throws', 'nan', 'short', 'silent'] as const;
type Mistake = (typeof MISTAKES)[number];

/** Learns a slope. A row by itself, as a live close asks, is what its mistakes are made of. */
const ESTIMATOR = `import type { OwnEstimator } from 'signalbox';

const own: OwnEstimator<{ mistake: string }> = {
  parameters: { mistake: { default: 'none', oneOf: ${JSON.stringify(MISTAKES)} } },
  fit({ rows, featureNames, x, y }) {
    const width = featureNames.length;
    let slope = 0;
    for (let row = 0; row < rows; row++) slope += (x[row * width] || 0) * (2 * y[row]! - 1);
    return { slope: slope / rows };
  },
  predict(model, { x, rows, featureNames }, { mistake }) {
    const { slope } = model as { slope: number };
    if (rows === 1 && x[0]! > 0.6) {
      if (mistake === 'throws') throw new Error('no idea');
      while (mistake === 'silent') continue;
      if (mistake === 'nan') return [NaN];
      if (mistake === 'short') return [];
    }
    return Array.from({ length: rows }, (_, row) => {
      const score = slope * (x[row * featureNames.length] || 0);
      return 0.5 + (0.4 * score) / (1 + Math.abs(score));
    });
  },
};

export default own;
`;

const sections = (mistake: Mistake, path = file): object => ({
  signals: { buyAbove: 0.5, sellBelow: 0.5 },
  splits: { trainBars: 400, testBars: 150 },
  estimators: [{ name: 'mine', kind: path, parameters: { mistake } }],
});
const versionOf = (mistake: Mistake): number => MISTAKES.indexOf(mistake) + 1;

let database: TestDatabase;
let place: PlantedPlace;
let live: LivePlace;

/** One version for each mistake, trained alike; the first makes none. */
beforeAll(async () => {
  writeFileSync(file, ESTIMATOR);
  database = await createTestDatabase();
  place = makePlantedPlace(database, { folder, name: NAME, bars, sections: sections('none') });
  live = makeLivePlace(database, { place, bars, known: KNOWN });
  place.show(KNOWN);
  for (const mistake of MISTAKES) {
    place.change(sections(mistake));
    await place.train();
  }
  place.change(sections('none'));
});
afterAll(async () => {
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  live.notes.length = 0;
});

const crowned = (mistake: Mistake) => setAlias(database.pool, NAME, 'champion', versionOf(mistake));

async function recordOf(id: string) {
  const refusals = await database.pool.query<{ time: Date; reason: string }>(
    `SELECT time, reason FROM signalbox.refusals WHERE session_id = $1 AND code = 'model-unfit' ORDER BY record`,
    [id],
  );
  const closes = await database.pool.query<{ time: Date; unfit: string | null }>(
    'SELECT close_time AS time, unfit FROM signalbox.session_bars WHERE session_id = $1 ORDER BY close_time',
    [id],
  );
  const unfit = closes.rows.filter((row) => row.unfit !== null);
  return { refused: refusals.rows.map(({ time }) => time.getTime()), closes: closes.rows, unfit };
}

describe("a user's estimator in a live session", () => {
  it('trades once it is champion; the registry says which file fitted it, and its hash', async () => {
    await crowned('none');
    const signals = await live.play('fine');
    expect(signals.length).toBeGreaterThan(LIVE_BARS * 0.8);
    expect(new Set(signals.map(({ model }) => model))).toEqual(new Set([`${NAME}@1`]));
    const orders = await database.pool.query(`SELECT 1 FROM signalbox.fills WHERE session_id = 'fine'`);
    expect(orders.rowCount).toBeGreaterThan(0);
    expect(await recordOf('fine')).toMatchObject({ refused: [], unfit: [] });
    const card = await readModelCard(database.pool, await findVersion(database.pool, `${NAME}@champion`));
    expect(card.members).toEqual([{ name: 'mine', kind: 'file', file, fileHash: hashOf(ESTIMATOR) }]);
  });

  it.each<[Mistake, RegExp]>([
    ['throws', /mine\.ts:14:\d+: no idea/],
    ['nan', /mine\.ts: predict answered NaN for row 0, which is no probability/],
    ['short', /mine\.ts: predict answered 0 values for 1 rows/],
  ])(
    '%s: signals of such a close are refused with file and line, others are not, and a restart repeats it',
    async (mistake, words) => {
      await crowned('none');
      const fine = await live.signalsOf('fine');
      await crowned(mistake);
      const stopped = await live.play(mistake, { closes: 20 });
      const before = await recordOf(mistake);
      expect(before.unfit.length).toBeGreaterThan(1);
      for (const { unfit } of before.unfit) expect(unfit).toMatch(words);
      expect(before.refused).toEqual(before.unfit.map(({ time }) => time.getTime()));
      const said = live.notes.filter((note) => words.test(note));
      expect(said).toEqual([expect.stringContaining('signals of that close are refused')]);
      const signals = await live.play(mistake);
      expect(signals.slice(0, stopped.length)).toEqual(stopped);
      const after = await recordOf(mistake);
      expect(after.unfit.slice(0, before.unfit.length)).toEqual(before.unfit);
      const refused = new Set(after.refused);
      const others = fine.filter(({ time }) => !refused.has(time.getTime()));
      expect(signals.map(({ time, probability }) => [time, probability])).toEqual(
        others.map(({ time, probability }) => [time, probability]),
      );
    },
  );

  it('never answers: its thread is ended, and it is not asked again before the session is restarted', async () => {
    await crowned('silent');
    await live.play('silent', { closes: 20 });
    const { unfit, closes, refused } = await recordOf('silent');
    expect(unfit[0]!.unfit).toMatch(/mine\.ts: predict did not answer within 10 s: its thread was ended/);
    const first = closes.findIndex((row) => row.unfit !== null);
    expect(unfit.map(({ time }) => time)).toEqual(closes.slice(first).map(({ time }) => time));
    expect(unfit[1]!.unfit).toContain('It is not asked again before the session is restarted.');
    expect(refused).toEqual(unfit.map(({ time }) => time.getTime()));
    expect(live.notes.filter((note) => note.includes('did not answer')).length).toBe(2);
  });

  it('is not begun with where its file has changed or is gone', async () => {
    await crowned('none');
    writeFileSync(file, `${ESTIMATOR}// Another text.\n`);
    await expect(live.start()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        /mine\.ts has changed since it fitted the model: its hash is \w{12}, and was/,
      ) as string,
    });
    writeFileSync(file, ESTIMATOR);
    await live.start();
    renameSync(file, `${file}.away`);
    await expect(live.start()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('no such file') as string,
    });
    renameSync(`${file}.away`, file);
  });

  it('is refused where it is promoted and its file is gone, and decides once it is back', async () => {
    const other = join(folder, 'other.ts');
    writeFileSync(other, ESTIMATOR);
    place.change(sections('none', other));
    await place.train();
    place.change(sections('none'));
    await crowned('none');
    renameSync(other, `${other}.away`);
    const between = async (row: number): Promise<void> => {
      if (row === 10) await setAlias(database.pool, NAME, 'champion', MISTAKES.length + 1);
      if (row === 20) renameSync(`${other}.away`, other);
    };
    const signals = await live.play('gone', { between });
    const { unfit, refused } = await recordOf('gone');
    const times = [...bars.closeTimeMs.subarray(KNOWN + 10, KNOWN + 20)];
    expect(unfit.map(({ time }) => time.getTime())).toEqual(times);
    expect(refused).toEqual(times);
    for (const one of unfit)
      expect(one.unfit).toMatch(/cannot be loaded: .*other\.ts, which fitted the model, is not there/);
    expect(signals.filter(({ model }) => model === `${NAME}@${MISTAKES.length + 1}`).length).toBeGreaterThan(5);
  });
});
