import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useCorrections, type Correction } from './data-queries.ts';

/** What sources have said of stored bars later on. */
export function CorrectionsTable(): ReactNode {
  const formats = useFormats();
  const { data = [], error, isPending } = useCorrections();
  const columns: readonly Column<Correction>[] = [
    { title: 'When', width: 184, cell: ({ at }) => formats.moment(at) },
    { title: 'Symbol', width: 90, grow: 2, cell: ({ symbol }) => symbol },
    { title: 'Size', width: 60, wide: true, cell: ({ timeframe }) => timeframe },
    { title: 'Bars', width: 80, isNumber: true, cell: ({ bars }) => formats.exact(bars) },
    { title: 'From', width: 110, wide: true, cell: ({ from }) => from.slice(0, 10) },
    { title: 'To', width: 110, wide: true, cell: ({ to }) => to.slice(0, 10) },
    { title: 'It was', width: 110, cell: ({ accepted }) => <State word={accepted ? 'taken over' : 'refused'} /> },
  ];
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Bars whose values a source has changed. What is refused leaves the stored bars as they are; an ingest that
        revises takes it over, and what was computed from them is computed again.
      </Text>
      <Wrong error={error} />
      <RowsTable
        label="Corrections"
        columns={columns}
        rows={data}
        keyOf={({ at, seriesId, accepted }) => `${at} ${seriesId} ${String(accepted)}`}
        empty={isPending ? 'Loading' : 'No source has changed what is stored.'}
      />
    </Stack>
  );
}
