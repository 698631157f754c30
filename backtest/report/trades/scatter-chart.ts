import { escapeHtml, trusted, type Markup } from '../html.ts';
import { tickStep } from '../charts/chart-axes.ts';

/** Points in two tones on two axes of percentages. */
export interface Scatter {
  readonly alt: string;
  readonly x: string;
  readonly y: string;
  /** Fractions. */
  readonly points: readonly { readonly x: number; readonly y: number; readonly won: boolean }[];
}

const SIZES = { wide: { width: 490, height: 280 }, narrow: { width: 330, height: 230 } };
const [LEFT, RIGHT, TOP, BOTTOM] = [52, 10, 8, 40];
const TICKS = 5;

/** Thousands of points as one path a tone, in both sizes: marks of their own would be ten times as many bytes. */
export function scatterChart(scatter: Scatter): Markup {
  const drawn = Object.entries(SIZES).map(([size, box]) => `<div class="${size}">${drawing(scatter, box)}</div>`);
  return trusted(`<figure>${drawn.join('')}</figure>`);
}

function drawing({ alt, x, y, points }: Scatter, { width, height }: { width: number; height: number }): string {
  const [across, up] = [axisOf(points.map((point) => point.x)), axisOf(points.map((point) => point.y))];
  const placeX = (value: number): number => LEFT + across.share(value) * (width - LEFT - RIGHT);
  const placeY = (value: number): number => height - BOTTOM - up.share(value) * (height - TOP - BOTTOM);
  const dots = (won: boolean): string =>
    points
      .filter((point) => point.won === won)
      .map((point) => `M${n(placeX(point.x))} ${n(placeY(point.y))}h0`)
      .join('');
  const line = (tone: string, [x1, x2, y1, y2]: readonly number[]): string =>
    `<line class="${tone}" x1="${n(x1!)}" x2="${n(x2!)}" y1="${n(y1!)}" y2="${n(y2!)}"/>`;
  const parts = [
    ...across.ticks.flatMap((tick) => [
      line(tick === 0 ? 'zero' : 'grid', [placeX(tick), placeX(tick), TOP, height - BOTTOM]),
      `<text class="middle" x="${n(placeX(tick))}" y="${height - BOTTOM + 16}">${across.label(tick)}</text>`,
    ]),
    ...up.ticks.flatMap((tick) => [
      line(tick === 0 ? 'zero' : 'grid', [LEFT, width - RIGHT, placeY(tick), placeY(tick)]),
      `<text class="end" x="${LEFT - 6}" y="${n(placeY(tick) + 4)}">${up.label(tick)}</text>`,
    ]),
    `<path class="lost" d="${dots(false)}"/><path class="won" d="${dots(true)}"/>`,
    `<text class="middle" x="${(LEFT + width - RIGHT) / 2}" y="${height - 6}">${escapeHtml(x)}</text>`,
  ];
  const label = escapeHtml(`${alt} Across: ${x}; up: ${y}.`);
  return `<svg class="scatter" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}

const n = (value: number): string => String(Number(value.toFixed(1)));

interface Axis {
  readonly ticks: readonly number[];
  /** Where a value lies between the ends, 0 to 1. */
  share(value: number): number;
  label(tick: number): string;
}

function axisOf(values: readonly number[]): Axis {
  const low = values.reduce((least, value) => Math.min(least, value), 0);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  const span = high > low ? high - low : 0.01;
  const [from, to] = [low - span * 0.04, (high > low ? high : low + span) + span * 0.04];
  const step = tickStep(from, to, TICKS);
  const first = Math.ceil(from / step);
  const ticks = Array.from({ length: Math.floor(to / step) - first + 1 }, (_, at) => (first + at) * step);
  const digits = Math.max(0, -Math.floor(Math.log10(step * 100) + 1e-9));
  return {
    ticks,
    share: (value) => (value - from) / (to - from),
    label: (tick) => `${(tick * 100).toFixed(digits).replace('-', '−')} %`,
  };
}
