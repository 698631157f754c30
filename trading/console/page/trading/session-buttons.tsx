import { Button, Group } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useFrame } from '../frame/frame-context.ts';
import type { Session } from '../service/shapes.ts';
import { useMay } from '../sign-in/me.tsx';
import { CancelAll } from './cancel-all.tsx';
import { OrderForm } from './order-form.tsx';
import { isHeldBack, ResumeSession } from './resume-session.tsx';

/** What whoever is signed in may do with a session: trade by hand, cancel, hold it back, let it go on. */
export function SessionButtons({ session }: { readonly session: Session }): ReactNode {
  const { openStop } = useFrame();
  const [mayPlace, mayCancel, mayAct] = [useMay('orders:place'), useMay('orders:cancel'), useMay('sessions:act')];
  const [open, setOpen] = useState<'order' | 'cancel' | 'resume' | null>(null);
  const { session: id, state } = session;
  const runs = state === 'running';
  const onClose = (): void => setOpen(null);
  const takesWords = mayAct && state !== 'ended';
  return (
    <Group gap="xs">
      {mayPlace && runs ? (
        <Button size="xs" onClick={() => setOpen('order')}>
          New order
        </Button>
      ) : null}
      {mayCancel && runs ? (
        <Button size="xs" variant="default" onClick={() => setOpen('cancel')}>
          Cancel all
        </Button>
      ) : null}
      {takesWords && isHeldBack(session) ? (
        <Button size="xs" variant="default" onClick={() => setOpen('resume')}>
          Resume
        </Button>
      ) : null}
      {takesWords ? (
        <>
          <Button size="xs" variant="default" onClick={() => openStop({ session: id, word: 'halt' })}>
            Halt
          </Button>
          <Button size="xs" variant="default" onClick={() => openStop({ session: id, word: 'flatten' })}>
            Flatten
          </Button>
        </>
      ) : null}
      <OrderForm session={id} isOpen={open === 'order'} onClose={onClose} />
      <CancelAll session={id} isOpen={open === 'cancel'} onClose={onClose} />
      <ResumeSession session={session} isOpen={open === 'resume'} onClose={onClose} />
    </Group>
  );
}
