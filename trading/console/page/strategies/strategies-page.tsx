import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Profit, State, Wrong } from '../parts/words.tsx';
import { useMay } from '../sign-in/me.tsx';
import { useStrategies, type Strategy } from './strategy-queries.ts';

/** Strategies that the service keeps and runs: how each stands, and what it has earned. */
export function StrategiesPage(): ReactNode {
  const formats = useFormats();
  const navigate = useNavigate();
  const mayKeep = useMay('research:run');
  const { data = [], error, isPending } = useStrategies();
  const columns: readonly Column<Strategy>[] = [
    {
      title: 'Strategy',
      width: 150,
      grow: 3,
      cell: ({ name }) => (
        <Link className="row-link" to="/strategies/$strategy" params={{ strategy: name }} search={(now) => now}>
          {name}
        </Link>
      ),
    },
    { title: 'State', width: 120, cell: ({ state }) => <State word={state} /> },
    { title: 'Orders go to', width: 150, grow: 2, wide: true, cell: ({ settings }) => whereTo(settings) },
    { title: 'Version', width: 110, wide: true, cell: (one) => versionText(one) },
    { title: 'Session', width: 160, grow: 3, wide: true, cell: (one) => <SessionLink {...one} /> },
    { title: 'Profit', isNumber: true, width: 100, cell: ({ profit }) => <Profit value={profit} /> },
    { title: 'Last bar', width: 184, wide: true, cell: ({ lastClose }) => formats.moment(lastClose) },
  ];
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Strategies
        </Title>
        {mayKeep ? (
          <Button size="xs" onClick={() => void navigate({ to: '/new-strategy', search: (now) => now })}>
            New strategy
          </Button>
        ) : null}
      </Group>
      <Text size="sm" c="dimmed">
        An experiment under a name, with every version it has had. The service runs it on paper, and starts it again
        when it dies.
      </Text>
      <Wrong error={error} />
      <RowsTable
        label="Strategies"
        columns={columns}
        rows={data}
        keyOf={({ name }) => name}
        empty={isPending ? 'Loading' : 'No strategy is kept yet.'}
      />
    </Stack>
  );
}

function SessionLink({ session }: Pick<Strategy, 'session'>): ReactNode {
  if (session === null) return null;
  return (
    <Link className="row-link" to="/orders" search={{ session }}>
      {session}
    </Link>
  );
}

export function whereTo({ broker, feed }: Strategy['settings']): string {
  if (broker !== 'simulated') return `${broker} paper`;
  return feed === 'live' ? 'simulated, live data' : 'simulated, replay';
}

/** The newest version, and the one that runs where that is another. */
export function versionText({ version, sessionVersion, isBehind }: Strategy): string {
  return isBehind ? `${version} (${sessionVersion} runs)` : String(version);
}
