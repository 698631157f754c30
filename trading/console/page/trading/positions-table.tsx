import { Title, UnstyledButton } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Profit, Wrong } from '../parts/words.tsx';
import { usePositions } from '../service/queries.ts';
import type { Position } from '../service/shapes.ts';
import { useMay } from '../sign-in/me.tsx';
import { ClosePosition } from './close-position.tsx';

/** What a session holds, beside what its venue says it holds. */
export function PositionsTable({ id, runs }: { readonly id: string; readonly runs: boolean }): ReactNode {
  const mayClose = useMay('orders:place') && runs;
  const [closing, setClosing] = useState<Position | null>(null);
  const formats = useFormats();
  const { data, error, isPending } = usePositions(id);
  const rows = data?.positions ?? [];
  const hasVenue = data?.venueAsOf !== null && data !== undefined;
  const venue: readonly Column<Position>[] = hasVenue
    ? [
        {
          title: 'At the venue',
          unit: 'units',
          isNumber: true,
          wide: true,
          width: 130,
          cell: ({ venueQuantity }) => formats.exact(venueQuantity),
        },
      ]
    : [];
  const columns: readonly Column<Position>[] = [
    { title: 'Symbol', width: 64, cell: ({ symbol }) => <strong>{symbol}</strong> },
    { title: 'Held', unit: 'units', isNumber: true, width: 98, cell: ({ quantity }) => formats.exact(quantity) },
    { title: 'Average', isNumber: true, wide: true, cell: ({ averagePrice }) => formats.price(averagePrice) },
    { title: 'Price', isNumber: true, wide: true, cell: ({ price }) => formats.price(price) },
    { title: 'Value', isNumber: true, width: 88, cell: ({ value }) => formats.money(value) },
    { title: 'Unrealised', isNumber: true, width: 106, cell: ({ unrealised }) => <Profit value={unrealised} /> },
    { title: 'Realised', isNumber: true, wide: true, cell: ({ realised }) => <Profit value={realised} /> },
    ...venue,
    {
      title: 'Strategies',
      wide: true,
      width: 140,
      grow: 2,
      cell: ({ strategies }) =>
        strategies.map(({ name, quantity }) => `${name ?? 'external'} ${formats.exact(quantity)}`).join(', ') || '–',
    },
    ...(mayClose ? [closeColumn(setClosing)] : []),
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Positions
      </Title>
      <Wrong error={error} />
      <RowsTable
        label="Positions"
        columns={columns}
        rows={rows}
        keyOf={({ symbol }) => symbol}
        empty={isPending ? 'Loading' : 'Nothing is held.'}
        heightMax="30vh"
      />
      <ClosePosition session={id} position={closing} onClose={() => setClosing(null)} />
    </section>
  );
}

function closeColumn(onClose: (position: Position) => void): Column<Position> {
  return {
    title: 'Close',
    width: 72,
    cell: (position) =>
      position.quantity === 0 ? null : (
        <UnstyledButton
          className="row-link"
          fz="sm"
          aria-label={`Close ${position.symbol}`}
          onClick={() => onClose(position)}
        >
          Close
        </UnstyledButton>
      ),
  };
}
