import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../features/timeframe.ts';
import type { Formats } from '../parts/formats.ts';
import type { Panel } from '../service/chart-shapes.ts';

type Unit = Panel['unit'];
type Tone = NonNullable<Panel['thresholds']>[number]['tone'];

const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A number in the unit of its panel. */
export function unitText(value: number | null | undefined, unit: Unit, formats: Formats): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (unit === 'money' || unit === 'rate') return formats.number(value, 2);
  if (unit === 'ratio') return formats.percent(value, 2);
  if (unit === 'price') return formats.price(value);
  if (unit === 'count') return formats.exact(value, 4);
  if (unit === 'score') return formats.number(value, 4);
  if (unit === 'seconds') return secondsText(value, formats);
  let power = 0;
  while (power < BYTES.length - 1 && value >= 1_024 ** (power + 1)) power += 1;
  return `${formats.exact(value / 1_024 ** power, 1)} ${BYTES[power]!}`;
}

function secondsText(seconds: number, formats: Formats): string {
  const size = Math.abs(seconds);
  if (size < 1) return `${formats.exact(1_000 * seconds, 1)} ms`;
  if (size < 120) return `${formats.exact(seconds, 2)} s`;
  if (size < 7_200) return `${formats.exact(seconds / 60, 1)} min`;
  return size < 172_800 ? `${formats.exact(seconds / 3_600, 1)} h` : `${formats.exact(seconds / 86_400, 1)} d`;
}

/** How a value is to be read: the last threshold that it has reached, the first of which holds from below on. */
export function toneOf(value: number | null | undefined, thresholds: Panel['thresholds']): Tone | null {
  if (value === null || value === undefined || thresholds === undefined || thresholds.length === 0) return null;
  const reached = thresholds.filter(({ from }, place) => place === 0 || value >= from);
  return reached.at(-1)!.tone;
}

const SPAN = /^(\d+)([mhd])$/;
const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Milliseconds of a span such as `24h`; a day for what is none. */
export function spanMsOf(span: string): number {
  const [, count, unit] = SPAN.exec(span) ?? [];
  return count === undefined ? UNIT_MS['d']! : Number(count) * UNIT_MS[unit!]!;
}
