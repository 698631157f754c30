import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { useSessions } from '../service/queries.ts';
import { useMay } from '../sign-in/me.tsx';
import { useAlertChange, useChoices, useSilences, type Silence } from './alert-queries.ts';

/** What is recorded and not told for a while. */
export function SilencesTab(): ReactNode {
  const formats = useFormats();
  const may = useMay('alerts:answer');
  const { data, error, isPending } = useSilences();
  const columns: readonly Column<Silence>[] = [
    { title: 'Event', width: 130, grow: 1, cell: ({ type }) => type ?? 'any' },
    { title: 'Session', width: 120, grow: 1, cell: ({ session }) => session ?? 'any' },
    { title: 'Until', width: 184, wide: true, cell: ({ until }) => formats.moment(until) },
    { title: 'By', width: 100, wide: true, cell: ({ madeBy }) => madeBy },
    { title: 'Why', width: 160, grow: 3, wide: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
    ...(may ? [{ title: 'End', width: 90, cell: ({ id }: Silence) => <EndSilence id={id} /> }] : []),
  ];
  return (
    <Stack>
      {may ? <NewSilence /> : null}
      <Wrong error={error} />
      <RowsTable
        label="Silences"
        columns={columns}
        rows={data?.silences ?? []}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : 'Nothing is silenced.'}
      />
    </Stack>
  );
}

function EndSilence({ id }: { readonly id: number }): ReactNode {
  const end = useAlertChange();
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`End silence ${id}`}
      loading={end.isPending}
      onClick={() => end.mutate({ method: 'DELETE', path: `silences/${id}` })}
    >
      End it
    </Button>
  );
}

const NEW = { type: null as string | null, session: null as string | null, span: '2h', reason: '' };
const SPANS = ['30m', '2h', '8h', '1d', '7d', '30d'];

function NewSilence(): ReactNode {
  const [form, setForm] = useState(NEW);
  const { data: sessions = [] } = useSessions();
  const { data: choices } = useChoices();
  const begin = useAlertChange(() => setForm(NEW));
  const { type, session, span, reason } = form;
  const isWhole = (type !== null || session !== null) && reason.trim() !== '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const about = { ...(type === null ? {} : { type }), ...(session === null ? {} : { session }) };
        begin.mutate({ method: 'POST', path: 'silences', body: { ...about, for: span, reason } });
      }}
    >
      <Stack gap="xs">
        <Text size="sm" c="dimmed">
          Alerts of an event, a session, or both are recorded and not told for a while.
        </Text>
        <Group gap="xs" align="flex-end">
          <Select
            label="Event"
            placeholder="Any"
            clearable
            searchable
            w={200}
            data={[...new Set(choices?.events.map((one) => one.type) ?? [])]}
            value={type}
            onChange={(value) => setForm({ ...form, type: value })}
          />
          <Select
            label="Session"
            placeholder="Any"
            clearable
            searchable
            w={200}
            data={sessions.map((one) => one.session)}
            value={session}
            onChange={(value) => setForm({ ...form, session: value })}
          />
          <Select
            label="For"
            allowDeselect={false}
            w={100}
            data={SPANS}
            value={span}
            onChange={(value) => setForm({ ...form, span: value ?? span })}
          />
          <TextInput
            label="Why"
            maxLength={500}
            w={240}
            value={reason}
            onChange={(event) => setForm({ ...form, reason: event.currentTarget.value })}
          />
          <Button type="submit" disabled={!isWhole} loading={begin.isPending}>
            Silence
          </Button>
        </Group>
        <Wrong error={begin.error} />
      </Stack>
    </form>
  );
}
