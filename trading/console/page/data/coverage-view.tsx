import { Group, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { useCoverage, type Series } from './data-queries.ts';
import { SeriesPanel } from './series-panel.tsx';

/** Every series with the bars that it has, beside those that its calendar expects. */
export function CoverageView(): ReactNode {
  const { data = [], error, isPending } = useCoverage();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<number | null>(null);
  const wanted = typed.trim().toLowerCase();
  const rows = data.filter(({ symbol, source, timeframe }) =>
    `${symbol} ${source} ${timeframe}`.toLowerCase().includes(wanted),
  );
  const shown = data.find(({ id }) => id === chosen);
  return (
    <Stack>
      <Group>
        <TextInput
          size="xs"
          placeholder="Symbol, source or size"
          aria-label="Only series with"
          value={typed}
          onChange={({ currentTarget: { value } }) => setTyped(value)}
        />
      </Group>
      <Wrong error={error} />
      <RowsTable
        label="Series"
        columns={useColumns(setChosen)}
        rows={rows}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : data.length === 0 ? 'No bars yet: Ingest brings some in.' : 'No such series.'}
        heightMax="44vh"
        onRow={({ id }) => setChosen(id)}
      />
      {shown === undefined ? null : <SeriesPanel key={shown.id} series={shown} />}
    </Stack>
  );
}

function useColumns(onShow: (id: number) => void): readonly Column<Series>[] {
  const formats = useFormats();
  return [
    {
      title: 'Symbol',
      width: 84,
      grow: 2,
      cell: ({ id, symbol, timeframe }) => (
        <UnstyledButton className="row-link" fz="sm" onClick={() => onShow(id)} aria-label={`${symbol} ${timeframe}`}>
          {symbol}
        </UnstyledButton>
      ),
    },
    { title: 'Size', width: 56, cell: ({ timeframe }) => timeframe },
    {
      title: 'Source',
      width: 100,
      grow: 2,
      wide: true,
      cell: ({ source, origin }) => <span title={origin}>{source}</span>,
    },
    { title: 'From', width: 110, wide: true, cell: ({ from }) => from?.slice(0, 10) ?? '' },
    { title: 'To', width: 184, wide: true, cell: ({ to }) => formats.moment(to) },
    { title: 'Bars', width: 90, isNumber: true, cell: ({ bars }) => formats.exact(bars) },
    {
      title: 'Coverage',
      unit: '%',
      width: 122,
      isNumber: true,
      cell: (one) => <Share have={one.bars} of={one.expected} />,
    },
    { title: 'Errors', width: 76, isNumber: true, wide: true, cell: ({ checked }) => checked?.errors ?? '' },
    { title: 'Warnings', width: 100, isNumber: true, wide: true, cell: ({ checked }) => checked?.warnings ?? '' },
    { title: 'Revised', unit: 'times', width: 134, isNumber: true, wide: true, cell: ({ revision }) => revision },
  ];
}

/** How much there is of what should be; nothing where nobody knows what should be. */
function Share({ have, of }: { readonly have: number; readonly of: number | null }): ReactNode {
  const formats = useFormats();
  if (of === null || of === 0) return <span title="The calendar of the series does not tell">unknown</span>;
  const share = have / of;
  return (
    <span style={share < 1 ? { color: 'var(--loss)', fontWeight: 600 } : {}} title={`${have} of ${of} bars`}>
      {formats.percent(share, share < 1 && share > 0.999 ? 3 : 1)}
    </span>
  );
}
