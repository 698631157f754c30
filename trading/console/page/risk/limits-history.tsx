import { Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { wordsOf } from '../parts/key-values.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { useAudit } from '../service/queries.ts';
import type { AuditEntry } from '../service/shapes.ts';

interface Change {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Who changed which limit of a session, when and why. */
export function LimitsHistory({ session }: { readonly session: string }): ReactNode {
  const formats = useFormats();
  const asked = { session, action: 'limits-change' };
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useAudit(asked);
  const columns: readonly Column<AuditEntry>[] = [
    { title: 'Time', width: 184, cell: ({ at }) => formats.moment(at) },
    { title: 'Who', width: 110, cell: ({ actor }) => actor },
    { title: 'Change', width: 260, grow: 4, wide: true, cell: ({ details }) => changesOf(details) },
    { title: 'Why', width: 160, grow: 4, wide: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Changes of limits
      </Title>
      <Wrong error={error} />
      <RowsTable
        label="Changes of limits"
        columns={columns}
        rows={data?.pages.flatMap(({ entries }) => entries) ?? []}
        keyOf={({ position }) => position}
        empty={isPending ? 'Loading' : 'Nobody has changed a limit of this session.'}
        heightMax="30vh"
        more={{ isThere: hasNextPage, isLoading: isFetchingNextPage, load: fetchNextPage }}
      />
    </section>
  );
}

function changesOf(details: unknown): string {
  const { changes = [] } = details as { changes?: readonly Change[] };
  return changes
    .map(({ name, before, after }) => `${wordsOf(name)}: ${String(before ?? 'none')} to ${String(after ?? 'none')}`)
    .join(', ');
}
