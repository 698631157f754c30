import { Button, Group, Text, useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import type { Curve, Mark } from './curves-plot.ts';

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

interface CurvesProps {
  /** What is seen, for whoever does not see it. */
  readonly label: string;
  readonly timeMs: readonly number[];
  readonly curves: readonly Curve[];
  readonly height: number;
  readonly isShare?: boolean;
  readonly marks?: readonly Mark[];
  /** What is shown of it; all where it is null. */
  readonly span?: Span | null;
  readonly onSpan?: (span: Span | null) => void;
}

type Plot =
  Awaited<ReturnType<typeof loadPlot>> extends infer Loaded
    ? Loaded extends { plotCurves: (...args: never[]) => infer Made }
      ? Made
      : never
    : never;
const loadPlot = () => import('./curves-plot.ts');

/** Curves over time, loaded when they are shown. */
export function Curves(props: CurvesProps): ReactNode {
  const { label, timeMs, curves, height, isShare = false, marks = [], span = null, onSpan } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const formats = useFormats();
  const scheme = useComputedColorScheme('light');
  const [drawn, setDrawn] = useState(0);
  const marked = useRef(marks);
  const told = useRef(onSpan);
  useEffect(() => {
    marked.current = marks;
    told.current = onSpan;
    plot.current?.redraw(false);
  }, [marks, onSpan]);
  useEffect(() => {
    let isGone = false;
    const element = host.current!;
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    void loadPlot().then(({ plotCurves }) => {
      if (isGone) return;
      plot.current = plotCurves(element, {
        ...{ timeMs, curves, height, marks: () => marked.current, moment: (ms) => formats.moment(ms) },
        format: (value) => (isShare ? formats.percent(value) : formats.number(value, 0)),
        onZoom: (fromMs, toMs) => {
          const isAll = fromMs <= timeMs[0]! && toMs >= timeMs.at(-1)!;
          told.current?.(isAll ? null : { fromMs, toMs });
        },
      });
      watch.observe(element);
      setDrawn((before) => before + 1);
    });
    return () => {
      isGone = true;
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [timeMs, curves, height, isShare, formats, scheme]);
  useEffect(() => {
    const shown = plot.current;
    if (shown === null || timeMs.length === 0) return;
    const { fromMs, toMs } = span ?? { fromMs: timeMs[0]!, toMs: timeMs.at(-1)! };
    const { min, max } = shown.scales['x']!;
    if (min !== fromMs || max !== toMs) shown.setScale('x', { min: fromMs, max: toMs });
  }, [span, timeMs, drawn]);
  return (
    <div ref={host} className="curves" role="img" aria-label={label} style={{ minHeight: height }} data-drawn={drawn} />
  );
}

/** Beside a chart: how it is moved, and the way back. */
export function SpanWords({
  span,
  onSpan,
}: {
  readonly span: Span | null;
  readonly onSpan: (span: null) => void;
}): ReactNode {
  const formats = useFormats();
  return (
    <Group gap="xs" mih={26}>
      <Text size="xs" c="dimmed">
        {span === null
          ? 'Drag across a chart to look closer.'
          : `${formats.moment(span.fromMs)} to ${formats.moment(span.toMs)}`}
      </Text>
      {span === null ? null : (
        <Button size="compact-xs" variant="default" onClick={() => onSpan(null)}>
          All of it
        </Button>
      )}
    </Group>
  );
}
