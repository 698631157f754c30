import { SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useActions, useFindings, type CorporateAction, type Finding, type Series } from './data-queries.ts';
import { MonthsGrid } from './months-grid.tsx';

const SEVERITIES = ['all', 'error', 'warning', 'info'];

/** One series: where its gaps are, what the checks find, and what was split or paid. */
export function SeriesPanel({ series }: { readonly series: Series }): ReactNode {
  const { id, symbol, timeframe, statement, calendar } = series;
  return (
    <section aria-label={`Series ${symbol} ${timeframe}`}>
      <Stack>
        <div>
          <Title order={2} size="h4">
            {symbol} {timeframe}
          </Title>
          <Text size="sm" c="dimmed">
            {statement} Calendar {calendar}.
          </Text>
        </div>
        <MonthsGrid series={id} />
        <FindingsTable series={id} />
        <ActionsTable series={id} />
      </Stack>
    </section>
  );
}

function FindingsTable({ series }: { readonly series: number }): ReactNode {
  const formats = useFormats();
  const [severity, setSeverity] = useState('all');
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useFindings(series, severity);
  const columns: readonly Column<Finding>[] = [
    { title: 'Severity', width: 104, cell: (one) => <State word={one.severity} /> },
    { title: 'Time', width: 184, wide: true, cell: ({ time }) => formats.moment(time) },
    { title: 'Check', width: 140, cell: ({ check }) => check },
    { title: 'Bars', width: 70, isNumber: true, wide: true, cell: ({ bars }) => bars },
    { title: 'What', width: 200, grow: 6, cell: ({ message }) => <span title={message}>{message}</span> },
  ];
  return (
    <div>
      <Title order={3} size="h6" mb={4}>
        Findings
      </Title>
      <SegmentedControl
        size="xs"
        mb="xs"
        aria-label="Which findings"
        data={SEVERITIES}
        value={severity}
        onChange={setSeverity}
      />
      <Wrong error={error} />
      <RowsTable
        label="Findings"
        columns={columns}
        rows={data?.pages.flatMap(({ findings }) => findings) ?? []}
        keyOf={({ time, check, message }) => `${time ?? ''} ${check} ${message}`}
        empty={isPending ? 'Loading' : 'The checks find nothing.'}
        heightMax="36vh"
        more={{ isThere: hasNextPage, isLoading: isFetchingNextPage, load: fetchNextPage }}
      />
    </div>
  );
}

function ActionsTable({ series }: { readonly series: number }): ReactNode {
  const formats = useFormats();
  const { data = [], error, isPending } = useActions(series);
  const columns: readonly Column<CorporateAction>[] = [
    { title: 'Ex-date', width: 110, cell: ({ exDate }) => exDate },
    { title: 'What', width: 100, cell: ({ kind }) => kind },
    {
      title: 'Ratio or amount',
      width: 130,
      isNumber: true,
      cell: ({ value }) => formats.exact(value),
    },
    { title: 'Known', width: 184, wide: true, cell: ({ knownAt }) => formats.moment(knownAt) },
    { title: 'From', width: 120, grow: 3, wide: true, cell: ({ origin }) => <span title={origin}>{origin}</span> },
  ];
  return (
    <div>
      <Title order={3} size="h6" mb={4}>
        Splits and dividends
      </Title>
      <Wrong error={error} />
      <RowsTable
        label="Splits and dividends"
        columns={columns}
        rows={data}
        keyOf={({ kind, exDate }) => `${kind} ${exDate}`}
        empty={isPending ? 'Loading' : 'None on record.'}
        heightMax="30vh"
      />
    </div>
  );
}
