import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createBarColumns, type BarColumns } from '../../../features/bar.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { REFERENCE_DIR } from '../../../infra/testing/requirements.ts';

/** Closes of a table of skfolio: one column a name, one row a day as `2014-01-02`. */
export interface ReferenceCloses {
  readonly names: readonly string[];
  readonly days: readonly string[];
  readonly closes: readonly Float64Array[];
}

/** The closes of `sp500_dataset` (20 stocks) or `factors_dataset` (5 factors) on days that `wanted` takes. */
export function referenceCloses(table: string, wanted: (day: string) => boolean = () => true): ReferenceCloses {
  const text = gunzipSync(readFileSync(join(REFERENCE_DIR, 'skfolio', `${table}.csv.gz`))).toString('utf8');
  const [head, ...lines] = text.trim().split('\n');
  const rows = lines.map((line) => line.trim().split(',')).filter(([day]) => wanted(day!));
  const names = head!.trim().split(',').slice(1);
  const closes = names.map((_, at) => Float64Array.from(rows, (row) => Number(row[at + 1])));
  return { names, days: rows.map(([day]) => day!), closes };
}

/** Daily bars of those closes: each opens where the one before closed. */
export function referenceBars({ names, days, closes }: ReferenceCloses): BarColumns[] {
  return names.map((name, at) => {
    const bars = createBarColumns(name, days.length);
    days.forEach((day, row) => {
      const close = closes[at]![row]!;
      const open = closes[at]![Math.max(0, row - 1)]!;
      bars.openTimeMs[row] = Date.parse(day);
      bars.closeTimeMs[row] = Date.parse(day) + DAY_MS;
      bars.open[row] = open;
      bars.close[row] = close;
      bars.high[row] = Math.max(open, close);
      bars.low[row] = Math.min(open, close);
      bars.volume[row] = 1e6;
    });
    return bars;
  });
}
