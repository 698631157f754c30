import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Profit, Wrong } from '../parts/words.tsx';
import type { Span } from './curves.tsx';
import { useTrades, type KeptRun, type Trade } from './run-queries.ts';

/** How much of the time of a trade is shown before and after it, and at least. */
const AROUND = 1;
const AROUND_MS_MIN = 3_600_000;

interface TradesProps {
  readonly run: KeptRun;
  readonly onTrade: (span: Span) => void;
}

/** Every round trip; a click looks at it on the chart. */
export function TradesTable({ run, onTrade }: TradesProps): ReactNode {
  const { data, error, isPending } = useTrades(run.id);
  const columns = useColumns(run.currency);
  const more = (data?.total ?? 0) - (data?.trades.length ?? 0);
  const endMs = Date.parse(run.result.to);
  return (
    <>
      <Wrong error={error} />
      {more > 0 ? (
        <Text size="sm" c="dimmed">
          The last of them: {more} earlier ones are in the file of signalbox trades --run {run.id} --out FILE.
        </Text>
      ) : null}
      <RowsTable
        label="Trades"
        columns={columns}
        rows={data?.trades ?? []}
        keyOf={({ symbol, entryTime, quantity, exitTime }) => `${symbol} ${entryTime} ${quantity} ${exitTime ?? ''}`}
        empty={isPending ? 'Loading' : 'It made no trade.'}
        onRow={(trade) => onTrade(around(trade, endMs))}
      />
    </>
  );
}

function around({ entryTime, exitTime }: Trade, endMs: number): Span {
  const fromMs = Date.parse(entryTime);
  const toMs = exitTime === null ? endMs : Date.parse(exitTime);
  const margin = Math.max(AROUND_MS_MIN, AROUND * (toMs - fromMs));
  return { fromMs: fromMs - margin, toMs: Math.min(endMs, toMs + margin) };
}

function useColumns(currency: string | null): readonly Column<Trade>[] {
  const formats = useFormats();
  const unit = currency === null ? {} : { unit: currency };
  return [
    { title: 'Symbol', width: 80, cell: ({ symbol }) => <strong>{symbol}</strong> },
    { title: 'Side', width: 64, wide: true, cell: ({ side }) => side },
    { title: 'Entry', width: 160, cell: ({ entryTime }) => formats.moment(entryTime) },
    {
      title: 'Exit',
      width: 160,
      wide: true,
      cell: ({ exitTime }) => (exitTime === null ? 'open' : formats.moment(exitTime)),
    },
    { title: 'Quantity', width: 100, isNumber: true, wide: true, cell: ({ quantity }) => formats.exact(quantity) },
    {
      title: 'Entry',
      unit: 'price',
      width: 110,
      isNumber: true,
      wide: true,
      cell: (one) => formats.price(one.entryPrice),
    },
    {
      title: 'Exit',
      unit: 'price',
      width: 110,
      isNumber: true,
      wide: true,
      cell: (one) => formats.price(one.exitPrice),
    },
    { title: 'Profit', ...unit, width: 116, isNumber: true, cell: ({ pnl }) => <Profit value={pnl} /> },
    {
      title: 'Return',
      unit: '%',
      width: 96,
      isNumber: true,
      wide: true,
      cell: ({ pnl, quantity, entryPrice }) => (
        <Profit percent value={pnl === null ? null : pnl / Math.abs(quantity * entryPrice)} />
      ),
    },
    { title: 'Fees', width: 84, isNumber: true, wide: true, cell: ({ fees }) => formats.money(fees) },
    {
      title: 'Closed by',
      width: 110,
      wide: true,
      cell: ({ exit, exitTime }) => exit ?? (exitTime === null ? 'still open' : '–'),
    },
  ];
}
