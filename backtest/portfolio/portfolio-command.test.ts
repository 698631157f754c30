import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../features/timeframe.ts';
import { createRandom } from '../../infra/random.ts';
import { typeCommand, type TypedCommand } from '../../infra/terminal/testing/typed-command.ts';
import { PORTFOLIO_METHODS } from '../../models/experiment/rule-parameters.ts';
import { scratchFiles } from '../../pipelines/testing/scratch-files.ts';
import { registerBacktestCommands } from '../commands.ts';
import type { PortfolioDocument } from './portfolio-text.ts';

const { folder, file } = scratchFiles('portfolio-command');
const START_MS = Date.UTC(2021, 0, 1);
const DAYS = 200;

/** Daily bars of names that share what a market does, and that market. */
function barsFile(name: string, symbols: readonly string[], { startMs = START_MS, from = 0 } = {}): string {
  const market = createRandom('market');
  const shared = Array.from({ length: DAYS }, () => market.normal());
  const lines = symbols.flatMap((symbol, at) => {
    const random = createRandom(`own/${symbol}`);
    let price = 100;
    const rows = shared.map((move, row) => {
      const open = price;
      price *= 1 + 0.005 * (symbol === 'MARKET' ? move : move * (0.5 + at / 4) + random.normal());
      const time = new Date(startMs + row * DAY_MS).toISOString();
      return [symbol, time, open, Math.max(open, price), Math.min(open, price), price, 1e6].join(',');
    });
    return rows.slice(from);
  });
  return file(['symbol,timestamp,open,high,low,close,volume', ...lines].join('\n'), name);
}

const SYMBOLS = ['A', 'B', 'C', 'D', 'E'];
const STOCKS = barsFile('stocks.csv', SYMBOLS);
const MARKET = barsFile('market.csv', ['MARKET']);

const typed = (...argv: readonly string[]): Promise<TypedCommand> =>
  typeCommand({ register: registerBacktestCommands, env: { SIGNALBOX_HOME: folder } }, 'portfolio', ...argv);

async function found(...argv: readonly string[]): Promise<PortfolioDocument> {
  const { code, out, err } = await typed(STOCKS, '--set', 'lookback=60', '--json', ...argv);
  expect([code, code === 0 ? '' : err]).toEqual([0, '']);
  return JSON.parse(out) as PortfolioDocument;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

describe('portfolio', () => {
  it('tells weights, and shares of risk that add up, by symbol, component and factor', async () => {
    const one = await found('--method', 'risk-parity', '--factors', MARKET);
    expect(one.symbols.map(({ symbol }) => symbol)).toEqual(SYMBOLS);
    expect(sum(one.symbols.map(({ weight }) => weight))).toBeCloseTo(0.98, 12);
    for (const { riskShare } of one.symbols) expect(riskShare).toBeCloseTo(0.2, 8);
    expect(one.effectiveBets).toBeCloseTo(5, 6);
    expect(sum(one.components.map(({ ofSymbols }) => ofSymbols))).toBeCloseTo(1, 10);
    expect(sum(one.components.map(({ ofPortfolio }) => ofPortfolio))).toBeCloseTo(1, 10);
    expect(one.factors!.map(({ factor }) => factor)).toEqual(['MARKET']);
    expect(one.factors![0]!.share + one.residualShare!).toBeCloseTo(1, 12);
    // Each follows the market by 0.5 to 1.5 beside noise of the same size.
    expect(one.factors![0]!.exposure).toBeGreaterThan(0.6);
    expect(one.factors![0]!.share).toBeGreaterThan(0.6);
    expect(one.correlation.map((row, i) => row[i])).toEqual([1, 1, 1, 1, 1]);
  });

  it('walks each method forward net of costs', async () => {
    const { methods } = await found('--fee-bps', '20');
    expect(methods.map(({ method }) => method)).toEqual(PORTFOLIO_METHODS.filter((one) => one !== 'black-litterman'));
    const free = (await found()).methods;
    methods.forEach((one, at) => {
      expect(one.fees).toBeGreaterThan(0);
      expect(one.totalReturn).toBeLessThan(free[at]!.totalReturn);
    });
    const views = (await found('--method', 'black-litterman', '--set', 'views=A - E: 0.2 @ 0.9')).methods;
    expect(views.map(({ method }) => method)).toEqual([...PORTFOLIO_METHODS]);
  });

  it('leaves out what has too few bars, shows all of it as text, and writes the document', async () => {
    const late = barsFile('late.csv', ['LATE'], { from: DAYS - 10 });
    const out = join(folder, 'portfolio.json');
    const { code, out: text } = await typed(STOCKS, late, '--set', 'lookback=60', '--out', out);
    const written = JSON.parse(readFileSync(out, 'utf8')) as PortfolioDocument;
    expect(written.leftOut).toEqual(['LATE']);
    expect(code).toBe(0);
    expect(text).toContain('hierarchical-risk-parity, ledoit-wolf covariance of 60 returns up to 2021-07-');
    expect(text).toContain('Left out, without bars enough or standing still: LATE.');
    for (const { symbol } of written.symbols) expect(text).toMatch(new RegExp(`│ ${symbol} .*%`));
    expect(text).toContain('Walked forward, net of all costs, 2021-01-02');
  });

  it('says what is wrong and what to do', async () => {
    const refusal = async (...argv: readonly string[]): Promise<string> => {
      const { code, err } = await typed(...argv);
      expect(code).toBe(2);
      return err;
    };
    expect(await refusal(STOCKS, '--method', 'hrp')).toContain('must be one of equal-weight');
    expect(await refusal(STOCKS, '--set', 'lookback=900')).toContain('no symbol has 901 closes');
    expect(await refusal(STOCKS, '--method', 'black-litterman')).toContain('black-litterman without views');
    expect(await refusal(STOCKS, '--set', 'views=AA: 0.1')).toContain('a view is of AA');
    expect(await refusal(STOCKS, '--out', STOCKS)).toContain('--out');
    const others = barsFile('others.csv', ['MARKET'], { startMs: START_MS + 900 * DAY_MS });
    expect(await refusal(STOCKS, '--set', 'lookback=60', '--factors', others)).toContain(
      'the factors have no 61 closes',
    );
  });
});
