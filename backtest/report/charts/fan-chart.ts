import { FAN_QUANTILES, type PathFan } from '../../judgement/paths/path-fan.ts';
import { decimal, percent } from '../../number-format.ts';
import { amountFormat, timeAxis } from './chart-axes.ts';
import type { Chart } from './render-chart.ts';
import { utcDayOfClose } from '../../../pipelines/calendars/day.ts';

const TICKS = 6;

/** Equity of reconstructed paths: bands of quantiles over them, their median, and the chosen path. */
export function fanChart({ times, bands, chosen, losing }: PathFan): Chart {
  const timeMs = Float64Array.from(times, (time) => Date.parse(time));
  const axis = timeAxis(timeMs, utcDayOfClose);
  const band = (low: number, high: number): object[] =>
    times.map((_, at) => ({ t: axis.at(at), low: bands[low]![at], high: bands[high]![at] }));
  const line = (values: readonly number[]): object[] => values.map((v, at) => ({ t: axis.at(at), v }));
  const all = [...bands.flat(), ...chosen];
  const [least, most] = all.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  const y = {
    ...{ type: 'quantitative', title: null, scale: { zero: false, nice: true } },
    axis: { format: amountFormat(least!, most!, TICKS), tickCount: TICKS },
  };
  const area = (values: object[], opacity: number): object => ({
    data: { values },
    mark: { type: 'area', color: 'var(--strategy)', opacity },
    encoding: { x: axis.encoding, y: { ...y, field: 'low' }, y2: { field: 'high' } },
  });
  const drawn = (values: object[], mark: object): object => ({
    data: { values },
    mark: { type: 'line', color: 'var(--strategy)', ...mark },
    encoding: { x: axis.encoding, y: { ...y, field: 'v' } },
  });
  const median = FAN_QUANTILES.indexOf(0.5);
  return {
    id: 'paths-fan',
    size: 'wide',
    alt:
      `Equity of the reconstructed paths; at the end nine of ten are between ${decimal(bands[0]!.at(-1)!, 0)} and ` +
      `${decimal(bands.at(-1)!.at(-1)!, 0)}, and ${percent(losing, 0)} lose money.`,
    spec: {
      layer: [
        area(band(0, 4), 0.15),
        area(band(1, 3), 0.25),
        drawn(line(bands[median]!), { strokeDash: [4, 3], strokeWidth: 1.4 }),
        drawn(line(chosen), { strokeWidth: 2.2 }),
      ],
    },
  };
}
