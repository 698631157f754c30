import { SegmentedControl, Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useAlerts } from '../service/queries.ts';
import type { Alert } from '../service/shapes.ts';
import { SeenBy } from './seen-by.tsx';

/** What is open, or was, and what has become of it. */
export function FiringTab(): ReactNode {
  const formats = useFormats();
  const [which, setWhich] = useState('open');
  const asked = { open: which === 'open' ? true : undefined };
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useAlerts(asked);
  const columns: readonly Column<Alert>[] = [
    { title: 'Severity', width: 100, cell: ({ severity }) => <State word={severity} /> },
    { title: 'Event', width: 140, wide: true, cell: ({ type }) => type },
    { title: 'What', width: 200, grow: 6, cell: ({ words }) => <span title={words}>{words}</span> },
    {
      title: 'Session',
      width: 120,
      grow: 2,
      wide: true,
      cell: ({ session }) =>
        session === null ? (
          ''
        ) : (
          <Link to="/orders" search={{ session }} className="row-link">
            {session}
          </Link>
        ),
    },
    { title: 'Since', width: 184, wide: true, cell: ({ raisedAt }) => formats.moment(raisedAt) },
    { title: 'Last', width: 184, wide: true, cell: ({ lastAt }) => formats.moment(lastAt) },
    { title: 'Times', width: 66, isNumber: true, wide: true, cell: ({ times }) => times },
    { title: 'Over since', width: 184, wide: true, cell: ({ resolvedAt }) => formats.moment(resolvedAt) },
    { title: 'Seen by', width: 132, cell: (alert) => <SeenBy alert={alert} /> },
  ];
  return (
    <Stack>
      <SegmentedControl
        size="xs"
        w={180}
        aria-label="Which alerts"
        data={[
          { value: 'open', label: 'Open' },
          { value: 'all', label: 'All' },
        ]}
        value={which}
        onChange={setWhich}
      />
      <Wrong error={error} />
      <RowsTable
        label="Alerts"
        columns={columns}
        rows={data?.pages.flatMap(({ alerts }) => alerts) ?? []}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : which === 'open' ? 'No alert is open.' : 'There was no alert yet.'}
        more={{ isThere: hasNextPage, isLoading: isFetchingNextPage, load: fetchNextPage }}
      />
    </Stack>
  );
}
