import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { createRandom } from '../../../infra/random.ts';
import { NAMED_LIMITS } from '../../../models/experiment/experiment.ts';
import { simulatedBroker } from '../../../trading/brokers/simulated/simulated-broker.ts';
import type { HistoricalSessionOptions } from '../../../trading/sessions/historical-session.ts';
import { planRules } from '../../../trading/strategies/planned/planned-rules.ts';
import { RULE_STRATEGIES } from '../../../trading/strategies/rule-strategies.ts';
import { HOLD, ruleSignal, type Strategy } from '../../../trading/strategies/strategy.ts';
import { randomWalkBars, testInstrument } from '../../../trading/testing/random-walk-bars.ts';
import { huntedSession, type Hunted } from './hunted-session.ts';
import { huntStrategy, type StrategyHunt } from './strategy-look-ahead.ts';
import { strategyWarmUp, type StrategyWarmUp } from './strategy-warm-up.ts';
import { fileText, LOOK_AHEAD_FILES, WARM_UP_FILES, type PlantedFile } from './testing/planted-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'planted-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SYMBOLS = ['AAA', 'BBB'];
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, 400, { seed: 4, sigma: 0.01 }));

function planOf(own: readonly BarColumns[] = bars): Omit<HistoricalSessionOptions, 'strategy'> {
  return {
    bars: own,
    instruments: own.map(({ symbol }) => testInstrument(symbol)),
    sizing: { kind: 'fraction-of-equity', fraction: 0.4 },
    limits: NAMED_LIMITS.unbounded,
    signals: { longShort: true },
    broker: simulatedBroker({ feeBps: 1 }),
    protection: { stopLoss: { atr: 3 }, takeProfit: null, trailing: { percent: 0.05 } },
    capital: 1e6,
  };
}

let files = 0;
function hunted(planted: Omit<PlantedFile, 'clean'>): Promise<Hunted> {
  const path = join(folder, `mine-${++files}.ts`);
  writeFileSync(path, fileText(planted));
  const plan = planOf();
  // A strategy's own orders and protection do not go together.
  return huntedSession(
    { name: path, parameters: {} },
    planted.places === true ? { ...plan, protection: undefined } : plan,
  );
}

const hunt = (one: Hunted, cuts = 6): StrategyHunt => huntStrategy(one, { cuts, random: createRandom(3).fork('hunt') });
const warm = (one: Hunted): StrategyWarmUp => strategyWarmUp(one, createRandom(3).fork('warm'));

describe('look-ahead planted in a strategy file', () => {
  it.each(LOOK_AHEAD_FILES)('$mistake: named, and its clean twin is not', async (planted) => {
    const { findings } = hunt(await hunted(planted));
    const [first] = findings;
    expect(first?.strategy).toMatch(/^mine-/);
    expect(SYMBOLS).toContain(first!.symbol);
    expect(first!.timeMs).toBeLessThanOrEqual(first!.cutMs);
    expect(first!.withFuture).not.toBe(first!.without);
    const twin = hunt(await hunted({ ...planted, body: planted.clean }));
    expect(twin.findings).toEqual([]);
    expect(twin.compared.signals).toBeGreaterThan(500);
    expect(twin.whole.effects.some(({ kind }) => kind === 'fill')).toBe(true);
  });
});

describe('warm-up planted in a strategy file', () => {
  it.each(WARM_UP_FILES)('$mistake: named, and its clean twin is not', async (planted) => {
    const { findings } = warm(await hunted(planted));
    expect(findings[0]?.strategy).toMatch(/^mine-/);
    expect(findings[0]!.withPast).not.toBe(findings[0]!.without);
    expect(warm(await hunted({ ...planted, body: planted.clean })).findings).toEqual([]);
    expect(hunt(await hunted(planted), 2).findings).toEqual([]);
  });
});

it('a price of long ago is named as well where prices have left it far behind', () => {
  const rising = bars.map((columns): BarColumns => {
    const risen = (values: Float64Array): Float64Array => values.map((value, row) => value * Math.exp(0.003 * row));
    const { open, high, low, close } = columns;
    return { ...columns, open: risen(open), high: risen(high), low: risen(low), close: risen(close) };
  });
  const [buy, sell] = [ruleSignal('BUY', 'up'), ruleSignal('SELL', 'down')];
  const since: Strategy = {
    ...{ name: 'since', parameters: {} },
    forSymbol: () => ({ decide: (view) => (view.close() > view.close(view.length - 1) ? buy : sell) }),
  };
  const { findings } = warm({
    ...{ name: 'since', bars: rising, make: (_, listen) => listen(since), session: () => planOf(rising) },
    members: [{ name: 'since', warmUpBars: null }],
  });
  expect(new Set(findings.map(({ past }) => past))).toEqual(new Set(['other']));
});

describe('look-ahead planted in a strategy of this program', () => {
  const buy = ruleSignal('BUY', 'up');
  const sell = ruleSignal('SELL', 'down');
  const session = () => planOf();
  const inside = (make: (bars: readonly BarColumns[]) => Strategy): Hunted => ({
    name: 'inside',
    bars,
    make: (given, listen) => listen(make(given)),
    session,
    members: [{ name: 'inside', warmUpBars: null }],
  });
  const made = (decide: Strategy['forSymbol']): Strategy => ({ name: 'inside', parameters: {}, forSymbol: decide });

  it('a plan made of all bars that are given', () => {
    const peeking = inside((given) =>
      made((symbol) => {
        const { close } = given.find((one) => one.symbol === symbol)!;
        const mean = close.reduce((sum, value) => sum + value, 0) / close.length;
        return { decide: (view) => (view.close() < mean ? buy : sell) };
      }),
    );
    expect(hunt(peeking).findings.map(({ future }) => future)).toEqual(expect.arrayContaining(['missing', 'other']));
  });

  it('what a run leaves behind for the next', () => {
    const seen = new Map<number, number>();
    const remembering = made(() => ({
      decide: (view) => {
        const next = seen.get(view.openTimeMs() + 60_000);
        seen.set(view.openTimeMs(), view.close());
        return next === undefined ? HOLD : next > view.close() ? buy : sell;
      },
    }));
    const [first] = hunt(inside(() => remembering)).findings;
    expect(first).toMatchObject({ strategy: 'inside', future: 'again' });
  });

  it('crosses that are worked out beforehand: nothing is found', () => {
    const [one] = bars;
    const plan = planOf([one!]);
    for (const name of ['sma-cross', 'ema-cross']) {
      const planned = { ...inside((given) => planRules(name, given)({})), bars: [one!], session: () => plan };
      expect(hunt(planned).findings).toEqual([]);
    }
  });
});

describe('rules that are shipped', () => {
  it.each(RULE_STRATEGIES)('%s: neither looks ahead nor depends on where history begins', async (name) => {
    const one = await huntedSession({ name, parameters: {} }, planOf());
    const { findings, compared } = hunt(one);
    expect(findings).toEqual([]);
    expect(compared.signals).toBeGreaterThan(500);
    expect(warm(one).findings).toEqual([]);
  });

  it.each(['dip-bracket', 'turn-of-range'])('the example %s neither', async (name) => {
    const path = join(import.meta.dirname, `../../../trading/strategies/own/example/${name}.ts`);
    const one = await huntedSession({ name: path, parameters: {} }, { ...planOf(), protection: undefined });
    expect(hunt(one).findings).toEqual([]);
    expect(warm(one).findings).toEqual([]);
  });
});
