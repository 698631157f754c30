import { decimal, percent } from '../number-format.ts';
import type { ReportInput } from './report-input.ts';
import { shortRecordText } from '../judgement/short-record.ts';
import type { Verdict } from '../judgement/verdict.ts';
import { html, type Markup } from './html.ts';
import { tile } from './page/tile.ts';

/** What each verdict says in words. */
export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  evidence: 'Evidence of skill beyond holding the market',
  weak: 'Weak evidence: not enough to rely on',
  none: 'No evidence of skill beyond holding the market',
};

/** Name, period and data of the run. */
export function headerSection({ title, description, result, data, writtenAtMs }: ReportInput): Markup {
  const from = result.from.slice(0, 10);
  const to = result.to.slice(0, 10);
  const written =
    writtenAtMs === null ? '' : ` · written ${new Date(writtenAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return html`<header>
    <p class="kicker">Signalbox · out-of-sample backtest${written}</p>
    <h1>${title}</h1>
    ${description === '' ? null : html`<p>${description}</p>`}
    <p class="muted">
      ${result.strategy} · ${from} to ${to} · ${decimal(result.bars, 0)} bars of
      ${data.timeframe}${data.simulated ? html` <span class="tag warning">simulated data</span>` : null}
    </p>
  </header>`;
}

/** The verdict with its reasons; conditions carry a label of their own. */
export function verdictSection({ result }: ReportInput): Markup {
  const headline = result.outOfSample?.headline;
  const [judged, ...rest] = headline === undefined ? result.reasons : result.reasons.slice(1);
  const conditions = rest.filter((reason) => /^(Met|Not met): /.test(reason));
  return html`<div class="verdict ${result.verdict}" role="region" aria-label="Verdict">
    ${headline === undefined ? null : html`<p class="headline"><strong>${headline}</strong></p>`}
    <p class="word">${VERDICT_WORDS[result.verdict]}</p>
    <p>${judged ?? ''}</p>
    <ul class="conditions">
      ${conditions.map((reason) => {
        const met = reason.startsWith('Met');
        const text = reason.slice(reason.indexOf(':') + 2);
        return html`<li>
          <span class="tag ${met ? 'met' : 'unmet'}">${met ? 'met' : 'not met'}</span><span>${capitalised(text)}</span>
        </li>`;
      })}
    </ul>
  </div>`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The figures that are read first. */
export function tilesSection({ result }: ReportInput): Markup {
  const { baselines } = result;
  const { interval, annualReturn } = result.excess;
  const short = shortRecordText(result);
  return html`<dl class="tiles">
    ${[
      tile(
        short === null ? 'Return a year' : `Return a year, from ${short}`,
        percent(result.cagr),
        `buy and hold ${percent(baselines.buyAndHold.cagr, 1)}`,
      ),
      tile(
        'Excess a year',
        percent(annualReturn),
        interval === null ? 'no interval' : `95 %: ${percent(interval.low, 1)} to ${percent(interval.high, 1)}`,
      ),
      tile('Sharpe ratio', decimal(result.sharpe), `buy and hold ${decimal(baselines.buyAndHold.sharpe)}`),
      tile(
        'Deepest drawdown',
        percent(result.maxDrawdown),
        `buy and hold ${percent(baselines.buyAndHold.maxDrawdown, 1)}`,
      ),
      tile('Exposure', percent(result.exposure, 1), 'average of equity invested'),
      tile('Trades', decimal(result.trades, 0), `${percent(result.winRate, 1)} of the closed ones won`),
    ]}
  </dl>`;
}
