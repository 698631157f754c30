import { Code, Drawer, Group, Stack, Text, TextInput, Title, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { KeyValues } from '../parts/key-values.tsx';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { useAudit } from '../service/queries.ts';
import type { AuditEntry } from '../service/shapes.ts';

/** Who did what, why and when, in a chain that shows whether something was taken out of it. */
export function AuditPage(): ReactNode {
  const [typed, setTyped] = useState({ action: '', session: '' });
  const [asked] = useDebouncedValue(typed, 300);
  const [shown, setShown] = useState<AuditEntry | null>(null);
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Audit
        </Title>
        <Chain />
      </Group>
      <Group gap="xs">
        <TextInput
          size="xs"
          placeholder="Action, such as halt"
          aria-label="Only this action"
          value={typed.action}
          onChange={({ currentTarget: { value } }) => setTyped((before) => ({ ...before, action: value }))}
        />
        <TextInput
          size="xs"
          placeholder="Session"
          aria-label="Only this session"
          value={typed.session}
          onChange={({ currentTarget: { value } }) => setTyped((before) => ({ ...before, session: value }))}
        />
      </Group>
      <Entries action={asked.action.trim()} session={asked.session.trim()} onEntry={setShown} />
      <Drawer
        opened={shown !== null}
        onClose={() => setShown(null)}
        position="right"
        title={shown === null ? '' : `Entry ${shown.position}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {shown === null ? null : <Entry entry={shown} />}
      </Drawer>
    </Stack>
  );
}

/** Whether each entry is as it was written, and none is missing. */
function Chain(): ReactNode {
  const { data } = useQuery({
    queryKey: ['audit-verify'],
    queryFn: ({ signal }) => ask<{ intact: boolean; entries: number }>('GET', '/api/v1/audit/verify', { signal }),
    staleTime: 60_000,
  });
  if (data === undefined) return null;
  return <State word={data.intact ? `intact, ${data.entries} entries` : 'NOT INTACT'} size="md" />;
}

interface EntriesProps {
  readonly action: string;
  readonly session: string;
  readonly onEntry: (entry: AuditEntry) => void;
}

function Entries({ action, session, onEntry }: EntriesProps): ReactNode {
  const formats = useFormats();
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useAudit({ action, session });
  const columns: readonly Column<AuditEntry>[] = [
    {
      title: 'Entry',
      width: 64,
      cell: (entry) => (
        <UnstyledButton
          className="row-link"
          fz="sm"
          onClick={() => onEntry(entry)}
          aria-label={`Entry ${entry.position}`}
        >
          {entry.position}
        </UnstyledButton>
      ),
    },
    { title: 'Time', width: 184, wide: true, cell: ({ at }) => formats.moment(at) },
    { title: 'Who', width: 110, cell: ({ actor }) => actor },
    { title: 'Did', width: 140, cell: ({ action: did }) => did },
    { title: 'Session', width: 120, wide: true, cell: ({ sessionId }) => sessionId ?? '' },
    { title: 'Why', width: 180, grow: 5, wide: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
  ];
  return (
    <>
      <Wrong error={error} />
      <RowsTable
        label="Audit"
        columns={columns}
        rows={data?.pages.flatMap(({ entries }) => entries) ?? []}
        keyOf={({ position }) => position}
        empty={isPending ? 'Loading' : 'No such entry.'}
        heightMax="66vh"
        onRow={onEntry}
        more={{ isThere: hasNextPage, isLoading: isFetchingNextPage, load: fetchNextPage }}
      />
    </>
  );
}

function Entry({ entry: { details, hash, ...entry } }: { readonly entry: AuditEntry }): ReactNode {
  return (
    <Stack>
      <KeyValues
        value={{
          at: entry.at,
          who: entry.actor,
          kind: entry.actorKind,
          did: entry.action,
          session: entry.sessionId,
          why: entry.reason,
        }}
      />
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {JSON.stringify(details, null, 2)}
      </Code>
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        Hash {hash}
      </Text>
    </Stack>
  );
}
