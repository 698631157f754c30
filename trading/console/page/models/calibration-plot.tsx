import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { LinePlot } from '../parts/line-plot.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';

interface Bin {
  readonly rows: number;
  readonly predicted: number;
  readonly observed: number;
}

/** What came true beside what was said, in groups of similar probability; the straight line is what it should be. */
export function CalibrationPlot({ bins, of }: { readonly bins: readonly Bin[]; readonly of: string }): ReactNode {
  const formats = useFormats();
  const percent = (share: number): string => formats.percent(share, 0);
  const columns: readonly Column<Bin>[] = [
    { title: 'Said', unit: '%', width: 90, isNumber: true, cell: ({ predicted }) => formats.percent(predicted, 2) },
    { title: 'Came true', unit: '%', width: 110, isNumber: true, cell: ({ observed }) => formats.percent(observed, 2) },
    { title: 'Rows', width: 80, isNumber: true, cell: ({ rows }) => formats.exact(rows) },
  ];
  const ends = [...bins.map(({ predicted }) => predicted), ...bins.map(({ observed }) => observed)];
  const [least, most] = [Math.max(0, Math.min(...ends) - 0.02), Math.min(1, Math.max(...ends) + 0.02)];
  const range: [number, number] = [least, most];
  return (
    <>
      <LinePlot
        label={`Calibration of ${of}: share that came true by the probability that was said`}
        x={{ title: 'probability that was said', tick: percent, range }}
        y={{ title: 'Share that came true', tick: percent, range }}
        lines={[
          {
            name: 'as said',
            colour: 'var(--mantine-color-dimmed)',
            dashed: true,
            points: range.map((share) => ({ x: share, y: share })),
          },
          {
            name: of,
            colour: 'var(--mantine-primary-color-filled)',
            dots: true,
            points: bins.map(({ predicted, observed }) => ({ x: predicted, y: observed })),
          },
        ]}
      />
      <RowsTable
        label={`Calibration of ${of}`}
        columns={columns}
        rows={bins}
        keyOf={({ predicted }) => predicted}
        empty="None"
        heightMax="30vh"
      />
    </>
  );
}
