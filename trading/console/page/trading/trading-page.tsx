import { Group, SegmentedControl, Stack, Tabs, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type ReactNode } from 'react';
import { useChosenSession } from '../frame/chosen-session.ts';
import { NoSession } from '../frame/no-session.tsx';
import { FillsTable } from './fills-table.tsx';
import { OrderTrail } from './order-trail.tsx';
import { OrdersTable } from './orders-table.tsx';
import { PositionsTable } from './positions-table.tsx';
import { SessionButtons } from './session-buttons.tsx';
import { SessionFigures } from './session-figures.tsx';

/** What a session holds, has asked for and got. */
export function TradingPage(): ReactNode {
  const { id, session } = useChosenSession();
  const [trail, setTrail] = useState<number | null>(null);
  if (id === undefined) return <NoSession title="Positions and orders" />;
  return (
    <Stack>
      <Group justify="space-between">
        <Title order={1} size="h3">
          Positions and orders
        </Title>
        {session === undefined ? null : <SessionButtons session={session} />}
      </Group>
      <SessionFigures id={id} />
      <PositionsTable id={id} runs={session?.state === 'running'} />
      <OrdersAndFills id={id} onOrder={setTrail} />
      <OrderTrail session={id} order={trail} onClose={() => setTrail(null)} />
    </Stack>
  );
}

const STATES = [
  { value: 'working', label: 'Working' },
  { value: '', label: 'All' },
  { value: 'FILLED', label: 'Filled' },
  { value: 'REJECTED', label: 'Rejected' },
];

function OrdersAndFills({
  id,
  onOrder,
}: {
  readonly id: string;
  readonly onOrder: (order: number) => void;
}): ReactNode {
  const [state, setState] = useState('');
  const [typed, setTyped] = useState('');
  const [symbol] = useDebouncedValue(typed.trim(), 300);
  const asked = { symbol: symbol === '' ? undefined : symbol };
  return (
    <Tabs defaultValue="orders" keepMounted={false}>
      <Group justify="space-between" mb="xs">
        <Tabs.List>
          <Tabs.Tab value="orders">Orders</Tabs.Tab>
          <Tabs.Tab value="fills">Fills</Tabs.Tab>
        </Tabs.List>
        <TextInput
          size="xs"
          w={150}
          placeholder="Symbol"
          aria-label="Only this symbol"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
      </Group>
      <Tabs.Panel value="orders">
        <SegmentedControl size="xs" mb="xs" data={STATES} value={state} onChange={setState} aria-label="Which orders" />
        <OrdersTable id={id} asked={{ ...asked, state: state === '' ? undefined : state }} onOrder={onOrder} />
      </Tabs.Panel>
      <Tabs.Panel value="fills">
        <FillsTable id={id} asked={asked} onOrder={onOrder} />
      </Tabs.Panel>
    </Tabs>
  );
}
