import { Button, Popover, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Choice, Reason } from '../parts/dialog.tsx';
import { Wrong } from '../parts/words.tsx';
import { useDeed } from '../service/deed.ts';
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
  const [reason, setReason] = useState('');
  const cancel = useDeed<{ outcome: string }>({
    isRepeatable: true,
    onDone: () => setOpen(false),
    said: ({ outcome }) => ({
      title: `Cancel of order ${order} asked`,
      message: outcome === 'waiting' ? 'The session has yet to take it up.' : 'Its venue decides what becomes of it.',
    }),
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
          <Reason value={reason} onChange={setReason} />
          <Wrong error={cancel.error} />
          <Choice onBack={() => setOpen(false)} back="Keep it">
            <Button
              color="red.9"
              loading={cancel.isPending}
              onClick={() =>
                cancel.mutate({ method: 'DELETE', path: `/api/v1/orders/${order}`, query: { session, reason } })
              }
            >
              Cancel it
            </Button>
          </Choice>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
