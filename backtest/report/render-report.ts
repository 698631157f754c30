import type { ReportInput } from './report-input.ts';
import { refusalsSection, signalsSection } from './activity-section.ts';
import { drawdownChart, equityChart } from './charts/equity-chart.ts';
import { fanSection } from './fan-section.ts';
import { figuresSection } from './figures-section.ts';
import { html, type Markup } from './html.ts';
import { methodSection, notesSection, reproducibilitySection } from './method-section.ts';
import { monthlySection } from './monthly-section.ts';
import { pageOf } from './page/page-frame.ts';
import { pathSection } from './path-section.ts';
import { renderChart } from './charts/render-chart.ts';
import { coverageSection } from './learning/coverage-section.ts';
import { planSection } from './learning/plan-section.ts';
import { selectionSection } from './learning/selection-section.ts';
import { headerSection, tilesSection, verdictSection } from './summary-section.ts';
import { robustnessSection } from './robustness/robustness-section.ts';
import { ledgerSection } from './trades/ledger-section.ts';
import { ordersSection } from './trades/orders-section.ts';
import { priceSection } from './trades/price-section.ts';
import { strategySection } from './trades/strategy-section.ts';
import { tradeSection } from './trades/trade-section.ts';
import { excursionSection } from './trades/excursion-section.ts';
import { calibrationSection } from './model/calibration-section.ts';
import { importanceSection } from './model/importance-section.ts';
import { drawdownSection } from './risk/drawdown-section.ts';
import { rollingSection } from './risk/rolling-section.ts';
import { walkForwardSection } from './walk-forward-section.ts';

/**
 * The report as one HTML file: no request, charts drawn here as inline SVG, one script of ours without which it reads.
 * Everything that came from outside is escaped. The same input gives the same bytes.
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const sections: (Markup | null)[] = [
    headerSection(input),
    verdictSection(input),
    tilesSection(input),
    planSection(input),
    await equitySection(input),
    figuresSection(input),
    await walkForwardSection(input),
    await calibrationSection(input),
    await importanceSection(input),
    selectionSection(input),
    coverageSection(input),
    ...(input.more ?? []),
    await fanSection(input),
    pathSection(input),
    monthlySection(input),
    drawdownSection(input),
    await rollingSection(input),
    priceSection(input),
    ledgerSection(input),
    tradeSection(input),
    excursionSection(input),
    strategySection(input),
    await robustnessSection(input),
    signalsSection(input),
    ordersSection(input),
    refusalsSection(input),
    methodSection(input),
    notesSection(input),
    reproducibilitySection(input),
  ];
  return pageOf(`${input.title} · Signalbox backtest`, sections, { isLive: true });
}

async function equitySection({ evaluation, currency }: ReportInput): Promise<Markup> {
  const { baselines } = evaluation;
  const key = (style: string, text: string): Markup =>
    html`<li>
      <span
        class="${style.includes('background') ? 'area' : style.includes('dashed') ? 'dashed' : ''}"
        style="${style}"
      ></span
      >${text}
    </li>`;
  return html`<section aria-labelledby="equity">
    <h2 id="equity">Equity, ${currency}</h2>
    <input type="radio" class="scale-input" name="scale" id="scale-linear" checked />
    <input type="radio" class="scale-input" name="scale" id="scale-log" />
    <div class="scale"><label for="scale-linear">Linear</label><label for="scale-log">Log</label></div>
    <ul class="legend">
      ${[
        key('border-color:var(--strategy)', 'Strategy'),
        key('border-color:var(--hold);border-top-style:dotted', 'Buy and hold'),
        ...(baselines.sameExposure === null
          ? []
          : [key('border-color:var(--same);border-top-style:dashed', 'Buy and hold, same exposure')]),
        ...(baselines.random.length < 5 ? [] : [key('background:var(--band)', 'Nine of ten random runs')]),
      ]}
    </ul>
    <div class="linear">${await renderChart(equityChart(evaluation, 'linear'))}</div>
    <div class="log">${await renderChart(equityChart(evaluation, 'log'))}</div>
    <h3>Drawdown</h3>
    ${await renderChart(drawdownChart(evaluation))}
  </section>`;
}
