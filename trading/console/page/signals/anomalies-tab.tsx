import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask, withQuery } from '../service/ask.ts';
import type { Anomalies, Anomaly } from '../service/shapes.ts';

/** Between two looks: all of a session is gone through at each. */
const LOOK_MS = 30_000;

/** What of a session lies far out of its own past, the newest first. */
export function AnomaliesTab({ id }: { readonly id: string }): ReactNode {
  const formats = useFormats();
  const { data, error } = useQuery({
    queryKey: ['anomalies', id],
    queryFn: ({ signal }) =>
      ask<Anomalies>('GET', withQuery('/api/v1/anomalies', { session: id, limit: 1_000 }), { signal }),
    refetchInterval: LOOK_MS,
  });
  const columns: readonly Column<Anomaly>[] = [
    { title: 'Time', width: 184, wide: true, cell: ({ time }) => formats.moment(time) },
    { title: 'In', width: 70, cell: ({ of }) => of },
    { title: 'What', width: 200, grow: 8, cell: ({ words }) => <span title={words}>{words}</span> },
    {
      title: 'How far',
      unit: 'deviations',
      isNumber: true,
      width: 180,
      wide: true,
      cell: ({ score }) => formats.exact(Math.round(10 * score) / 10),
    },
  ];
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        Bars, fills and predictions that lie far out of what was usual before them.
        {data === undefined ? '' : ` Looked at: ${lookedText(data)}.`}
      </Text>
      <Wrong error={error} />
      <RowsTable
        label="Anomalies"
        columns={columns}
        rows={data === undefined ? [] : [...data.anomalies].reverse()}
        keyOf={({ time, kind, symbol }) => `${time} ${kind} ${symbol}`}
        empty={data === undefined ? 'Loading' : 'None was found.'}
        heightMax="68vh"
      />
    </>
  );
}

function lookedText({ looked }: Anomalies): string {
  const { bars, fills, predictions } = looked;
  return `${bars} bars, ${fills} fills, ${predictions} predictions`;
}
