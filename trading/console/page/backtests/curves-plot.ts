import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';

// Loaded when a chart is shown. uPlot draws 100,000 points in some milliseconds.

/** A line of a plot. */
export interface Curve {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** Name of a variable of the page's colours. */
  readonly color: string;
  readonly dash?: number[];
  readonly isFilled?: boolean;
}

/** A span of time that is marked, as that of a trade. */
export interface Mark {
  readonly fromMs: number;
  readonly toMs: number;
  readonly isGain: boolean;
}

export interface PlotAsked {
  readonly timeMs: readonly number[];
  readonly curves: readonly Curve[];
  readonly height: number;
  readonly format: (value: number) => string;
  readonly moment: (ms: number) => string;
  readonly marks: () => readonly Mark[];
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

/** Plots of one page move together. */
const SYNC = 'signalbox-run';

/** A colour of the page as a canvas takes it: `light-dark()` is resolved where it is used alone. */
function colorOf(host: HTMLElement, name: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  host.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

const faint = (color: string): string => color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.2)');

/** Draws curves into `host`. Dragging chooses a span of time, a double click shows all of it. */
export function plotCurves(host: HTMLElement, asked: PlotAsked): uPlot {
  const { timeMs, curves, height, format, moment, marks, onZoom } = asked;
  const ink = colorOf(host, '--chart-ink');
  const axis = { stroke: ink, grid: { stroke: colorOf(host, '--chart-grid'), width: 1 }, ticks: { show: false } };
  return new uPlot(
    {
      width: host.clientWidth,
      height,
      cursor: { sync: { key: SYNC }, drag: { x: true, y: false, setScale: true }, points: { size: 5 } },
      scales: { x: { time: true } },
      axes: [axis, { ...axis, size: 74, values: (_plot, splits) => splits.map(format) }],
      ms: 1,
      series: [
        { label: 'Time', value: (_plot, at) => (at === null ? '–' : moment(at)) },
        ...curves.map(({ label, color, dash, isFilled }) => {
          const stroke = colorOf(host, color);
          return {
            label,
            stroke,
            width: 1.4,
            points: { show: false },
            value: (_plot: uPlot, at: number | null) => (at === null ? '–' : format(at)),
            ...(dash === undefined ? {} : { dash }),
            ...(isFilled === true ? { fill: faint(stroke) } : {}),
          };
        }),
      ],
      hooks: {
        drawClear: [(plot) => drawMarks(plot, marks(), host)],
        setScale: [
          (plot, key) => {
            const { min, max } = plot.scales['x']!;
            if (key === 'x' && min !== undefined && max !== undefined && plot.status === 1) onZoom(min!, max!);
          },
        ],
      },
    },
    [timeMs as number[], ...curves.map(({ values }) => values as (number | null)[])],
    host,
  );
}

/** Bands from the entry to the exit of trades, behind the curves; too many to tell apart are left out. */
const MARKS_MAX = 400;

function drawMarks(plot: uPlot, marks: readonly Mark[], host: HTMLElement): void {
  const { min = -Infinity, max = Infinity } = plot.scales['x']!;
  const seen = marks.filter(({ fromMs, toMs }) => toMs >= min! && fromMs <= max!);
  if (seen.length > MARKS_MAX) return;
  const { ctx, bbox } = plot;
  const [gain, loss] = [colorOf(host, '--gain'), colorOf(host, '--loss')];
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const { fromMs, toMs, isGain } of seen) {
    const left = plot.valToPos(fromMs, 'x', true);
    const width = Math.max(1, plot.valToPos(Math.min(toMs, max!), 'x', true) - left);
    ctx.fillStyle = isGain ? gain : loss;
    ctx.globalAlpha = 0.14;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left, bbox.top + bbox.height - 4, width, 4);
  }
  ctx.restore();
}
