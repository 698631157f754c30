import { describe, expect, it } from 'vitest';
import { silentProgress } from '../../../infra/terminal/progress.ts';
import { barsCsv } from '../../../pipelines/bars/bars-csv.ts';
import { scratchFiles } from '../../../pipelines/testing/scratch-files.ts';
import { randomWalkBars } from '../../../trading/testing/random-walk-bars.ts';
import {
  askedByOptions,
  strategyLookAhead,
  strategyWarmUpCommand,
  type StrategyResearchOptions,
} from './strategy-commands.ts';
import { fileText, LOOK_AHEAD_FILES, WARM_UP_FILES } from './testing/planted-files.ts';

const { file } = scratchFiles('strategy-commands');
const walk = randomWalkBars('AAA', 200, { seed: 4, sigma: 0.01 });
const bars = file([...barsCsv([walk])].join(''), 'AAA.csv');
const options: StrategyResearchOptions = {
  bars: [bars],
  set: [],
  limit: [],
  cost: [],
  size: 'all-in',
  fill: 'next-open',
  capital: '100000',
  feeBps: '1',
  slippageBps: '1',
  intrabar: 'stop-first',
  stopFill: 'gap',
  seed: '1',
  cuts: '4',
};
const context = { progress: silentProgress() };

describe('a strategy file over a bars file', () => {
  it('that looks ahead is named by lookahead: exit 1, the bar, and both answers', async () => {
    const path = file(fileText(LOOK_AHEAD_FILES[0]!), 'peek.ts');
    const { value, text, exitCode } = await strategyLookAhead(context, options, await askedByOptions(options, path));
    expect(exitCode).toBe(1);
    expect(value).toMatchObject({
      strategy: 'peek',
      fills: { findings: [] },
      findings: expect.arrayContaining([
        expect.objectContaining({ strategy: 'peek', symbol: 'AAA', stage: 'signals', future: 'missing' }),
      ]) as unknown,
      reasons: [expect.stringContaining('Bars that have not closed cannot be read')],
    });
    expect(text!()).toMatch(/signals: peek, AAA at 2020-01-01T.*Z: .*(BUY|SELL).* became .* without the bars after it/);
  });

  it('that depends on its first bar is named by warmup, and its clean twin by neither', async () => {
    const planted = WARM_UP_FILES[0]!;
    const path = file(fileText(planted), 'since.ts');
    const named = await strategyWarmUpCommand(await askedByOptions(options, path));
    expect(named).toMatchObject({ exitCode: 1, value: { strategy: 'since', warmUpBars: null } });
    expect(named.text!()).toMatch(/since, AAA: .*settles.* became .* where history begins later/);
    const twin = file(fileText({ ...planted, body: planted.clean, warmUpBars: 5 }), 'clean.ts');
    const asked = await askedByOptions(options, twin);
    expect(await strategyWarmUpCommand(asked)).toMatchObject({ exitCode: 0, value: { warmUpBars: 5, findings: [] } });
    expect(await strategyLookAhead(context, options, asked)).toMatchObject({ exitCode: 0, value: { findings: [] } });
  });

  it('whose warm-up is no number of bars is refused', async () => {
    const path = file(fileText({ ...WARM_UP_FILES[0]!, warmUpBars: 2.5 }), 'strange.ts');
    await expect(askedByOptions(options, path)).rejects.toThrow(/strange.ts: warmUpBars is not a whole number of bars/);
  });

  it.each(['0', '1.5', 'many'])('refuses --cuts %s', async (cuts) => {
    const asked = await askedByOptions(options, 'sma-cross');
    await expect(strategyLookAhead(context, { ...options, cuts }, asked)).rejects.toThrow(/--cuts/);
  });
});
