import { amount, decimal, percent, probability } from '../number-format.ts';
import type { ReportInput } from './report-input.ts';
import type { BacktestResult } from '../judgement/result.ts';
import { chargesNothing, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import { html, type Markup } from './html.ts';

/** What the strategy and every baseline have in common. */
type Figures = Partial<Record<keyof BacktestResult, unknown>>;

export interface FigureRow {
  readonly name: string;
  readonly key: keyof BacktestResult;
  readonly format: (value: number | null) => string;
}

/** The figures shown beside the baselines, in order; the terminal output shows some of them. */
export const FIGURE_ROWS: readonly FigureRow[] = [
  { name: 'Total return', key: 'totalReturn', format: percent },
  { name: 'Return a year (CAGR)', key: 'cagr', format: percent },
  { name: 'Volatility a year', key: 'volatility', format: percent },
  { name: 'Sharpe ratio', key: 'sharpe', format: decimal },
  { name: 'Sortino ratio', key: 'sortino', format: decimal },
  { name: 'Calmar ratio', key: 'calmar', format: decimal },
  { name: 'Deepest drawdown', key: 'maxDrawdown', format: percent },
  { name: 'Average exposure', key: 'exposure', format: (value) => percent(value, 1) },
  {
    name: 'Turnover a year',
    key: 'turnover',
    format: (value) => (value === null ? decimal(null) : `${decimal(value)} ×`),
  },
  { name: 'Trades', key: 'trades', format: (value) => decimal(value, 0) },
  { name: 'Trades won', key: 'winRate', format: (value) => percent(value, 1) },
  { name: 'Profit factor', key: 'profitFactor', format: decimal },
  { name: 'Mean profit of a trade', key: 'expectancy', format: amount },
  { name: 'Fees', key: 'fees', format: amount },
  { name: 'Spread and slippage', key: 'slippage', format: amount },
];

/** A figure of the strategy or a baseline as text; `n/a` where it or the baseline is missing. */
export function figureText(row: FigureRow, figures: Figures | null): string {
  const value = figures?.[row.key];
  return row.format(typeof value === 'number' ? value : null);
}

/** How far figures are net, in words. */
export function costWords(costs: Partial<Costs>): string {
  return chargesNothing(costs) ? 'before costs, since none were charged' : 'net of all costs';
}

/** All figures of the strategy beside those of its baselines, under the same costs and limits. */
export function figuresSection({ result, currency, costs }: ReportInput): Markup {
  const { buyAndHold, buyAndHoldSameExposure, randomSameTurnover } = result.baselines;
  const columns: (Figures | null)[] = [buyAndHold, buyAndHoldSameExposure, randomSameTurnover];
  return html`<section aria-labelledby="figures">
    <h2 id="figures">The strategy beside its baselines</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="figures">
      <table>
        <caption>
          Same bars, engine, costs and limits; money in ${currency}, ${costWords(costs)}.
        </caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" class="own">Strategy</th>
            <th scope="col">Buy and hold</th>
            <th scope="col">Same exposure</th>
            <th scope="col">Random, median</th>
          </tr>
        </thead>
        <tbody>
          ${FIGURE_ROWS.map(
            (row) =>
              html`<tr>
                <th scope="row">${row.name}</th>
                <td class="own">${figureText(row, result)}</td>
                ${columns.map((column) => html`<td>${figureText(row, column)}</td>`)}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">
      Same exposure: bought once and held, with the average exposure of the
      strategy.${
        randomSameTurnover === null
          ? null
          : html` Random: ${randomSameTurnover.runs} runs that trade as often and hold as long, at random times; the
            strategy earned more than ${percent(randomSameTurnover.beatenShare, 0)} of them.`
      }
    </p>
    ${significanceTable(result)}
  </section>`;
}

function significanceTable(result: BacktestResult): Markup {
  const { excess } = result;
  const days = (value: number | null): string =>
    value === null ? decimal(null) : `${decimal(Math.ceil(value), 0)} days`;
  const rows: [name: string, own: string, over: string][] = [
    ['Sharpe ratio, annualised', decimal(result.sharpe), decimal(excess.sharpe)],
    [
      'Probabilistic Sharpe ratio (true ratio above 0)',
      probability(result.probabilisticSharpe),
      probability(excess.probabilisticSharpe),
    ],
    [
      `Deflated Sharpe ratio (${result.trials === 1 ? 'one trial' : `${decimal(result.trials, 0)} trials`} on this data)`,
      probability(result.deflatedSharpe),
      probability(excess.deflatedSharpe),
    ],
    ['Minimum track record', days(result.minimumTrackRecordLength), days(excess.minimumTrackRecordLength)],
    ['Probability of backtest overfitting', percent(result.probabilityOfOverfitting, 0), ''],
  ];
  return html`<h3 id="significance">How sure is that?</h3>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="significance">
      <table>
        <thead>
          <tr>
            <th scope="col">Significance</th>
            <th scope="col">Net return</th>
            <th scope="col">Excess over same exposure</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([name, own, over]) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${own}</td>
                <td>${over}</td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>`;
}
