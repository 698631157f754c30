import { Button, Group, Popover, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Wrong } from '../parts/words.tsx';
import { ask, withQuery } from '../service/ask.ts';
import { useMay } from '../sign-in/me.tsx';

const OVER: readonly string[] = ['CANCELED', 'FILLED', 'REJECTED', 'DENIED', 'EXPIRED', 'LOST'];

interface CancelProps {
  readonly session: string;
  readonly order: number;
  readonly state: string;
}

/** Asks the session to cancel an order that works, after a confirmation. */
export function CancelOrder({ session, order, state }: CancelProps): ReactNode {
  const may = useMay('orders:cancel');
  const [isOpen, setOpen] = useState(false);
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => ask<{ outcome: string }>('DELETE', withQuery(`/api/v1/orders/${order}`, { session })),
    onSuccess: async ({ outcome }) => {
      setOpen(false);
      const message =
        outcome === 'waiting' ? 'The session has yet to take it up.' : 'Its venue decides what becomes of it.';
      notifications.show({ title: `Cancel of order ${order} asked`, message, color: 'teal' });
      await queries.invalidateQueries();
    },
  });
  if (!may || OVER.includes(state)) return null;
  return (
    <Popover opened={isOpen} onChange={setOpen} width={300} position="bottom-end" trapFocus withinPortal={false}>
      <Popover.Target>
        <Button size="xs" color="red.9" variant="outline" onClick={() => setOpen(true)}>
          Cancel this order
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <Text size="sm">Cancel order {order}? A stop that is cancelled protects nothing.</Text>
          <Wrong error={cancel.error} />
          <Group justify="flex-end" gap="xs">
            <Button size="xs" variant="default" onClick={() => setOpen(false)}>
              Keep it
            </Button>
            <Button size="xs" color="red.9" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel it
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
