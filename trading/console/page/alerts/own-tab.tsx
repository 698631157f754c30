import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { useAlertChange, useBrowsers, useChoices, type Browsers, type Tried } from './alert-queries.ts';
import { ChoiceGrid } from './choice-grid.tsx';
import { pushObstacle, subscribeBrowser } from './push-browser.ts';
import { showTried } from './show-tried.ts';

const OWN_CHANNELS = [
  { name: 'app', title: 'This page' },
  { name: 'push', title: 'My browsers' },
];

/** What whoever is signed in is told of himself: on the page, and by the browsers that he names. */
export function OwnTab(): ReactNode {
  const { data, error } = useChoices();
  const choose = useAlertChange();
  return (
    <Stack>
      <Title order={2} size="h5">
        Browsers that are told by push
      </Title>
      <BrowsersTable />
      <Title order={2} size="h5">
        What I am told of
      </Title>
      <Wrong error={error ?? choose.error} />
      <ChoiceGrid
        label="My events"
        channels={OWN_CHANNELS}
        events={data?.events ?? []}
        choices={data?.choices ?? []}
        isFixed={false}
        onChoose={(body) => choose.mutate({ method: 'PUT', path: 'choices', body })}
      />
    </Stack>
  );
}

type Browser = Browsers['browsers'][number];

function BrowsersTable(): ReactNode {
  const formats = useFormats();
  const { data, error, isPending } = useBrowsers();
  const obstacle = data?.publicKey === null ? 'The service has no keys of web push.' : pushObstacle();
  const columns: readonly Column<Browser>[] = [
    { title: 'Browser', width: 160, grow: 3, cell: ({ browser }) => browser },
    { title: 'Since', width: 184, wide: true, cell: ({ madeAt }) => formats.moment(madeAt) },
    { title: 'Change', width: 200, cell: (browser) => <BrowserButtons browser={browser} /> },
  ];
  return (
    <>
      <Wrong error={error} />
      <RowsTable
        label="Browsers"
        columns={columns}
        rows={data?.browsers ?? []}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : 'No browser of yours is told.'}
      />
      {obstacle === null ? (
        <TellThisBrowser publicKey={data?.publicKey ?? ''} />
      ) : (
        <Text size="sm" c="dimmed">
          {obstacle}
        </Text>
      )}
    </>
  );
}

function TellThisBrowser({ publicKey }: { readonly publicKey: string }): ReactNode {
  const queries = useQueryClient();
  const subscribe = useMutation({
    mutationFn: async () => ask('POST', '/api/v1/alerts/push', { body: await subscribeBrowser(publicKey) }),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <Stack gap="xs">
      <Group>
        <Button size="xs" loading={subscribe.isPending} disabled={publicKey === ''} onClick={() => subscribe.mutate()}>
          Tell this browser
        </Button>
      </Group>
      <Wrong error={subscribe.error} />
    </Stack>
  );
}

function BrowserButtons({ browser: { id, browser } }: { readonly browser: Browser }): ReactNode {
  const remove = useAlertChange();
  const test = useAlertChange<Tried>((tried) => showTried([{ ...tried, channel: browser }]));
  return (
    <Group gap={4} wrap="nowrap">
      <Button
        size="compact-xs"
        variant="default"
        loading={test.isPending}
        aria-label={`Send a test to browser ${id}`}
        onClick={() => test.mutate({ method: 'POST', path: `push/${id}/test` })}
      >
        Send a test
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        loading={remove.isPending}
        aria-label={`Remove browser ${id}`}
        onClick={() => remove.mutate({ method: 'DELETE', path: `push/${id}` })}
      >
        Remove
      </Button>
    </Group>
  );
}
