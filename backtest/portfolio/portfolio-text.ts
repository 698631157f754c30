import { plainTable } from '../../infra/terminal/plain-table.ts';
import { decimal, percent, plural } from '../number-format.ts';
import type { ComparedMethod } from './compared-methods.ts';
import type { PortfolioRisk } from './portfolio-risk.ts';

/** What `portfolio` answers. */
export interface PortfolioDocument extends PortfolioRisk {
  readonly method: string;
  readonly covariance: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly methods: readonly ComparedMethod[];
}

/** Correlations of more symbols are in the document alone: a terminal has no room for them. */
const CORRELATED_MAX = 12;

/** The document for people. */
export function portfolioText(found: PortfolioDocument): string {
  const { method, covariance, bars, asOf, symbols, leftOut, volatility, effectiveBets } = found;
  const bets = effectiveBets === null ? 'n/a, as a share is below 0' : decimal(effectiveBets, 1);
  return [
    `${method}, ${covariance} covariance of ${plural(bars, 'return')} up to ${asOf}`,
    weightTable(found),
    `Volatility a year ${percent(volatility)}; ${bets} effective bets of ${plural(symbols.length, 'symbol')}.`,
    ...(leftOut.length === 0 ? [] : [`Left out, without bars enough or standing still: ${leftOut.join(', ')}.`]),
    '',
    ...riskLines(found),
    '',
    `Walked forward, net of all costs, ${found.methods[0]?.from ?? ''} to ${found.methods[0]?.to ?? ''}`,
    methodTable(found.methods),
  ].join('\n');
}

function weightTable({ symbols }: PortfolioDocument): string {
  const rows = [...symbols].sort((a, b) => b.weight - a.weight);
  return plainTable(
    ['symbol', { number: 'weight' }, { number: 'share of risk' }, { number: 'volatility a year' }],
    rows.map((one) => [one.symbol, percent(one.weight), percent(one.riskShare), percent(one.volatility)]),
  );
}

function riskLines({ symbols, correlation, components, factors, residualShare }: PortfolioDocument): string[] {
  const names = symbols.map(({ symbol }) => symbol);
  const pairs = correlation.flatMap((row, i) => row.slice(0, i).map((value, j) => ({ value, i, j })));
  const mean = pairs.reduce((sum, { value }) => sum + value, 0) / Math.max(1, pairs.length);
  const most = pairs.reduce((best, one) => (one.value > best.value ? one : best), { value: -Infinity, i: 0, j: 0 });
  const matrix = plainTable(
    ['', ...names.map((name) => ({ number: name }))],
    correlation.map((row, i) => [names[i]!, ...row.map((value) => decimal(value))]),
  );
  const parts = plainTable(
    ['principal component', { number: 'of all variance' }, { number: 'of the portfolio' }],
    components.map((one, k) => [String(k + 1), percent(one.ofSymbols, 1), percent(one.ofPortfolio, 1)]),
  );
  const given = (factors ?? []).map((one) => [one.factor, decimal(one.exposure), percent(one.share, 1)]);
  return [
    ...(pairs.length === 0
      ? []
      : [
          `Correlations: ${decimal(mean)} on average, most ${names[most.i]} with ${names[most.j]}, ${decimal(most.value)}`,
        ]),
    ...(names.length > CORRELATED_MAX || pairs.length === 0 ? [] : [matrix]),
    parts,
    ...(factors === null
      ? []
      : [
          plainTable(
            ['factor', { number: 'exposure' }, { number: 'share of risk' }],
            [...given, ['none of them', null, percent(residualShare, 1)]],
          ),
        ]),
  ];
}

function methodTable(methods: readonly ComparedMethod[]): string {
  return plainTable(
    [
      'method',
      { number: 'total' },
      { number: 'a year' },
      { number: 'volatility' },
      { number: 'Sharpe' },
      { number: 'drawdown' },
      { number: 'turnover' },
      { number: 'costs' },
    ],
    methods.map((one) => [
      one.method,
      percent(one.totalReturn),
      percent(one.cagr),
      percent(one.volatility),
      decimal(one.sharpe),
      percent(one.maxDrawdown),
      decimal(one.turnover),
      decimal(one.fees + one.slippage),
    ]),
  );
}
