import type { Capacity } from '../../analysis/capacity.ts';
import { decimal, percent } from '../../number-format.ts';
import { renderChart, type Chart } from '../charts/render-chart.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';
import { returnChart } from './return-chart.ts';

/** What is left with more capital, whose orders move prices; why it is not known where it is not. */
export async function capacityPart({ result, currency }: ReportInput): Promise<Markup | null> {
  const { capacity, reasons } = result;
  if (capacity === undefined) return null;
  if (capacity === null) {
    const reason = reasons.find((text) => text.startsWith('capacity: '))?.slice('capacity: '.length);
    return html`<h3 id="capacity">With more capital</h3>
      <p>Not known: ${reason ?? 'it was not computed.'}</p>`;
  }
  const rows = capacity.points.map(({ capital, totalReturn, cagr, sharpe, participation }): Row => [
    decimal(capital, 0),
    percent(totalReturn, 1),
    percent(cagr),
    decimal(sharpe),
    percent(participation, 3),
  ]);
  return html`<h3 id="capacity">With more capital</h3>
    ${await renderChart(capacityChart(capacity, currency))}
    ${plainTable('capacity', ['capital', 'total return', 'return a year', 'Sharpe', 'share of volume'], rows)}
    <p>${levelsText(capacity, reasons)}</p>
    <p class="note">
      ${impactText(capacity)} The engine ran again with each capital. The impact is a model: no order of this size was
      ever sent.
    </p>`;
}

/** At which capitals half and nothing of the return is left, or why that is not known. */
function levelsText({ halfReturnAt, noReturnAt }: Capacity, reasons: readonly string[]): string {
  const [half, none] = [whyOf(reasons, 'halfReturnAt'), whyOf(reasons, 'noReturnAt')];
  if (half !== null && half === none)
    return `At which capital half or nothing of the return is left is not known: ${half}`;
  const told = (what: string, capital: number | null, why: string | null): string =>
    capital !== null
      ? `${what} is left at a capital of ${decimal(capital, 0)}.`
      : `At which capital ${what.toLowerCase()} is left is not known: ${why ?? 'the runs do not tell it.'}`;
  return `${told('Half of the return', halfReturnAt, half)} ${told('Nothing', noReturnAt, none)}`;
}

function whyOf(reasons: readonly string[], name: string): string | null {
  const prefix = `capacity: ${name}: `;
  return reasons.find((text) => text.startsWith(prefix))?.slice(prefix.length) ?? null;
}

function impactText({ impact, impactBps }: Pick<Capacity, 'impact' | 'impactBps'>): string {
  const bps = `Orders move prices by ${decimal(impactBps)} bps`;
  return impact === 'square-root'
    ? `${bps} at 1 % of the volume of the bar before, and with the square root of their share.`
    : `${bps} at the whole volume of their bar, and with the square of their share.`;
}

function capacityChart({ points }: Capacity, currency: string): Chart {
  const values = points.map(({ capital, totalReturn }) => ({ at: capital, totalReturn }));
  const ends = [values[0]!, values.at(-1)!].map(
    ({ totalReturn, at }) => `${percent(totalReturn, 1)} with ${decimal(at, 0)}`,
  );
  const axis = { values: values.map(({ at }) => at), format: '~s' };
  const x = { title: `capital, ${currency}`, scale: { type: 'log', nice: false }, axis };
  return returnChart({
    id: 'capacity-return',
    alt: `Total return by capital: ${ends.join(', ')} ${currency}.`,
    values,
    x,
  });
}
