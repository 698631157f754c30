import type { ReactNode } from 'react';
import { useFormats, type Formats } from '../parts/formats.ts';
import { PagesTable } from '../parts/pages-table.tsx';
import type { Column } from '../parts/rows-table.tsx';
import { Side, State } from '../parts/words.tsx';
import type { Asked } from '../service/ask.ts';
import { useOrders } from '../service/queries.ts';
import type { Order } from '../service/shapes.ts';
import { OrderLink } from './order-link.tsx';

export interface OrdersProps {
  readonly id: string;
  readonly asked: Asked;
  readonly onOrder: (order: number) => void;
}

/** Orders of a session, the newest first. */
export function OrdersTable({ id, asked, onOrder }: OrdersProps): ReactNode {
  const formats = useFormats();
  return (
    <PagesTable
      label="Orders"
      list={useOrders(id, asked)}
      rowsOf={({ orders }) => orders}
      columns={columnsOf(formats, onOrder)}
      keyOf={({ sequence }) => sequence}
      empty="No such order."
      heightMax="52vh"
      onRow={({ sequence }) => onOrder(sequence)}
    />
  );
}

function columnsOf(formats: Formats, onOrder: OrdersProps['onOrder']): readonly Column<Order>[] {
  return [
    {
      title: 'Order',
      width: 66,
      cell: ({ sequence }) => <OrderLink order={sequence} onOrder={onOrder} />,
    },
    { title: 'Time', width: 178, wide: true, cell: ({ time }) => formats.moment(time) },
    { title: 'Symbol', width: 80, cell: ({ symbol }) => <strong>{symbol}</strong> },
    { title: 'Side', width: 60, cell: ({ side }) => <Side side={side} /> },
    { title: 'Type', width: 92, wide: true, cell: ({ type, role }) => role ?? type },
    {
      title: 'Quantity',
      unit: 'units',
      isNumber: true,
      width: 124,
      wide: true,
      cell: ({ quantity }) => formats.exact(quantity),
    },
    {
      title: 'Filled',
      unit: 'units',
      isNumber: true,
      width: 106,
      wide: true,
      cell: ({ filled }) => formats.exact(filled),
    },
    {
      title: 'Limit, stop',
      isNumber: true,
      width: 98,
      wide: true,
      cell: ({ limitPrice, triggerPrice }) => formats.price(limitPrice ?? triggerPrice),
    },
    {
      title: 'Average',
      isNumber: true,
      width: 100,
      wide: true,
      cell: ({ averagePrice }) => formats.price(averagePrice),
    },
    { title: 'State', width: 100, cell: ({ state }) => <State word={state} /> },
    { title: 'Strategy', width: 88, grow: 2, wide: true, cell: ({ strategy }) => strategy ?? '–' },
  ];
}
