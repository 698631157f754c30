import { Group, SegmentedControl, Stack, Tabs, Text, Title } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useChosenSession } from '../frame/chosen-session.ts';
import { NoSession } from '../frame/no-session.tsx';
import { useFormats } from '../parts/formats.ts';
import { PagesTable } from '../parts/pages-table.tsx';
import type { Column } from '../parts/rows-table.tsx';
import { Side, State } from '../parts/words.tsx';
import { useRefusals, useSignals } from '../service/queries.ts';
import type { Refusal, Signal } from '../service/shapes.ts';
import { AnomaliesTab } from './anomalies-tab.tsx';

/** Why something was asked for, and why it was not let through. */
export function SignalsPage(): ReactNode {
  const { id } = useChosenSession();
  if (id === undefined) return <NoSession title="Signals" />;
  return (
    <Stack>
      <Title order={1} size="h3">
        Signals
      </Title>
      <Tabs defaultValue="fired" keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="fired">Fired</Tabs.Tab>
          <Tabs.Tab value="refused">Refused</Tabs.Tab>
          <Tabs.Tab value="anomalies">Anomalies</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="fired">
          <Fired id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="refused">
          <RefusedRows id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="anomalies">
          <AnomaliesTab id={id} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}

const ACTIONS = [
  { value: '', label: 'All' },
  { value: 'buy', label: 'Buy' },
  { value: 'sell', label: 'Sell' },
];

function Fired({ id }: { readonly id: string }): ReactNode {
  const formats = useFormats();
  const [action, setAction] = useState('');
  const asked = { action: action === '' ? undefined : action };
  const columns: readonly Column<Signal>[] = [
    { title: 'Time', width: 184, cell: ({ time }) => formats.moment(time) },
    { title: 'Symbol', width: 84, cell: ({ symbol }) => <strong>{symbol}</strong> },
    { title: 'Side', width: 56, cell: ({ action: side }) => <Side side={side} /> },
    {
      title: 'Confidence',
      unit: '%',
      isNumber: true,
      wide: true,
      width: 124,
      cell: ({ confidence }) => formats.percent(confidence),
    },
    {
      title: 'Probability',
      unit: '%',
      isNumber: true,
      wide: true,
      width: 124,
      cell: ({ probability }) => formats.percent(probability),
    },
    { title: 'Why', width: 240, grow: 8, wide: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
    {
      title: 'Asked by',
      width: 96,
      wide: true,
      cell: ({ strategy, model }) => strategy ?? model ?? '–',
    },
    { title: 'Came to', width: 100, wide: true, cell: ({ refused }) => refused ?? 'passed' },
  ];
  return (
    <>
      <Group mb="xs">
        <SegmentedControl size="xs" data={ACTIONS} value={action} onChange={setAction} aria-label="Which signals" />
      </Group>
      <PagesTable
        label="Signals"
        list={useSignals(id, asked)}
        rowsOf={({ signals }) => signals}
        columns={columns}
        keyOf={({ record }) => record}
        empty="No signal has fired."
        heightMax="68vh"
      />
    </>
  );
}

function RefusedRows({ id }: { readonly id: string }): ReactNode {
  const formats = useFormats();
  const columns: readonly Column<Refusal>[] = [
    { title: 'Time', width: 184, wide: true, cell: ({ time }) => formats.moment(time) },
    { title: 'Symbol', width: 84, cell: ({ symbol }) => <strong>{symbol ?? 'all'}</strong> },
    { title: 'By', width: 80, wide: true, cell: ({ stage }) => stage },
    { title: 'Refusal', width: 150, cell: ({ code }) => <State word={code} /> },
    { title: 'Why', width: 260, grow: 6, wide: true, cell: ({ reason }) => <span title={reason}>{reason}</span> },
  ];
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs">
        What risk, a check of signals or the broker did not let through, with the numbers that decided.
      </Text>
      <PagesTable
        label="Refused"
        list={useRefusals(id, {})}
        rowsOf={({ refused }) => refused}
        columns={columns}
        keyOf={({ record }) => record}
        empty="Nothing was refused."
        heightMax="68vh"
      />
    </>
  );
}
