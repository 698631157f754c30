import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { PagesTable } from '../parts/pages-table.tsx';
import type { Column } from '../parts/rows-table.tsx';
import { Side } from '../parts/words.tsx';
import { useFills } from '../service/queries.ts';
import type { Fill } from '../service/shapes.ts';
import { OrderLink } from './order-link.tsx';
import type { OrdersProps } from './orders-table.tsx';

/** What was bought and sold, the newest first. */
export function FillsTable({ id, asked, onOrder }: OrdersProps): ReactNode {
  const formats = useFormats();
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
      cell: ({ sequence }) => <OrderLink order={sequence} onOrder={onOrder} />,
    },
    { title: 'Strategy', width: 110, grow: 2, wide: true, cell: ({ strategy, origin }) => strategy ?? origin ?? '–' },
  ];
  return (
    <PagesTable
      label="Fills"
      list={useFills(id, asked)}
      rowsOf={({ fills }) => fills}
      columns={columns}
      keyOf={({ record }) => record}
      empty="Nothing was filled."
      heightMax="52vh"
      onRow={({ sequence }) => onOrder(sequence)}
    />
  );
}
