import { UnstyledButton } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Side, Wrong } from '../parts/words.tsx';
import { useFills, type Asked } from '../service/queries.ts';
import type { Fill } from '../service/shapes.ts';

interface FillsProps {
  readonly id: string;
  readonly asked: Asked;
  readonly onOrder: (order: number) => void;
}

/** What was bought and sold, the newest first. */
export function FillsTable({ id, asked, onOrder }: FillsProps): ReactNode {
  const formats = useFormats();
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useFills(id, asked);
  const rows = data?.pages.flatMap(({ fills }) => fills) ?? [];
  const columns: readonly Column<Fill>[] = [
    { title: 'Time', width: 184, cell: ({ time }) => formats.moment(time) },
    { title: 'Symbol', width: 84, cell: ({ symbol }) => <strong>{symbol}</strong> },
    { title: 'Side', width: 56, wide: true, cell: ({ quantity }) => <Side side={quantity > 0 ? 'buy' : 'sell'} /> },
    { title: 'Quantity', unit: 'units', isNumber: true, width: 128, cell: ({ quantity }) => formats.exact(quantity) },
    { title: 'Price', isNumber: true, wide: true, cell: ({ price }) => formats.price(price) },
    { title: 'Fee', isNumber: true, width: 80, wide: true, cell: ({ fee }) => formats.money(fee) },
    { title: 'Slippage', isNumber: true, width: 90, wide: true, cell: ({ slippage }) => formats.money(slippage) },
    {
      title: 'Order',
      width: 76,
      wide: true,
      cell: ({ sequence }) => (
        <UnstyledButton
          className="row-link"
          fz="sm"
          onClick={() => onOrder(sequence)}
          aria-label={`Life of order ${sequence}`}
        >
          {sequence}
        </UnstyledButton>
      ),
    },
    { title: 'Strategy', width: 110, grow: 2, wide: true, cell: ({ strategy, origin }) => strategy ?? origin ?? '' },
  ];
  return (
    <>
      <Wrong error={error} />
      <RowsTable
        label="Fills"
        columns={columns}
        rows={rows}
        keyOf={({ record }) => record}
        empty={isPending ? 'Loading' : 'Nothing was filled.'}
        heightMax="52vh"
        onRow={({ sequence }) => onOrder(sequence)}
        more={{ isThere: hasNextPage, isLoading: isFetchingNextPage, load: fetchNextPage }}
      />
    </>
  );
}
