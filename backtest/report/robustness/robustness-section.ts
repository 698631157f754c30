import type { Quantiles } from '../../statistics/monte-carlo.ts';
import { effectiveWords } from '../../judgement/effective-section.ts';
import { decimal, percent, plural, probability } from '../../number-format.ts';
import { capacityPart } from '../costs/capacity-part.ts';
import { costPart } from '../costs/cost-part.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** The session beside the market, at other costs, with more capital, in other states and with other luck. */
export async function robustnessSection(input: ReportInput): Promise<Markup | null> {
  const { result } = input;
  if (result.relative === undefined) return null;
  const parts = [
    relativePart(input),
    regimePart(input),
    await costPart(input),
    await capacityPart(input),
    chancePart(input),
  ];
  return html`<section aria-labelledby="robustness">
    <h2 id="robustness">How it stands to the market, to costs and to luck</h2>
    ${superiorText(input)} ${effectiveText(input)} ${parts.filter((part) => part !== null)}
  </section>`;
}

function superiorText({ result }: ReportInput): Markup | null {
  const { superiorAbility: found } = result;
  if (found === undefined || found === null) return null;
  return html`<p>
    Best of ${decimal(found.trials, 0)} trials on these data over ${plural(found.periods, 'shared day')}: probability of
    as good a best by luck ${probability(found.consistent)} (Hansen, between ${probability(found.lower)} and
    ${probability(found.upper)}), ${probability(found.realityCheck)} by White's reality check.
  </p>`;
}

function effectiveText({ result }: ReportInput): Markup | null {
  const { effectiveTrials: found } = result;
  if (found === undefined) return null;
  return html`<p>${effectiveWords(found)} The verdict goes by all trials.</p>`;
}

function relativePart({ result }: ReportInput): Markup {
  const relative = result.relative!;
  const row: Row = [
    percent(relative.alpha),
    decimal(relative.beta),
    decimal(relative.correlation),
    percent(relative.trackingError, 1),
    decimal(relative.informationRatio),
    percent(relative.upCapture, 0),
    percent(relative.downCapture, 0),
  ];
  return html`<h3 id="relative">Against buy and hold</h3>
    ${plainTable(
      'relative',
      ['alpha a year', 'beta', 'correlation', 'tracking error', 'information ratio', 'up capture', 'down capture'],
      [row],
    )}`;
}

function regimePart({ result }: ReportInput): Markup | null {
  const { regimes } = result;
  if (regimes === undefined || regimes === null) return null;
  const rows = regimes.states.map((state): Row => [
    state.name,
    decimal(state.days, 0),
    percent(state.annualReturn, 1),
    percent(state.volatility, 1),
    decimal(state.sharpe),
    percent(state.marketReturn, 1),
    percent(state.marketVolatility, 1),
  ]);
  return html`<h3 id="regimes">By state of the market</h3>
    ${plainTable(
      'regimes',
      ['state', 'days', 'return a year', 'volatility', 'Sharpe', 'market a year', 'market volatility'],
      rows,
    )}
    <p class="note">
      Two hidden states of buy and hold's daily returns, told each day from that day and those before, with parameters
      of the past alone; ${plural(regimes.switches, 'switch', 'switches')}. After the last day: turbulent with
      probability ${probability(regimes.turbulentNow)}.
    </p>`;
}

const CHANCES = [
  ['shuffledTrades', 'trades in other orders'],
  ['resampledTrades', 'trades drawn again'],
  ['blocks', 'blocks of days'],
  ['perturbedBars', 'perturbed prices'],
] as const;

function chancePart({ result }: ReportInput): Markup | null {
  const { monteCarlo } = result;
  if (monteCarlo === undefined) return null;
  const range = ({ p05, p50, p95 }: Quantiles): string =>
    `${percent(p50, 1)} (${percent(p05, 1)} to ${percent(p95, 1)})`;
  const rows = CHANCES.flatMap(([key, name]): Row[] => {
    const paths = monteCarlo[key];
    if (paths === undefined || paths === null) return [];
    return [
      [
        name,
        decimal(paths.samples, 0),
        range(paths.totalReturn),
        range(paths.maxDrawdown),
        probability(paths.lossProbability),
        probability(paths.ruinProbability),
      ],
    ];
  });
  const ruin = percent(monteCarlo.ruinAt, 0);
  return html`<h3 id="chance">With other luck</h3>
    ${plainTable('chance', ['', 'paths', 'total return', 'deepest drawdown', 'loss', 'ruin'], rows)}
    <p class="note">
      Median, and the 5th to the 95th of a hundred paths. Ruin: at some time ${ruin} below the highest value. Trades are
      taken one after the other, as if none overlapped.
    </p>`;
}
