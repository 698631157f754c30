import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { commandContext } from '../../infra/testing/command-context.ts';
import type { SymbolScore } from './score-forecasts.ts';
import { volatilityCommand, type VolatilityOptions } from './volatility-command.ts';

const STEPS = 16;

/** Daily bars whose returns are a GARCH(1,1), each of sixteen steps. */
function garchBars(length: number): string {
  const random = createRandom(12);
  const [omega, alpha, beta] = [1e-5, 0.2, 0.7];
  let h = omega / (1 - alpha - beta);
  let price = 100;
  const rows = Array.from({ length }, (_, day) => {
    const open = price;
    let [high, low] = [open, open];
    for (let step = 0; step < STEPS; step++) {
      price *= Math.exp(Math.sqrt(h / STEPS) * random.normal());
      [high, low] = [Math.max(high, price), Math.min(low, price)];
    }
    h = omega + alpha * Math.log(price / open) ** 2 + beta * h;
    return [new Date(DAY_MS * (8_000 + day)).toISOString().slice(0, 10), open, high, low, price, 1].join(',');
  });
  return ['date,open,high,low,close,volume', ...rows].join('\n');
}

interface Value {
  readonly symbols: readonly SymbolScore[];
}

describe('volatility', () => {
  let folder: string;
  let bars: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'volatility-'));
    bars = join(folder, 'AAA.csv');
    writeFileSync(bars, garchBars(2_600));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const run = (options: Partial<VolatilityOptions> = {}) =>
    volatilityCommand(commandContext(), {
      ...{ bars, window: '800', every: '50', realised: 'returns', seed: '7' },
      ...options,
    });

  it('finds that GARCH forecasts best what a GARCH has made, and says so', async () => {
    const output = await run();
    const [score] = (output.value as Value).symbols as [SymbolScore];
    const [ewma, garch, har, hmm] = score.models as [SymbolScore['models'][number], ...SymbolScore['models'][number][]];
    expect(score.scored).toBe(2_600 - 801);
    expect(garch!.confidence).toBe(1);
    for (const other of [ewma, hmm!]) {
      expect(other.qlike).toBeGreaterThan(garch!.qlike!);
      expect(other.inSet).toBe(false);
    }
    expect(har!.qlike).toBeGreaterThan(garch!.qlike!);
    expect(garch!.nextVolatility).toBeGreaterThan(0.003);
    for (const share of [score.turbulent, score.turbulentShare]) expect(share > 0 && share < 1).toBe(true);
    expect(score.switches).toBeGreaterThan(0);
    const { alpha, beta, standardErrors } = score.garch!;
    expect(Math.abs(alpha - 0.2)).toBeLessThan(3 * standardErrors!.alpha);
    expect(Math.abs(beta - 0.7)).toBeLessThan(3 * standardErrors!.beta);
    const text = output.text();
    expect(text).toContain('AAA: 1,799 forecasts');
    expect(text).toMatch(/GARCH\(1,1\).*│ yes/);
    expect(text).toMatch(/is better than the others|cannot be told apart at 90 %/);
    expect((await run()).value).toEqual(output.value);
    const byRange = ((await run({ realised: 'range' })).value as Value).symbols[0]!;
    expect(byRange.models[2]!.feature).toBe('har(800,50,of=range)');
    expect(byRange.models[1]!.nextVolatility).toBe(garch!.nextVolatility);
  });

  it('writes every forecast beside what came, the same where later bars do not exist yet', async () => {
    const [whole, cut] = [join(folder, 'whole.csv'), join(folder, 'cut.csv')];
    const rowsOf = (path: string): string[] => readFileSync(path, 'utf8').trim().split('\n');
    const first = await run({ out: whole });
    const head = rowsOf(whole);
    expect(head[0]).toBe('time,symbol,EWMA,"GARCH(1,1)",HAR,HMM,realised,turbulent');
    expect(head).toHaveLength(1 + 1_799 + 1);
    const { models, turbulent } = (first.value as Value).symbols[0]!;
    const expected = [...models.map(({ nextVolatility }) => nextVolatility), '', turbulent].map(String);
    expect(head.at(-1)!.split(',').slice(2)).toEqual(expected);
    expect(existsSync(join(folder, 'whole.manifest.json'))).toBe(true);

    const shorter = join(folder, 'shorter');
    writeFileSync(`${shorter}.csv`, readFileSync(bars, 'utf8').split('\n').slice(0, 2_001).join('\n'));
    await run({ bars: `${shorter}.csv`, out: cut });
    const unnamed = (row: string): string => row.replace(',shorter,', ',AAA,');
    expect(rowsOf(cut).slice(0, -1).map(unnamed)).toEqual(head.slice(0, 1_200));
    // The forecast for the bar after the last is what stood there before that bar came.
    expect(unnamed(rowsOf(cut).at(-1)!)).toBe(head[1_200]!.replace(/,[^,]+(,[^,]+)$/, ',$1'));
  });

  it('takes splits out, at which nothing moved', async () => {
    const [split, actions] = [join(folder, 'split', 'AAA.csv'), join(folder, 'actions.csv')];
    const [head, ...rows] = readFileSync(bars, 'utf8').split('\n') as [string, ...string[]];
    const halved = rows.map((row, day) => {
      const [date, ...prices] = row.split(',');
      return [date, ...prices.slice(0, 4).map((price) => Number(price) / (day < 2_000 ? 1 : 2)), 1].join(',');
    });
    mkdirSync(join(folder, 'split'));
    writeFileSync(split, [head, ...halved].join('\n'));
    writeFileSync(actions, `symbol,type,exDate,ratio\nAAA,split,${rows[2_000]!.split(',')[0]},2\n`);
    const [whole, adjusted, raw] = await Promise.all([run(), run({ bars: split, actions }), run({ bars: split })]);
    const scoreOf = ({ value }: typeof whole): SymbolScore => (value as Value).symbols[0]!;
    expect(scoreOf(adjusted).models).toEqual(scoreOf(whole).models);
    expect(scoreOf(raw).models[0]!.mse).toBeGreaterThan(10 * scoreOf(whole).models[0]!.mse!);
  });

  it('scores no model that forecasts a variance of 0', async () => {
    const still = join(folder, 'still.csv');
    const [head, ...rows] = readFileSync(bars, 'utf8').split('\n').slice(0, 400) as [string, ...string[]];
    const flat = rows.map((row) => [row.split(',')[0], 100, 100, 100, 100, 1].join(','));
    writeFileSync(still, [head, ...flat].join('\n'));
    const { value, text } = await run({ bars: still, window: '100' });
    const { models } = (value as Value).symbols[0]!;
    expect(models.map(({ qlike, confidence }) => [qlike, confidence])).toEqual(models.map(() => [null, null]));
    expect(text()).toContain('No model can be scored');
  });

  it.each([
    [{ bars: undefined }, /needs --bars/],
    [{ window: '20' }, /--window 20 is not from 60 to 100000/],
    [{ every: '0' }, /--every 0 is not from 1/],
    [{ every: 'x' }, /--every x is not a whole number/],
    [{ realised: 'squares' }, /--realised squares is no measure/],
    [{ window: '2550' }, /AAA has 2600 bars: a --window of 2550 needs 2601/],
    [{ out: 'forecasts.txt' }, /--out forecasts.txt ends in .txt/],
  ])('refuses %o', async (options, message) => {
    await expect(run(options as Partial<VolatilityOptions>)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message) as string,
    });
  });
});
