import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { findVersion, setAlias } from '../../models/registry/model-store.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { loadBars } from '../../models/experiment/market-data.ts';
import { runHistoricalSession } from '../../trading/sessions/historical-session.ts';
import { listSessions } from '../../trading/sessions/session-store.ts';
import { LiveModels } from '../../trading/sessions/live-models.ts';
import { readShadows, readShadowSignals } from '../../trading/sessions/shadows/shadow-store.ts';
import { barsFromClose } from '../../trading/sessions/session-rules.ts';
import { experimentRules, rulesSession } from '../../trading/sessions/rules-experiment.ts';
import type { PreparedExperiment } from '../../models/training/prepare-experiment.ts';
import type { SessionParity } from '../../trading/sessions/parity/session-parity.ts';
import { outcomesOutput } from '../../trading/signals/outcomes/outcomes-output.ts';
import { answersInOneBatch } from '../testing/answers-in-one-batch.ts';
import { makeLivePlace, type LivePlace, type SignalRow } from '../testing/live-place.ts';
import { makePlantedPlace, type PlantedPlace } from '../testing/planted-place.ts';

const NAME = 'live';
/** Bars in the store when the session starts, and those that its feed brings. */
const KNOWN = 1_030;
const LIVE_BARS = 40;
const bars = plantedBars({ symbol: 'MADE', bars: KNOWN + LIVE_BARS, seed: 11, correlation: 0.3 });
const THRESHOLDS = { signals: { buyAbove: 0.5, sellBelow: 0.5 } };
const folder = mkdtempSync(join(tmpdir(), 'signalbox-live-'));

let database: TestDatabase;
let place: PlantedPlace;
let live: LivePlace;
const start = () => live.start();
const play = (...asked: Parameters<LivePlace['play']>) => live.play(...asked);
const signalsOf = (id: string) => live.signalsOf(id);
/** Where the bars that the feed is still to bring are known already. */
let later: TestDatabase;
let whole: PreparedExperiment;

beforeAll(async () => {
  [database, later] = [await createTestDatabase(), await createTestDatabase()];
  place = makePlantedPlace(database, { folder, name: NAME, bars, sections: THRESHOLDS });
  live = makeLivePlace(database, { place, bars, known: KNOWN });
  const known = makePlantedPlace(later, { folder, name: 'later', bars });
  known.show(bars.length);
  whole = await known.prepare();
});
afterAll(async () => {
  await database?.drop();
  await later?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  live.notes.length = 0;
});

const inOneBatch = (version: number) => answersInOneBatch(database, `${NAME}@${version}`, whole);
const liveIndex = ({ time }: SignalRow): number => bars.closeTimeMs.indexOf(time.getTime()) - KNOWN;
const trainings = async (): Promise<number> =>
  (await database.pool.query('SELECT 1 FROM signalbox.trainings')).rowCount!;

describe('a live session', () => {
  it('does not start without a champion, trains nothing, and says what to do', async () => {
    place.show(KNOWN);
    await expect(start()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('has no champion') as string,
      remedy: expect.stringContaining(`signalbox run ${place.experimentPath} `) as string,
    });
    expect(await trainings()).toBe(0);
    place.show(1_000);
    await place.train();
    await database.pool.query('DELETE FROM signalbox.model_aliases');
    await expect(start()).rejects.toMatchObject({
      exitCode: 2,
      remedy: expect.stringContaining(`signalbox models promote ${NAME}@1`) as string,
    });
    await setAlias(database.pool, NAME, 'champion', 1);
    // A challenger of newer bars, other than the champion in what it says.
    place.show(KNOWN);
    place.change({ ...THRESHOLDS, estimators: [{ name: 'forest', kind: 'random-forest', trees: 20, maxDepth: 3 }] });
    await place.train();
    place.change(THRESHOLDS);
    expect((await findVersion(database.pool, `${NAME}@challenger`)).version).toBe(2);
  });

  it('trades the champion and not the newest version, with the reasons and the novelty of each row', async () => {
    const before = await trainings();
    const signals = await play('first');
    const expected = await inOneBatch(1);
    expect(signals.length).toBeGreaterThan(LIVE_BARS * 0.8);
    for (const { time, probability, reason, novelty, model } of signals) {
      const one = expected.get(time.getTime())!;
      expect(model).toBe(`${NAME}@1`);
      expect(probability).toBeCloseTo(one.probability, 12);
      expect(reason.slice(reason.indexOf(': ') + 2)).toBe(one.reasons);
      expect(reason).toMatch(/(closelocation|return|zscore).* [+-]\d\.\d{3}/);
      expect(novelty).toBeCloseTo(one.novelty, 12);
    }
    expect(await trainings()).toBe(before);
    expect(live.notes.join('\n')).toMatch(new RegExp(`${NAME}@1, the champion, trades until it expires on \\d{4}`));
  });

  it('was compared with the backtest of its bars day by day, and is no different; outcomes stand beside its signals', async () => {
    const { rows } = await database.pool.query<{ document: SessionParity }>(
      `SELECT document FROM signalbox.session_parity WHERE session_id = 'first' ORDER BY as_of`,
    );
    expect(rows.length).toBeGreaterThan(1);
    for (const { document } of rows) expect([document.differences, document.cost, document.rest]).toEqual([[], 0, 0]);
    const { asOf, orders } = rows.at(-1)!.document;
    expect(Date.parse(asOf)).toBe(bars.closeTimeMs.at(-1));
    expect(orders.session).toBeGreaterThan(3);
    const told = await outcomesOutput(database, { session: 'first' });
    const known = (told.value as { known: number }[]).reduce((sum, one) => sum + one.known, 0);
    const said = await database.pool.query(`SELECT 1 FROM signalbox.signals WHERE session_id = 'first' AND time < $1`, [
      new Date(bars.closeTimeMs.at(-1)!),
    ]);
    expect(known).toBe(said.rowCount);
    const stored = await outcomesOutput(database, { experiment: NAME });
    const [fold] = (stored.value as { model: string; made: string; predictions: number; known: number }[]).filter(
      ({ made }) => made === 'out-of-fold',
    );
    expect(fold).toMatchObject({ model: `${NAME}@1`, known: fold!.predictions });
  });

  it('sends nothing in observation: signals and risk as ever, each order over at once, the account as it was', async () => {
    const signals = await play('observed', { asked: { mode: 'observation' } });
    expect(signals.length).toBeGreaterThan(LIVE_BARS * 0.8);
    const { rows } = await database.pool.query<{ state: string; orders: number }>(
      `SELECT state, count(*)::int AS orders FROM signalbox.orders WHERE session_id = 'observed' GROUP BY state`,
    );
    expect(rows).toEqual([{ state: 'CANCELED', orders: expect.any(Number) as number }]);
    const filled = await database.pool.query(`SELECT 1 FROM signalbox.fills WHERE session_id = 'observed'`);
    expect(filled.rows).toEqual([]);
    const [session] = await listSessions(database.pool, { ids: ['observed'] });
    expect(session).toMatchObject({ equity: session!.capital, positions: {}, definition: { mode: 'observation' } });
    await expect(play('observed')).rejects.toThrow(/session "observed" exists with another strategy/);
  });

  it('asks shadows beside the champion, records what they say, and trades as without them', async () => {
    const shadow = [`${NAME}@2`, 'ema-cross:fast=3,slow=8'];
    expect(await play('shadowed', { asked: { shadow } })).toEqual(await signalsOf('first'));
    expect(live.notes).toContain(`beside it, never traded: ${NAME}@2, ema-cross:fast=3,slow=8`);
    const said = await readShadowSignals(database.pool, 'shadowed', { limit: 1_000 });
    const expected = await inOneBatch(2);
    const ofModel = said.filter((one) => one.shadow === `${NAME}@2`);
    expect(ofModel.length).toBeGreaterThan(LIVE_BARS * 0.8);
    for (const { time, probability } of ofModel) {
      expect(probability).toBeCloseTo(expected.get(time.getTime())!.probability, 12);
    }
    for (const one of await readShadows(database.pool, 'shadowed')) {
      expect(one.same + one.opposite + one.alone + one.silent).toBe(one.closes);
    }
    expect(await readShadows(database.pool, 'shadowed')).toHaveLength(2);
    const wrong = (...words: string[]) => live.start({ session: 'never', shadow: words });
    await expect(wrong(`${NAME}@9`)).rejects.toMatchObject({ exitCode: 2 });
    await expect(wrong('ema-cross:fast')).rejects.toThrow(/"fast" is no key=number/);
    await expect(wrong('ema-cros')).rejects.toThrow(/unknown strategy "ema-cros"/);
    await expect(wrong('momentum', 'momentum')).rejects.toThrow('--shadow momentum is given twice.');
  });

  it('follows the alias at the next bar, and after a restart asks for each bar the model that decided it', async () => {
    const promote = async (row: number): Promise<void> => {
      if (row === 10) await setAlias(database.pool, NAME, 'champion', 2);
    };
    const stopped = await play('moved', { closes: 20, between: promote });
    const of = (rows: readonly SignalRow[]) => rows.map((row) => [liveIndex(row), row.model]);
    const modelAt = (row: number): string => (row >= 10 && row < 30 ? `${NAME}@2` : `${NAME}@1`);
    expect(new Set(stopped.map(({ model }) => model))).toEqual(new Set([`${NAME}@1`, `${NAME}@2`]));
    expect(of(stopped)).toEqual(stopped.map((row) => [liveIndex(row), modelAt(liveIndex(row))]));
    expect(live.notes.join('\n')).toContain(`${NAME}@2 is the champion now`);
    const rollBack = async (row: number): Promise<void> => {
      if (row === 30) await setAlias(database.pool, NAME, 'champion', 1);
    };
    const signals = await play('moved', { between: rollBack });
    expect(signals.slice(0, stopped.length)).toEqual(stopped);
    expect(Math.max(...signals.map(liveIndex))).toBeGreaterThan(30);
    expect(of(signals)).toEqual(signals.map((row) => [liveIndex(row), modelAt(liveIndex(row))]));
    const [one, two] = [await inOneBatch(1), await inOneBatch(2)];
    for (const row of signals) {
      const answers = row.model === `${NAME}@1` ? one : two;
      expect(row.probability).toBeCloseTo(answers.get(row.time.getTime())!.probability, 12);
    }
    const { rows } = await database.pool.query<{ decided_by: string }>(
      `SELECT DISTINCT decided_by FROM signalbox.session_bars WHERE session_id = 'moved'`,
    );
    expect(rows).toHaveLength(2);
  });

  it('gives no signal by an expired champion, and records why', async () => {
    const { expiresAt } = await findVersion(database.pool, `${NAME}@1`);
    const expiresMs = bars.closeTimeMs[KNOWN + 4]!;
    await database.pool.query(`UPDATE signalbox.model_versions SET expires_at = $1 WHERE version = 1`, [
      new Date(expiresMs),
    ]);
    const signals = await play('expired');
    const { rows } = await database.pool.query<{ time: Date; code: string; reason: string }>(
      `SELECT time, code, reason FROM signalbox.refusals WHERE session_id = 'expired' AND code = 'model-expired'`,
    );
    const late = signals.filter(({ time }) => time.getTime() > expiresMs);
    expect(late.length).toBeGreaterThan(20);
    expect(rows.map(({ time }) => time)).toEqual(late.map(({ time }) => time));
    expect(rows[0]!.reason).toMatch(/^model expired \d+\.\d\d days before this bar closed$/);
    const orders = await database.pool.query<{ last: Date }>(
      `SELECT max(time) AS last FROM signalbox.orders WHERE session_id = 'expired'`,
    );
    expect(orders.rows[0]!.last.getTime()).toBeLessThanOrEqual(expiresMs);
    await database.pool.query(`UPDATE signalbox.model_versions SET expires_at = $1 WHERE version = 1`, [
      new Date(bars.closeTimeMs[0]! + DAY_MS),
    ]);
    await start();
    expect(live.notes.join('\n')).toMatch(/expired on .*: its signals are refused/);
    await database.pool.query('UPDATE signalbox.model_versions SET expires_at = $1 WHERE version = 1', [expiresAt]);
  });

  it('keeps as many rows as the experiment and every training of its name look at', async () => {
    const kept = (): Promise<number> => {
      const experiment = loadExperiment(place.experimentPath);
      return new LiveModels(database, { experiment, asked: NAME, featureSetHash: '', symbols: [] }).keptRows();
    };
    const estimators = [{ name: 'lstm', kind: 'lstm-network', window: 80 }];
    expect(await kept()).toBe(64);
    place.change({ ...THRESHOLDS, estimators });
    expect(await kept()).toBe(80);
    place.change(THRESHOLDS);
    await database.pool.query(
      `WITH one AS (SELECT min(hash) AS hash FROM signalbox.trainings)
       INSERT INTO signalbox.trainings (hash, experiment_name, experiment_hash, data_hash, feature_set_hash, backend, plan)
       SELECT 'longer', experiment_name, experiment_hash, data_hash, feature_set_hash, backend,
              jsonb_set(plan, '{experiment,estimators}', $1) FROM signalbox.trainings JOIN one USING (hash)`,
      [JSON.stringify(estimators)],
    );
    expect(await kept()).toBe(80);
  });

  it('goes on after a restart though the store has got more bars meanwhile, and not from history that was changed', async () => {
    const whole = await play('whole');
    const { session } = await start();
    const stopped = await play('grown', { closes: 20 });
    place.show(KNOWN + 15);
    expect((await start()).session.id).toBe(session.id);
    const signals = await play('grown');
    expect(signals.slice(0, stopped.length)).toEqual(stopped);
    expect(signals).toEqual(whole);
    await database.pool.query(
      `UPDATE signalbox.sessions SET definition = jsonb_set(definition, '{history,bars}', '"other"') WHERE id = 'grown'`,
    );
    await expect(play('grown')).rejects.toThrow(/the bars before 20\d\d-.* have changed since session "grown" began/);
  });

  it('refuses a champion of other features or adjustments, and one whose bytes were altered', async () => {
    place.change({ ...THRESHOLDS, features: ['return(1)', 'closelocation()'] });
    await expect(start()).rejects.toThrow(/live@1, the champion, does not fit.*another feature set/);
    place.change({ ...THRESHOLDS, data: { source: 'csv', path: join(folder, `${NAME}.csv`), adjust: 'raw' } });
    await expect(start()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('adjusted for splits-and-dividends, not raw') as string,
    });
    place.change(THRESHOLDS);
    const plans = (universe: string) =>
      database.pool.query(`UPDATE signalbox.trainings SET plan = jsonb_set(plan, '{series,0,symbol}', $1)`, [universe]);
    await plans('"OTHER"');
    await expect(start()).rejects.toThrow(/another universe \(OTHER; the experiment has MADE\)/);
    await plans('"MADE"');
    await start();
    const { modelHash } = await findVersion(database.pool, `${NAME}@1`);
    await database.pool.query('UPDATE signalbox.models SET content = content || $2 WHERE hash = $1', [
      modelHash,
      Buffer.from(' '),
    ]);
    await expect(start()).rejects.toThrow(/was altered: its bytes do not match its hash/);
  });
});

describe('a live session of rules', () => {
  /** The store does not forget what it has been given above. */
  const known = KNOWN + 15;
  /** A short history: it is traded. */
  const from = new Date(bars.openTimeMs[known - 150]!).toISOString().slice(0, 10);
  const dips = join(import.meta.dirname, '../../trading/strategies/own/example/dip-bracket.ts');
  const cross = { name: 'cross', kind: 'sma-cross', parameters: { fast: 2, slow: 5 } };
  const fades = { name: 'fades', kind: 'mean-reversion', parameters: { lookback: 5 } };

  /** Hash of the journal that a session has ended with, and its orders of live bars. */
  async function ended(id: string) {
    const { rows } = await database.pool.query<{ hash: string; orders: number; bars: number }>(
      `SELECT journal_hash AS hash,
              (SELECT count(*)::int FROM signalbox.orders WHERE session_id = id AND time >= $2) AS orders,
              (SELECT count(*)::int FROM signalbox.session_bars WHERE session_id = id AND decided_by IS NULL) AS bars
       FROM signalbox.sessions WHERE id = $1`,
      [id, new Date(bars.closeTimeMs[known]!)],
    );
    return rows[0]!;
  }

  /** The bars of an experiment where those of the feed are in the store. */
  async function knownLater(experiment: Experiment) {
    const loaded = await loadBars(later, whole.reference);
    const fromMs = Date.parse(experiment.data.from!);
    return { ...whole, ...loaded, bars: loaded.bars.map((columns) => barsFromClose(columns, fromMs)), experiment };
  }

  it.each<[string, object[]]>([
    ['one', [cross]],
    ['own', [{ name: 'dips', file: dips, parameters: { dip: 0.001 } }]],
    [
      'several',
      [
        { ...cross, allocation: 0.5 },
        { ...fades, allocation: 0.4 },
      ],
    ],
  ])('needs no champion and is its backtest going on, stopped or not: %s', async (id, strategies) => {
    await database.pool.query('DELETE FROM signalbox.model_aliases');
    const { play } = makeLivePlace(database, { place, bars, known });
    place.show(known);
    place.change({ strategies, data: { source: 'csv', path: join(folder, `${NAME}.csv`), from } });
    const signals = await play(`rules-${id}`);
    await play(`stopped-${id}`, { closes: 10 });
    expect(await ended(`stopped-${id}`)).toMatchObject({ hash: null, bars: 10 });
    expect(await play(`stopped-${id}`)).toEqual(signals);
    const experiment = loadExperiment(place.experimentPath);
    const market = await knownLater(experiment);
    const history = runHistoricalSession(rulesSession(market, await experimentRules(experiment), null));
    const live = await ended(`rules-${id}`);
    expect(live).toMatchObject({ hash: history.journalHash, bars: KNOWN + LIVE_BARS - known });
    expect(live.orders).toBeGreaterThan(2);
    expect(await ended(`stopped-${id}`)).toEqual(live);
  });

  it('is refused with an ensemble among them', async () => {
    place.change({
      strategies: [
        { name: 'model', kind: 'ensemble', allocation: 0.5 },
        { ...cross, allocation: 0.5 },
      ],
    });
    await expect(start()).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('strategies[0]: a live feed is traded by rules or by the champion') as string,
    });
  });
});
