import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../infra/random.ts';
import { parseYamlText } from '../../../infra/files/yaml-file.ts';
import { experimentSchema } from '../../../models/experiment/experiment.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import { experimentRules } from '../../../trading/sessions/rules-experiment.ts';
import { randomWalkBars, testInstrument } from '../../../trading/testing/random-walk-bars.ts';
import { huntedExperiment, type Hunted } from './hunted-session.ts';
import { huntStrategy } from './strategy-look-ahead.ts';
import { strategyWarmUp } from './strategy-warm-up.ts';
import { fileText, LOOK_AHEAD_FILES, WARM_UP_FILES, type PlantedFile } from './testing/planted-files.ts';

const { file } = scratchFiles('hunted-experiment');
const SYMBOLS = ['AAA', 'BBB'];
const bars = SYMBOLS.map((symbol) => randomWalkBars(symbol, 600, { seed: 4, sigma: 0.01, barMs: 3_600_000 }));

async function hunted(...strategies: readonly string[]): Promise<Hunted> {
  const lines = ['name: several', `universe: [${SYMBOLS.join(', ')}]`, 'data: { timeframe: 1h }', 'limits: unbounded'];
  const text = [...lines, 'strategies:', ...strategies.map((one) => `  - ${one}`), ''].join('\n');
  const experiment = parseYamlText(experimentSchema, text, 'several.yaml');
  const market = { bars, actions: SYMBOLS.map(() => []), instruments: SYMBOLS.map((one) => testInstrument(one)) };
  return huntedExperiment(
    { ...market, experiment, calendar: calendarNamed('none') },
    await experimentRules(experiment),
  );
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

  it('lets the ensemble hold', async () => {
    const one = await hunted(trend, '{ name: model, kind: ensemble, allocation: 0.3 }');
    expect(one.members.map(({ name }) => name)).toEqual(['trend']);
    expect(huntStrategy(one, { cuts: 4, random: random() }).findings).toEqual([]);
  });
});
