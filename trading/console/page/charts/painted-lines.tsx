import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef, type ReactNode } from 'react';
import uPlot from 'uplot';
import { DAY_MS } from '../../../../features/timeframe.ts';
import { useFormats, type Formats } from '../parts/formats.ts';
import { useChartColours, type ChartColours } from './chart-colours.ts';
import type { JoinedLines } from './joined-lines.ts';
import type { LineChartProps } from './line-chart-props.ts';
import { axisText } from './axis-text.ts';

interface PaintedProps extends LineChartProps {
  readonly joined: JoinedLines;
  readonly height: number;
}

const AXIS_PX_PER_LETTER = 7;

/** The canvas of a chart; nobody is told of it who cannot see it: the figure has the numbers in words. */
export default function PaintedLines(props: PaintedProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const formats = useFormats();
  const colours = useChartColours();
  const { joined, lines, kind, broken, levels, min, max, height } = props;
  const made = JSON.stringify([lines.map(({ name }) => name), kind, broken, levels, min, max, height]);
  const data = dataOf(joined);
  const newest = useRef({ props, data });
  useEffect(() => {
    newest.current = { props, data };
    plot.current?.setData(data);
  });
  useEffect(() => {
    const element = box.current!;
    const { props: own, data: first } = newest.current;
    const one = new uPlot(optionsOf(own, { formats, colours, width: element.clientWidth }), first, element);
    plot.current = one;
    const watch = new ResizeObserver(() => one.setSize({ width: element.clientWidth, height: own.height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      one.destroy();
      plot.current = null;
    };
  }, [made, formats, colours]);
  return <div ref={box} aria-hidden="true" style={{ minHeight: height, overflow: 'hidden' }} />;
}

/** Times in seconds, as the library has them. */
function dataOf({ time, values }: JoinedLines): uPlot.AlignedData {
  return [time.map((at) => at / 1_000), ...values.map((column) => [...column])];
}

interface Looks {
  readonly formats: Formats;
  readonly colours: ChartColours;
  readonly width: number;
}

function optionsOf(props: PaintedProps, { formats, colours, width }: Looks): uPlot.Options {
  const { lines, text, height, kind = 'lines', broken = [], levels = [], min, max } = props;
  const axis = { stroke: colours.text, grid: { stroke: colours.grid, width: 1 }, ticks: { stroke: colours.grid } };
  const values = (_: uPlot, splits: number[]): string[] => splits.map((value) => text(value));
  const bars = uPlot.paths.bars!({ size: [0.8, 40] });
  return {
    width,
    height,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), formats.timeZone),
    legend: { show: false },
    cursor: { points: { size: 6 } },
    scales: {
      y: { range: (_, least, most) => spread(Math.min(least, min ?? least), Math.max(most, max ?? most)) },
    },
    axes: [
      {
        ...axis,
        space: (self) => (spanMsOf(self) > DAY_MS ? 84 : 60),
        values: (self, splits) => splits.map((at) => axisText(formats, at * 1_000, spanMsOf(self))),
      },
      { ...axis, values, size: (_, told) => 18 + AXIS_PX_PER_LETTER * Math.max(4, ...(told ?? []).map(lengthOf)) },
    ],
    series: [
      {},
      ...lines.map(({ name }, at): uPlot.Series => {
        const stroke = colours.lines[at % colours.lines.length]!;
        const dash = broken.includes(name) ? { dash: [6, 4] } : {};
        return {
          ...{ label: name, stroke, width: 1.5, spanGaps: true, points: { show: false } },
          ...dash,
          ...(kind === 'bars' ? { paths: bars, fill: stroke } : {}),
        };
      }),
    ],
    hooks: { draw: [(self) => drawLevels(self, levels, colours)] },
  };
}

const lengthOf = ({ length }: string): number => length;
const spanMsOf = ({ scales }: uPlot): number => 1_000 * ((scales['x']!.max ?? 0) - (scales['x']!.min ?? 0));

/** A line that does not move still has room above and below. */
function spread(least: number, most: number): [number, number] {
  if (!Number.isFinite(least) || !Number.isFinite(most)) return [0, 1];
  const room = most > least ? 0.06 * (most - least) : Math.max(Math.abs(most) * 0.01, 1e-9);
  return [least - room, most + room];
}

/** From where on a value is worth a look. */
function drawLevels(self: uPlot, levels: NonNullable<LineChartProps['levels']>, colours: ChartColours): void {
  const { ctx, bbox } = self;
  const tones = { good: colours.gain, look: colours.look, bad: colours.loss };
  for (const { from, tone } of levels.slice(1)) {
    const y = self.valToPos(from, 'y', true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.save();
    ctx.strokeStyle = tones[tone];
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.restore();
  }
}
