import { stringify } from 'yaml';
import { decimal, percent, probability } from '../../number-format.ts';
import { html, type Markup } from '../../report/html.ts';
import { pageOf } from '../../report/page/page-frame.ts';
import { tile } from '../../report/page/tile.ts';
import { heatMapSection } from '../../report/search/heat-map-section.ts';
import type { RankedRule, RuleSearchResult } from './rule-search-result.ts';
import { namesOf, plateauText, plateauWords, worthText } from './rule-search-text.ts';

/** Ranks that the page shows; the result document beside it has all. */
const SHOWN = 50;

/** What was searched over, and how it trades: for the reader. */
export interface SearchedData {
  /** Files, or symbols. */
  readonly title: string;
  readonly statement: string;
  readonly trading: object;
}

/**
 * The report of a search of rules as one HTML file: no request. Everything that came from outside is
 * escaped; the same input gives the same bytes.
 */
export async function renderSearchReport(result: RuleSearchResult, on: SearchedData): Promise<string> {
  const sections = [
    headerOf(result, on),
    verdictOf(result),
    tilesOf(result),
    await heatMapSection(result),
    rankingSection(result),
    methodSection(result, on),
  ];
  return pageOf(`${result.strategy} · Signalbox search`, sections);
}

function headerOf({ strategy, method, objective, bars, from, to }: RuleSearchResult, { title }: SearchedData): Markup {
  return html`<header>
    <p class="kicker">Signalbox · search of parameters, measured where they were chosen</p>
    <h1>${strategy}: best ${objective} by ${method}</h1>
    <p class="muted">${title} · ${from.slice(0, 10)} to ${to.slice(0, 10)} · ${decimal(bars, 0)} bars</p>
  </header>`;
}

function verdictOf({ verdict, reasons, counted }: RuleSearchResult): Markup {
  return html`<div class="verdict ${verdict}" role="region" aria-label="Verdict">
    <p class="word">Verdict: ${verdict}</p>
    <p>${counted}</p>
    <ul class="plain">
      ${reasons.map((reason) => html`<li>${reason}</li> `)}
    </ul>
  </div>`;
}

function tilesOf(result: RuleSearchResult): Markup {
  const { best, objective, steadiest } = result;
  return html`<dl class="tiles">
    ${tile(`Best ${objective}`, worthText(objective, best.objective), namesOf(best.parameters))}
    ${tile('Plateau', plateauText(best), plateauWords(best))}
    ${tile('Deflated Sharpe', probability(result.deflatedSharpe), `after ${result.trialsOnData} trials on this data`)}
    ${tile('Overfitting', probability(result.probabilityOfOverfitting), 'probability, by cross-validation of the trials')}
    ${tile('Total return', percent(best.totalReturn), `drawdown ${percent(best.maxDrawdown)}, ${best.trades} trades`)}
    ${
      steadiest === null
        ? null
        : tile('Best neighbourhood', worthText(objective, steadiest.objective), namesOf(steadiest.parameters))
    }
  </dl>`;
}

function rankingSection({ ranking, objective }: RuleSearchResult): Markup {
  const head = ['Rank', objective, 'Sharpe', 'Return', 'Drawdown', 'Exposure', 'Trades', 'Plateau', 'Holds', 'Breaks'];
  const row = (one: RankedRule): Markup =>
    html`<tr>
      <th scope="row">${one.rank}</th>
      <td>${worthText(objective, one.objective)}</td>
      <td>${decimal(one.sharpe)}</td>
      <td>${percent(one.totalReturn)}</td>
      <td>${percent(one.maxDrawdown)}</td>
      <td>${percent(one.exposure, 1)}</td>
      <td>${decimal(one.trades, 0)}</td>
      <td>${plateauText(one)}</td>
      <td>${percent(one.plateau.heldShare, 0)}</td>
      <td>${one.broken.join(', ')}</td>
      <td class="text">${namesOf(one.parameters)}</td>
    </tr> `;
  const rest = ranking.length - SHOWN;
  return html`<section aria-labelledby="ranking">
    <h2 id="ranking">Trials, best first</h2>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="ranking">
      <table class="dense">
        <thead>
          <tr>
            ${head.map((name) => html`<th scope="col">${name}</th>`)}
            <th scope="col" class="text">Parameters</th>
          </tr>
        </thead>
        <tbody>
          ${ranking.slice(0, SHOWN).map(row)}
        </tbody>
      </table>
    </div>
    <p class="note">
      Plateau: median worth of the neighbours over its own. Holds: share of them that keep at least half of it.
    </p>
    ${rest > 0 ? html`<p class="note">${rest} more are in result.json beside this page.</p>` : null}
  </section>`;
}

function methodSection(result: RuleSearchResult, { statement, trading }: SearchedData): Markup {
  const { ranges, constraints, method, seed, objective } = result;
  const source = stringify({ search: { method, seed, objective, constraints, ranges }, trading });
  return html`<section aria-labelledby="method">
    <h2 id="method">To repeat this search</h2>
    <p>${statement}</p>
    <pre tabindex="0" aria-label="Search">${source}</pre>
  </section>`;
}
