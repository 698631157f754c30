import { Button, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Choice, Dialog, Reason } from '../parts/dialog.tsx';
import { Wrong } from '../parts/words.tsx';
import { useDeed } from '../service/deed.ts';
import type { Cancelled } from '../service/shapes.ts';

interface CancelAllProps {
  readonly session: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Asks a session to cancel every order that works, after a confirmation. */
export function CancelAll({ session, isOpen, onClose }: CancelAllProps): ReactNode {
  return (
    <Dialog title="Cancel all orders" isOpen={isOpen} onClose={onClose}>
      <Confirmation session={session} onClose={onClose} />
    </Dialog>
  );
}

function Confirmation({ session, onClose }: Omit<CancelAllProps, 'isOpen'>): ReactNode {
  const [reason, setReason] = useState('');
  const cancel = useDeed<Cancelled>({ said: wordsOf, onDone: onClose, isRepeatable: true });
  return (
    <Stack>
      <Text size="sm">
        Every order of {session} that works is cancelled. Stops and targets that protect a position stay: close the
        position, and they end.
      </Text>
      <Reason value={reason} onChange={setReason} />
      <Wrong error={cancel.error} />
      <Choice onBack={onClose} back="Keep them">
        <Button
          color="red.9"
          loading={cancel.isPending}
          onClick={() => cancel.mutate({ method: 'DELETE', path: '/api/v1/orders', query: { session, reason } })}
        >
          Cancel them
        </Button>
      </Choice>
    </Stack>
  );
}

function wordsOf({ cancelling, kept }: Cancelled): { title: string; message: string } {
  const left = kept.length === 0 ? '' : ` ${kept.length} stay: ${kept[0]!.reason}.`;
  return { title: 'Cancel of all orders asked', message: `${cancelling.length} are being cancelled.${left}` };
}
