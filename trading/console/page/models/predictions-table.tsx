import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Profit, Wrong } from '../parts/words.tsx';
import { usePredictions, type Prediction } from './model-queries.ts';

/** What a version has said of bars after its training, with what came of it. */
export function PredictionsTable({ reference }: { readonly reference: string }): ReactNode {
  const formats = useFormats();
  const [typed, setTyped] = useState('');
  const [symbol] = useDebouncedValue(typed.trim(), 300);
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = usePredictions(reference, symbol);
  const columns: readonly Column<Prediction>[] = [
    { title: 'Decided', width: 184, cell: ({ decidedAt }) => formats.moment(decidedAt) },
    { title: 'Symbol', width: 90, cell: (one) => one.symbol },
    { title: 'Probability', unit: '%', width: 120, isNumber: true, cell: (one) => formats.percent(one.probability, 2) },
    { title: 'As', width: 100, wide: true, cell: ({ role }) => role },
    {
      title: 'Novelty',
      unit: '%',
      width: 110,
      isNumber: true,
      wide: true,
      cell: (one) => formats.percent(one.novelty),
    },
    { title: 'Came', width: 80, cell: ({ label }) => (label === null ? '' : label === 1 ? 'up' : 'down') },
    {
      title: 'Return',
      unit: '%',
      width: 100,
      isNumber: true,
      wide: true,
      cell: (one) => <Profit percent value={one.realisedReturn} />,
    },
    {
      title: 'Moved by',
      width: 160,
      grow: 5,
      wide: true,
      cell: ({ reasons }) => <span title={reasons ?? ''}>{reasons}</span>,
    },
  ];
  return (
    <>
      <TextInput
        size="xs"
        w={180}
        mb="xs"
        placeholder="Symbol"
        aria-label="Only this symbol"
        value={typed}
        onChange={({ currentTarget: { value } }) => setTyped(value)}
      />
      <Wrong error={error} />
      <RowsTable
        label="Predictions"
        columns={columns}
        rows={data?.pages.flatMap(({ predictions }) => predictions) ?? []}
        keyOf={({ symbol: of, decidedAt }) => `${of} ${decidedAt}`}
        empty={isPending ? 'Loading' : 'It has said nothing of bars after its training.'}
        heightMax="50vh"
        more={{ isThere: hasNextPage, isLoading: isFetchingNextPage, load: fetchNextPage }}
      />
    </>
  );
}
