import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { useChartColours } from '../charts/chart-colours.ts';
import { useFormats } from '../parts/formats.ts';
import type { BarColumns } from './bar-columns.ts';
import { CandleChart, type ChartLineData } from './candle-chart.ts';
import type { Mark, PriceLevel } from './marks-of.ts';

export interface CandlesProps {
  readonly label: string;
  readonly bars: BarColumns;
  readonly marks?: readonly Mark[];
  readonly levels?: readonly PriceLevel[];
  /** Colours are numbers of those of lines. */
  readonly lines?: readonly (Omit<ChartLineData, 'colour'> & { readonly colour: number })[];
  readonly height: number;
  readonly onNearBeginning?: () => void;
}

const NONE: readonly never[] = [];
const KEYS = 'Left and right move, plus and minus zoom, Home shows all, End goes to the newest bar.';

/** Candles on a canvas, which the keyboard moves too; in words they stand in a table beside. */
export default function PaintedCandles(props: CandlesProps): ReactNode {
  const { label, bars, marks = NONE, levels = NONE, lines = NONE, height, onNearBeginning } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<CandleChart | null>(null);
  const near = useRef(onNearBeginning);
  const formats = useFormats();
  const colours = useChartColours();
  useEffect(() => {
    near.current = onNearBeginning;
  });
  useEffect(() => {
    const one = new CandleChart(box.current!, formats, colours, () => near.current?.());
    chart.current = one;
    return () => {
      one.end();
      chart.current = null;
    };
  }, [formats, colours]);
  useEffect(() => chart.current?.setBars(bars), [bars, formats, colours]);
  useEffect(() => chart.current?.setMarks(marks), [marks, formats, colours]);
  useEffect(() => chart.current?.setLevels(levels), [levels, formats, colours]);
  useEffect(() => {
    const inks = lines.map((line) => ({ ...line, colour: colours.lines[line.colour % colours.lines.length]! }));
    chart.current?.setLines(inks);
  }, [lines, formats, colours]);
  return (
    <div
      role="application"
      tabIndex={0}
      aria-label={`${label}. ${KEYS}`}
      onKeyDown={(event) => moved(event, chart.current)}
      style={{ height, position: 'relative' }}
    >
      <div ref={box} aria-hidden="true" style={{ height: '100%' }} />
    </div>
  );
}

function moved(event: KeyboardEvent, chart: CandleChart | null): void {
  const deeds: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => chart?.scroll(-0.2),
    ArrowRight: () => chart?.scroll(0.2),
    '+': () => chart?.zoom(0.8),
    '=': () => chart?.zoom(0.8),
    '-': () => chart?.zoom(1.25),
    Home: () => chart?.showAll(),
    End: () => chart?.toEnd(),
  };
  const deed = deeds[event.key];
  if (deed === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  deed();
}
