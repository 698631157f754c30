import type { CalibrationBin } from '../../../models/scores/calibration-curve.ts';
import { decimal, percent } from '../../number-format.ts';
import { calibrationChart } from '../charts/score-charts.ts';
import { renderChart } from '../charts/render-chart.ts';
import { html, type Markup } from '../html.ts';
import { plainTable, type Row } from '../page/plain-table.ts';
import type { ReportInput } from '../report-input.ts';

/** 97.5th percentile of the normal distribution. */
const Z = 1.959964;
/** Predictions of a group below which its share is mostly chance. */
const FEW = 30;

/** Whether probabilities mean what they say, with counts and the error; nothing for rules. */
export async function calibrationSection({ result }: ReportInput): Promise<Markup | null> {
  const { outOfSample } = result;
  if (outOfSample === undefined) return null;
  const { calibration, calibrationError: error = null } = outOfSample;
  if (calibration.length === 0) {
    return html`<section aria-labelledby="calibration">
      <h2 id="calibration">Calibration</h2>
      <p>Not told: there are no predictions.</p>
    </section>`;
  }
  const outside = calibration.filter((bin) => isOutside(bin)).length;
  const few = calibration.filter(({ rows }) => rows < FEW).length;
  const head = ['told, %', 'predictions', 'mean', 'went up', '95 % interval', 'apart'];
  return html`<section aria-labelledby="calibration">
    <h2 id="calibration">Calibration: do probabilities mean what they say?</h2>
    <div class="pair">
      <div>${await renderChart(calibrationChart(outOfSample))}</div>
      <div>${plainTable('calibration', head, calibration.map(rowOf))}</div>
    </div>
    <p>
      ${error === null ? null : `Expected calibration error: ${percent(error)}, the mean distance from the diagonal by predictions.`}
      In ${decimal(outside, 0)} of ${decimal(calibration.length, 0)} groups the interval leaves out what was said; of
      groups that are right about one in twenty does.
    </p>
    <p class="note">
      In percent. Groups of equal size of all out-of-sample predictions; equal probabilities share one. The interval
      (Wilson) takes predictions for independent, and those of overlapping horizons are not: true intervals are wider.
      ${few === 0 ? null : `In ${decimal(few, 0)} groups there are fewer than ${FEW} predictions: too few to be read.`}
    </p>
  </section>`;
}

function rowOf(bin: CalibrationBin): Row {
  const { from, to, rows, predicted, observed } = bin;
  const [low, high] = wilsonInterval(observed, rows);
  return [
    from === to ? bare(from) : `${bare(from)} to ${bare(to)}`,
    decimal(rows, 0),
    bare(predicted),
    bare(observed),
    `${bare(low)} to ${bare(high)}`,
    bare(observed - predicted),
  ];
}

/** A percentage whose unit stands elsewhere. */
const bare = (share: number): string => decimal(share * 100, 1);

function isOutside({ rows, predicted, observed }: CalibrationBin): boolean {
  const [low, high] = wilsonInterval(observed, rows);
  return predicted < low || predicted > high;
}

/** Wilson's 95 % interval of a share of `rows` independent cases. */
export function wilsonInterval(share: number, rows: number): readonly [low: number, high: number] {
  const square = Z * Z;
  const centre = share + square / (2 * rows);
  const half = Z * Math.sqrt((share * (1 - share)) / rows + square / (4 * rows * rows));
  return [(centre - half) / (1 + square / rows), (centre + half) / (1 + square / rows)];
}
