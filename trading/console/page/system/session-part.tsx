import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useSessionHealth, type SessionHealth } from './system-queries.ts';

type Latency = SessionHealth['latencies'][number];
type Change = SessionHealth['breakers']['changes'][number];

/** How long the orders of the chosen session took to each step, and how its breakers stand. */
export function SessionPart({ session }: { readonly session: string }): ReactNode {
  const formats = useFormats();
  const { data, error, isPending } = useSessionHealth(session);
  const columns: readonly Column<Latency>[] = [
    { title: 'Until', width: 120, grow: 2, cell: ({ step }) => step },
    { title: 'Median', unit: 'ms', width: 110, isNumber: true, cell: ({ p50Ms }) => formats.number(p50Ms, 1) },
    { title: 'p99', unit: 'ms', width: 96, isNumber: true, cell: ({ p99Ms }) => formats.number(p99Ms, 1) },
    { title: 'Orders', width: 90, isNumber: true, wide: true, cell: ({ orders }) => formats.exact(orders) },
  ];
  return (
    <section>
      <Title order={2} size="h5" mb="xs">
        Session {session}
      </Title>
      <Wrong error={error} />
      <RowsTable
        label="Latency by step"
        columns={columns}
        rows={data?.latencies ?? []}
        keyOf={({ step }) => step}
        empty={isPending ? 'Loading' : 'No order has taken a step yet.'}
        heightMax="30vh"
      />
      {data === undefined ? null : <Breakers breakers={data.breakers} />}
    </section>
  );
}

function Breakers({ breakers: { states, changes } }: { readonly breakers: SessionHealth['breakers'] }): ReactNode {
  const formats = useFormats();
  const columns: readonly Column<Change>[] = [
    { title: 'When', width: 184, cell: ({ at }) => formats.moment(at) },
    { title: 'Breaker', width: 100, cell: ({ breaker }) => breaker },
    { title: 'Then', width: 100, cell: ({ state }) => <State word={state} /> },
    { title: 'Why', width: 150, grow: 5, wide: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
  ];
  return (
    <>
      <Group gap="xs" mt="sm" mb={4}>
        <Title order={3} size="h6">
          Breakers
        </Title>
        {Object.entries(states).map(([name, state]) => (
          <Text key={name} size="sm" component="span">
            {name} <State word={state} />
          </Text>
        ))}
      </Group>
      <RowsTable
        label="Breakers"
        columns={columns}
        rows={changes}
        keyOf={({ breaker, at }) => `${breaker} ${at}`}
        empty="None has opened."
        heightMax="26vh"
      />
    </>
  );
}
