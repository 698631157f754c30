import { Button, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { useAlertChange, useChannels, useChoices, type Channels, type Tried } from './alert-queries.ts';
import { ChoiceGrid } from './choice-grid.tsx';
import { showTried } from './show-tried.ts';

type Channel = Channels['channels'][number];

/** Where the house is told: how each channel stands, a test, and what it is told of. */
export function ChannelsTab(): ReactNode {
  const formats = useFormats();
  const may = useMay('alerts:answer');
  const { data, error, isPending } = useChannels();
  const { data: own } = useChoices();
  const choose = useAlertChange();
  const channels = data?.channels ?? [];
  const columns: readonly Column<Channel>[] = [
    { title: 'Channel', width: 100, cell: ({ name }) => <strong>{name}</strong> },
    {
      title: 'State',
      width: 130,
      cell: ({ configured, waiting }) => (
        <State word={!configured ? 'not configured' : waiting > 0 ? 'waits' : 'configured'} />
      ),
    },
    { title: 'Waiting', width: 76, isNumber: true, wide: true, cell: ({ waiting }) => waiting },
    { title: 'Last taken', width: 184, wide: true, cell: ({ lastAt }) => formats.moment(lastAt) },
    { title: 'Last answer', width: 180, grow: 3, wide: true, cell: ({ answer }) => answer ?? '' },
    ...(may ? [{ title: 'Try it', width: 110, cell: (channel: Channel) => <TestButton channel={channel} /> }] : []),
  ];
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        Addresses and keys stand in the environment of the processes: infra/alerts/README.md names the variables.
      </Text>
      <Wrong error={error ?? choose.error} />
      <RowsTable
        label="Channels"
        columns={columns}
        rows={channels}
        keyOf={({ name }) => name}
        empty={isPending ? 'Loading' : 'No channel.'}
      />
      <Title order={2} size="h5">
        What they are told of
      </Title>
      <ChoiceGrid
        label="Events by channel"
        channels={channels.filter(({ configured }) => configured).map(({ name }) => ({ name, title: name }))}
        events={own?.events ?? []}
        choices={data?.choices ?? []}
        isFixed={!may}
        onChoose={(body) => choose.mutate({ method: 'PUT', path: 'channels/choices', body })}
      />
    </Stack>
  );
}

function TestButton({ channel: { name, configured } }: { readonly channel: Channel }): ReactNode {
  const test = useAlertChange<{ channels: Tried[] }>(({ channels }) => showTried(channels));
  return (
    <Button
      size="compact-xs"
      variant="default"
      disabled={!configured}
      loading={test.isPending}
      aria-label={`Send a test to ${name}`}
      onClick={() => test.mutate({ method: 'POST', path: `channels/${name}/test` })}
    >
      Send a test
    </Button>
  );
}
