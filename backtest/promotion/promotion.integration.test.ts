import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { findVersion } from '../../models/registry/model-store.ts';
import { cardMarkdown } from '../../models/promotion/card-markdown.ts';
import { readModelCard, type ModelCard } from '../../models/promotion/model-card.ts';
import { readDecisions } from '../../models/promotion/decision-store.ts';
import { writeLeakageReport } from '../../models/promotion/leakage-store.ts';
import { applyDecision, decisionText, overrule } from '../../models/promotion/promote.ts';
import { rollBack, rollbackText, type Rollback } from '../../models/promotion/roll-back.ts';
import { decidePromotion, type PromotionDecision } from '../../models/promotion/promotion-gate.ts';
import { plantedBars } from '../../pipelines/sources/made-up/planted-bars.ts';
import { makePlantedPlace, PLACE_CLOCK_MS, type PlantedPlace } from '../testing/planted-place.ts';
import { offerFirst, standingText } from './first-champion.ts';
import { promotionEvidence, versionFaults } from './promotion-evidence.ts';

const NAME = 'gate';
/** A penalty so strong that the model knows nothing and never trades. */
const IGNORANT = { estimators: [{ name: 'linear', kind: 'logistic-regression', l1Ratio: 1, strength: 10 }] };
const CRITERIA = ['better', 'leakage', 'calibrated', 'fresh', 'compatible'];
const folder = mkdtempSync(join(tmpdir(), 'signalbox-promotion-'));

describe('a first version that is better than holding', () => {
  it('passes the gate and becomes champion, on record with what it rests on', async () => {
    const database = await createTestDatabase();
    const bars = plantedBars({ symbol: 'MADE', bars: 1100, seed: 12, correlation: 0.3 });
    const place = makePlantedPlace(database, { folder, name: 'first', bars });
    place.show(1100);
    const { trainingHash } = await place.train();
    const [decision] = await readDecisions(database.pool, 'first');
    expect(decision, decisionText(decision!)).toMatchObject({ version: 1, outcome: 'first', championVersion: null });
    expect(decision!.criteria.map(({ name }) => name)).toEqual(CRITERIA);
    expect(decision!.criteria[0]!.text).toContain('buy-and-hold of its own average exposure');
    expect((await findVersion(database.pool, 'first')).aliases).toEqual(['champion']);
    const registered = await offerFirst(database, { hash: trainingHash, name: 'first' }, () => PLACE_CLOCK_MS);
    expect(standingText(registered).join()).toContain('first version 1, the champion');
    await database.drop();
  });
});

describe('promoting a version', () => {
  let database: TestDatabase;
  let place: PlantedPlace;

  const decide = async (selector: string): Promise<PromotionDecision> => {
    const version = await findVersion(database.pool, `${NAME}@${selector}`);
    return decidePromotion(await promotionEvidence(database, version, PLACE_CLOCK_MS), PLACE_CLOCK_MS);
  };
  const holder = async (alias: string): Promise<number> =>
    (await findVersion(database.pool, `${NAME}@${alias}`)).version;
  const told = async (pattern: string): Promise<string[]> => {
    const { rows } = await database.pool.query<{ entry_key: string }>(
      'SELECT entry_key FROM signalbox.tracking_entries WHERE entry_key LIKE $1 ORDER BY id',
      [pattern],
    );
    return rows.map((row) => row.entry_key.split('/')[0]!);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    const bars = plantedBars({ symbol: 'MADE', bars: 1510, seed: 11, correlation: 0.3 });
    place = makePlantedPlace(database, { folder, name: NAME, bars });
    place.show(1500);
    place.change(IGNORANT);
    await place.train();
  });
  afterAll(async () => {
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('leaves a first version that is not better than holding without the alias, with its reasons, once', async () => {
    await expect(holder('champion')).rejects.toThrow(/no version champion; it has 1\/challenger/);
    const [refused, ...others] = await readDecisions(database.pool, NAME);
    expect(others).toEqual([]);
    expect(refused).toMatchObject({ version: 1, outcome: 'refused', championVersion: null });
    expect(refused!.criteria.filter(({ met }) => !met).map(({ name }) => name)).toEqual(['better']);
    // A bare name is the newest version as long as there is no champion.
    expect((await findVersion(database.pool, NAME)).version).toBe(1);
    const training = { hash: String((await findVersion(database.pool, NAME)).evidence['trainingHash']), name: NAME };
    const registered = await offerFirst(database, training, () => PLACE_CLOCK_MS);
    expect(registered.decision).toEqual(refused);
    expect(await readDecisions(database.pool, NAME)).toHaveLength(1);
    const text = standingText(registered).join(' ');
    expect(text).toContain('gate version 1 is not the champion');
    expect(text).toContain('Not met: better: it never differed from holding');
    expect(text).toContain('models promote gate@1 --force --reason');
  });

  it('makes it champion by an override with a reason, and a later version challenger', async () => {
    await applyDecision(database, overrule(await decide('1'), 'to try a live session'));
    place.change({});
    await place.train();
    expect([await holder('champion'), await holder('challenger')]).toEqual([1, 2]);
    expect((await readDecisions(database.pool, NAME)).map(({ outcome }) => outcome)).toEqual(['refused', 'overridden']);
    const { expiresAt, evidence } = await findVersion(database.pool, `${NAME}@1`);
    expect(expiresAt!.getTime()).toBeGreaterThan(Date.UTC(2006, 0, 1));
    expect(evidence).toMatchObject({ backtest: { verdict: 'none' } });
  });

  it('refuses what saw the future even by force, and a champion that moved meanwhile', async () => {
    const { evidence } = await findVersion(database.pool, `${NAME}@2`);
    const { trainingHash } = evidence as { trainingHash: string };
    const clean = await decide('2');
    const found = { hunt: 'whole', compared: { features: 5 }, findings: ['features: rsi of MADE'] } as const;
    await writeLeakageReport(database.pool, trainingHash, found);
    const leaking = await decide('2');
    expect(leaking.outcome, decisionText(leaking)).toBe('refused');
    expect(() => overrule(leaking, 'please')).toThrow(/features: rsi of MADE/);
    await writeLeakageReport(database.pool, trainingHash, { ...found, findings: [] });
    await expect(applyDecision(database, { ...clean, championVersion: 7 })).rejects.toThrow(/has moved to version 1/);
    expect(await holder('champion')).toBe(1);
  });

  it('promotes a challenger that is better net of costs, and tells the tracking server why', async () => {
    const decision = await decide('challenger');
    expect(decision.outcome, decisionText(decision)).toBe('promoted');
    expect(decision.criteria[0]).toMatchObject({ name: 'better', met: true });
    expect(decision.criteria[0]!.text).toContain('after 2 trials and 1 offer since 2024-01-01');
    await applyDecision(database, decision);
    expect(await holder('champion')).toBe(2);
    await expect(holder('challenger')).rejects.toThrow(/no version challenger/);
    const cards = Array.from({ length: 4 }, () => 'logArtifact');
    expect((await told('%decision-%')).slice(-7)).toEqual(['logBatch', 'setAlias', 'deleteAlias', ...cards]);
  });

  it('refuses a worse challenger with its reasons, keeps the champion, and records an override', async () => {
    place.change({ ...IGNORANT, seed: 8 });
    await place.train();
    const decision = await decide('challenger');
    expect(decision.outcome).toBe('refused');
    expect(decision.criteria.filter(({ met }) => !met).map(({ name }) => name)).toEqual(['better']);
    await applyDecision(database, decision);
    expect([await holder('champion'), await holder('challenger')]).toEqual([2, 3]);
    await applyDecision(database, overrule(decision, 'version 2 trades a feature that the vendor stopped'));
    expect(await holder('champion')).toBe(3);
    const stored = await readDecisions(database.pool, NAME);
    expect(stored.map(({ outcome }) => outcome)).toEqual([
      'refused',
      'overridden',
      'promoted',
      'refused',
      'overridden',
    ]);
    expect(stored.at(-1)).toMatchObject({ reason: 'version 2 trades a feature that the vendor stopped' });
    expect(stored.at(-1)!.criteria).toEqual(decision.criteria);
  });

  it('has a card that says what it was trained on, what it showed, what was decided and what it is not for', async () => {
    const version = await findVersion(database.pool, `${NAME}@2`);
    const card = await readModelCard(database.pool, version);
    expect(card).toMatchObject({ name: NAME, version: 2, trials: 2, data: { symbols: ['MADE'], timeframe: '1d' } });
    expect(card.folds).toHaveLength(6);
    expect(card.decisions.map(({ outcome }) => outcome)).toEqual(['promoted']);
    expect(card.leakage.map(({ hunt }) => hunt)).toEqual(['features-and-labels', 'whole']);
    expect(card.limitsOfUse.join(' ')).toContain(
      `no signal for bars after ${version.expiresAt!.toISOString().slice(0, 10)}`,
    );
    const text = cardMarkdown(card);
    for (const said of [
      'closelocation()',
      'Verdict: **',
      'deflatedSharpe',
      '| predicted | came true |',
      'met: better',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toMatch(/undefined|NaN/);
  });

  const goBack = (reason: string | null = null, expired: string | null = null): Promise<Rollback> =>
    rollBack(database, NAME, {
      decidedAtMs: PLACE_CLOCK_MS,
      faultsOf: async (version) => ({ ...(await versionFaults(database, version, PLACE_CLOCK_MS)), expired }),
      reason,
    });
  const leak = async (version: number, findings: string[]): Promise<void> => {
    const { evidence } = await findVersion(database.pool, `${NAME}@${version}`);
    const report = { hunt: 'whole', compared: { features: 5 }, findings } as const;
    await writeLeakageReport(database.pool, String(evidence['trainingHash']), report);
  };

  it('keeps what other thresholds show over the same predictions apart from its own record', async () => {
    const cardOf = async (): Promise<ModelCard> =>
      readModelCard(database.pool, await findVersion(database.pool, `${NAME}@2`));
    const own = await cardOf();
    for (const buyAbove of [0.53, 0.54, 0.53]) {
      place.change({ signals: { buyAbove, sellBelow: 0.48 } });
      await place.train();
    }
    const card = await cardOf();
    expect(card.rules.signals).toMatchObject({ buyAbove: 0.52 });
    expect(card.backtest).toEqual(own.backtest);
    expect(card.otherRules.flatMap(({ differences }) => differences).sort()).toEqual([
      'signals.buyAbove=0.53',
      'signals.buyAbove=0.54',
    ]);
    const [one, two] = card.otherRules.map(({ backtest }) => backtest['totalReturn']);
    expect(new Set([own.backtest!['totalReturn'], one, two]).size).toBe(3);
    expect(cardMarkdown(card)).toMatch(
      /Other rules over the same predictions[^]*- by signals.buyAbove=0.5[34]: verdict/,
    );
    // The record of its own rules follows a run of its own rules.
    place.change({});
    await place.train();
    expect((await cardOf()).backtest).toMatchObject({ sharpe: own.backtest!['sharpe'], trials: 5 });
  });

  it('rolls back to the champion before, each time one further, on record and on the tracking server', async () => {
    const first = await goBack();
    expect(first).toMatchObject({ decision: { version: 2, championVersion: 3 }, passedOver: [] });
    expect(rollbackText(first)).toBe('gate: version 2 is the champion again; version 3 no longer is');
    expect(await holder('champion')).toBe(2);
    expect((await readDecisions(database.pool, NAME)).at(-1)).toEqual(first.decision);
    expect((await told('setAlias/%')).length).toBe(4);
    expect((await goBack()).decision.version).toBe(1);
    expect(await holder('champion')).toBe(1);
    await expect(goBack()).rejects.toThrow(/no earlier version/);
  });

  it('does not bring back what has expired without a reason, nor what saw the future with one', async () => {
    for (const version of ['2', '3']) await applyDecision(database, overrule(await decide(version), 'again'));
    await expect(goBack(null, 'it expired on 2005-01-01')).rejects.toThrow(/gate@2, .*: it expired on 2005-01-01/);
    expect(await holder('champion')).toBe(3);
    await leak(2, ['features: rsi of MADE']);
    const forced = await goBack('the newest one is broken', 'it expired on 2005-01-01');
    expect(forced).toMatchObject({
      decision: { version: 1, reason: 'the newest one is broken' },
      passedOver: [{ version: 2, fault: 'a look-ahead was found in it' }],
    });
    expect(rollbackText(forced)).toContain('passed over version 2: a look-ahead was found in it');
    await leak(2, []);
    await applyDecision(database, overrule(await decide('2'), 'again'));
  });

  it('counts what was tried and offered on fewer bars: data that grow start no new history for the gate', async () => {
    const before = (await decide('3')).criteria[0]!.text;
    place.change({ seed: 9, estimators: [{ name: 'linear', kind: 'logistic-regression', strength: 0.05 }] });
    place.show(1510);
    await place.train();
    const { text } = (await decide('challenger')).criteria[0]!;
    const counted = (said: string): number[] =>
      /after (\d+) trials and (\d+) offers since 2024/.exec(said)!.slice(1).map(Number);
    // Its own offers on the same bars are no others; the newer bars make an offer of each of the three.
    expect(counted(text)).toEqual([counted(before)[0]! + 1, counted(before)[1]! + 1]);
    expect(counted(before)).toEqual([5, 2]);
  });

  it('does not compare versions of other features: that is another name', async () => {
    place.change({ features: ['return(1)', 'closelocation()'] });
    await place.train();
    const decision = await decide('challenger');
    expect(decision.criteria.filter(({ met }) => !met).map(({ name }) => name)).toEqual(['better', 'compatible']);
  });
});
