import { Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useChosenSession } from '../frame/chosen-session.ts';
import { Wrong } from '../parts/words.tsx';
import { DatabasePart } from './database-part.tsx';
import { ProcessesTable } from './processes-table.tsx';
import { QueuesPart } from './queues-part.tsx';
import { SessionPart } from './session-part.tsx';
import { useSystem } from './system-queries.ts';

/** How all that stands behind the console is. */
export function SystemPage(): ReactNode {
  const { data, error, isPending } = useSystem();
  const { id } = useChosenSession();
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          System
        </Title>
        {data === undefined ? null : (
          <Text size="sm" c="dimmed">
            Signalbox {data.versions.signalbox}, Node {data.versions.node}
          </Text>
        )}
      </Group>
      <Wrong error={error} />
      <ProcessesTable processes={data?.processes ?? []} isLoading={isPending} />
      <QueuesPart backend={data?.queueBackend} />
      <DatabasePart />
      {id === undefined ? null : <SessionPart session={id} />}
    </Stack>
  );
}
