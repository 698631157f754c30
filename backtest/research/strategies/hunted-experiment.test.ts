import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../../features/bar.ts';
import { computeFeatures } from '../../../features/feature-matrix.ts';
import { createRandom } from '../../../infra/random.ts';
import { parseYamlText } from '../../../infra/files/yaml-file.ts';
import { experimentSchema } from '../../../models/experiment/experiment.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import { experimentRules } from '../../../trading/sessions/rules-experiment.ts';
import { randomWalkBars, testInstrument } from '../../../trading/testing/random-walk-bars.ts';
import { ruleSignal, type Strategy } from '../../../trading/strategies/strategy.ts';
import { huntedEnsemble } from './hunted-ensemble.ts';
import { huntedExperiment, type Hunted } from './hunted-session.ts';
import { huntStrategy } from './strategy-look-ahead.ts';
import { strategyWarmUp } from './strategy-warm-up.ts';
import { fileText, LOOK_AHEAD_FILES, WARM_UP_FILES, type PlantedFile } from './testing/planted-files.ts';

const { file } = scratchFiles('hunted-experiment');
const SYMBOLS = ['AAA', 'BBB'];
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, 600, { seed: 4, sigma: 0.01, barMs: 3_600_000 }));

async function asked(sections: readonly string[], strategies: readonly string[]) {
  const lines = ['name: several', `universe: [${SYMBOLS.join(', ')}]`, 'data: { timeframe: 1h }', 'limits: unbounded'];
  const text = [...lines, ...sections, 'strategies:', ...strategies.map((one) => `  - ${one}`), ''].join('\n');
  const experiment = parseYamlText(experimentSchema, text, 'several.yaml');
  const instruments = SYMBOLS.map((one) => testInstrument(one));
  const market = { bars, actions: SYMBOLS.map(() => []), instruments, experiment, calendar: calendarNamed('none') };
  return { market, rules: await experimentRules(experiment) };
}

async function hunted(...strategies: readonly string[]): Promise<Hunted> {
  const { market, rules } = await asked([], strategies);
  return huntedExperiment(market, rules);
}

const mine = (name: string, planted: Omit<PlantedFile, 'clean'>, more = ''): string =>
  `{ name: ${name}, file: ${file(fileText(planted), `${name}.ts`)}, allocation: 0.3${more} }`;
const trend = '{ name: trend, kind: sma-cross, parameters: { fast: 5, slow: 20 }, allocation: 0.3, symbols: [BBB] }';
const slow = '{ name: slow, kind: breakout, allocation: 0.3, timeframe: 4h }';
const random = () => createRandom(3).fork('hunt');

describe('several strategies of an experiment, hunted on the account that they share', () => {
  const [peek] = LOOK_AHEAD_FILES;
  const [since] = WARM_UP_FILES;

  it('names the one that looks ahead, and none where all are clean', async () => {
    const { findings } = huntStrategy(await hunted(trend, slow, mine('peek', peek!)), { cuts: 6, random: random() });
    expect(new Set(findings.map(({ strategy }) => strategy))).toEqual(new Set(['peek']));
    expect(findings[0]).toMatchObject({ stage: 'signals' });
    const twin = mine('twin', { ...peek!, body: peek!.clean });
    const clean = huntStrategy(await hunted(trend, slow, twin), { cuts: 12, random: random() });
    expect(clean.findings).toEqual([]);
    const told = (name: string) => clean.whole.answers.filter(({ strategy, quiet }) => strategy === name && !quiet);
    for (const name of ['trend', 'slow', 'twin']) expect(told(name).length, name).toBeGreaterThan(4);
    expect(new Set(told('trend').map(({ symbol }) => symbol))).toEqual(new Set(['BBB']));
    expect(clean.whole.effects.some(({ kind }) => kind === 'fill')).toBe(true);
  });

  it('names the one that depends on where history begins, on longer bars too', async () => {
    const longer = mine('longer', since!, ', timeframe: 4h');
    const { findings } = strategyWarmUp(await hunted(trend, mine('since', since!), longer), random());
    expect(new Set(findings.map(({ strategy }) => strategy))).toEqual(new Set(['since', 'longer']));
    const twin = mine('twin', { ...since!, body: since!.clean, warmUpBars: 5 }, ', timeframe: 4h');
    const several = await hunted(trend, slow, twin);
    expect(several.members).toEqual([
      { name: 'trend', warmUpBars: null },
      { name: 'slow', warmUpBars: null },
      { name: 'twin', warmUpBars: 40 },
    ]);
    expect(strategyWarmUp(several, random())).toMatchObject({ findings: [] });
  });
});

describe('an ensemble beside rules', () => {
  const SECTIONS = [
    "features: ['return(1)', 'closelocation()']",
    'splits: { trainBars: 200, testBars: 100 }',
    'estimators: [{ name: linear, kind: logistic-regression, strength: 0.02 }]',
    'ensemble: { innerFolds: 2 }',
    'signals: { buyAbove: 0.5, sellBelow: 0.5 }',
  ];

  async function beside(parts?: Parameters<typeof huntedEnsemble>[1]) {
    const { market, rules } = await asked(SECTIONS, [trend, '{ name: model, kind: ensemble, allocation: 0.3 }']);
    const ensemble = await huntedEnsemble(market, parts);
    return { ensemble, session: await huntedExperiment(market, rules, ensemble.model) };
  }
  /** What the next bar brings, among the features. */
  const leaking: typeof computeFeatures = (set, universe) =>
    computeFeatures(set, universe).map((matrix) => {
      const values = matrix.values.slice();
      const width = matrix.columns.length;
      for (let row = 0; row + 1 < matrix.length; row++) values[row * width] = matrix.values[(row + 1) * width]!;
      return { ...matrix, values };
    });

  it('trades with them in the session that is hunted in, and what it learns is hunted as well: both are clean', async () => {
    const { ensemble, session } = await beside();
    expect(session.members.map(({ name }) => name)).toEqual(['trend', 'model']);
    const { findings, whole } = huntStrategy(session, { cuts: 4, random: random() });
    expect(findings).toEqual([]);
    expect(whole.answers.filter(({ strategy, quiet }) => strategy === 'model' && !quiet).length).toBeGreaterThan(20);
    const learned = await ensemble.lookAhead({ cuts: 1, random: random() });
    expect(learned.findings).toEqual([]);
    expect(learned.compared.predictions).toBeGreaterThan(50);
    expect(ensemble.warmUp()).toEqual([]);
  });

  it('is named where a feature of it knows the next bar', async () => {
    const { ensemble } = await beside({ computeFeatures: leaking });
    const { findings } = await ensemble.lookAhead({ cuts: 1, random: random() });
    expect(findings.map(({ stage }) => stage)).toContain('features');
  });

  it('is named where what it says in the session depends on the bars to come', async () => {
    const { market, rules } = await asked(SECTIONS, [trend, '{ name: model, kind: ensemble, allocation: 0.3 }']);
    let shown: readonly BarColumns[] = bars;
    const peeking: Strategy = {
      name: 'model-signals',
      parameters: {},
      forSymbol: (symbol) => ({
        decide: (view) => {
          const { close } = shown.find((one) => one.symbol === symbol)!;
          return ruleSignal((close[view.length] ?? 0) > view.close() ? 'BUY' : 'SELL', 'it knows');
        },
      }),
    };
    const session = await huntedExperiment(market, rules, peeking);
    const { findings } = huntStrategy(
      {
        ...session,
        make: (own, listen) => {
          shown = own;
          return session.make(own, listen);
        },
      },
      { cuts: 4, random: random() },
    );
    expect(new Set(findings.map(({ strategy }) => strategy))).toEqual(new Set(['model']));
  });
});
