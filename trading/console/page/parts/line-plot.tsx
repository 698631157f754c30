import { Text } from '@mantine/core';
import type { ReactNode } from 'react';

/** Points of one line, in the units of the axes. */
interface PlotLine {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Points are marked, for there are few of them. */
  readonly dots?: boolean;
  readonly dashed?: boolean;
}

interface LinePlotProps {
  /** What is to be seen, in a sentence: whoever does not see it hears it. */
  readonly label: string;
  readonly lines: readonly PlotLine[];
  readonly x: { readonly title: string; readonly tick: (value: number) => string; readonly range?: [number, number] };
  readonly y: { readonly title: string; readonly tick: (value: number) => string; readonly range?: [number, number] };
}

const [WIDTH, HEIGHT] = [520, 280];
const MARGIN = { left: 56, right: 12, top: 10, bottom: 40 };
const TICKS = 5;

/** A few lines over two axes. */
export function LinePlot({ label, lines, x, y }: LinePlotProps): ReactNode {
  const points = lines.flatMap((line) => line.points);
  if (points.length === 0) return null;
  const [xFrom, xTo] = x.range ?? rangeOf(points.map((point) => point.x));
  const [yFrom, yTo] = y.range ?? rangeOf(points.map((point) => point.y));
  const atX = (value: number): number =>
    MARGIN.left + ((value - xFrom) / (xTo - xFrom)) * (WIDTH - MARGIN.left - MARGIN.right);
  const atY = (value: number): number =>
    HEIGHT - MARGIN.bottom - ((value - yFrom) / (yTo - yFrom)) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const ticks = Array.from({ length: TICKS }, (_, tick) => tick / (TICKS - 1));
  const text = { fill: 'var(--mantine-color-dimmed)', fontSize: 11 } as const;
  return (
    <figure style={{ margin: 0, maxWidth: WIDTH }}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width="100%" role="img" aria-label={label}>
        {ticks.map((share) => {
          const [atTickX, atTickY] = [atX(xFrom + share * (xTo - xFrom)), atY(yFrom + share * (yTo - yFrom))];
          return (
            <g key={share}>
              <line
                x1={MARGIN.left}
                x2={WIDTH - MARGIN.right}
                y1={atTickY}
                y2={atTickY}
                stroke="var(--mantine-color-default-border)"
              />
              <text {...text} x={MARGIN.left - 6} y={atTickY + 4} textAnchor="end">
                {y.tick(yFrom + share * (yTo - yFrom))}
              </text>
              <text {...text} x={atTickX} y={HEIGHT - MARGIN.bottom + 16} textAnchor={anchorOf(share)}>
                {x.tick(xFrom + share * (xTo - xFrom))}
              </text>
            </g>
          );
        })}
        <text {...text} x={(WIDTH + MARGIN.left) / 2} y={HEIGHT - 6} textAnchor="middle">
          {x.title}
        </text>
        {lines.map(({ name, colour, points: of, dots, dashed }) => (
          <g key={name}>
            <polyline
              points={of.map((point) => `${atX(point.x)},${atY(point.y)}`).join(' ')}
              fill="none"
              stroke={colour}
              strokeWidth={2}
              {...(dashed === true ? { strokeDasharray: '5 4' } : {})}
            />
            {dots === true
              ? of.map((point) => <circle key={point.x} cx={atX(point.x)} cy={atY(point.y)} r={3.5} fill={colour} />)
              : null}
          </g>
        ))}
      </svg>
      <figcaption>
        <Text size="xs" c="dimmed" component="span">
          {y.title}:{' '}
        </Text>
        {lines.map(({ name, colour }) => (
          <Text key={name} size="xs" component="span" mr="sm">
            <span aria-hidden="true" style={{ background: colour, display: 'inline-block', width: 14, height: 3 }} />{' '}
            {name}
          </Text>
        ))}
      </figcaption>
    </figure>
  );
}

function anchorOf(share: number): 'start' | 'middle' | 'end' {
  return share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
}

/** From the least to the most; a line that stands still is given room. */
function rangeOf(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least < most ? [least, most] : [least - 0.5, most + 0.5];
}
