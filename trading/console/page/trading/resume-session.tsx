import { Button, Checkbox, Stack, Text } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Choice, Dialog, Reason } from '../parts/dialog.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { useDeed } from '../service/deed.ts';
import type { Session } from '../service/shapes.ts';

interface ResumeProps {
  readonly session: Session;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Lets a session that is held back open again. After an emergency stop that takes a consent. */
export function ResumeSession({ session, isOpen, onClose }: ResumeProps): ReactNode {
  return (
    <Dialog title="Resume trading" isOpen={isOpen} onClose={onClose}>
      <Confirmation session={session} onClose={onClose} />
    </Dialog>
  );
}

/** Whether a session is held back by an operator or a limit. */
export const isHeldBack = ({ state, killState }: Pick<Session, 'state' | 'killState'>): boolean =>
  state !== 'ended' && killState !== null && killState !== 'run';

function Confirmation({ session: { session, killState }, onClose }: Omit<ResumeProps, 'isOpen'>): ReactNode {
  const [reason, setReason] = useState('');
  const [consents, setConsents] = useState(false);
  const needsConsent = killState?.startsWith('stop') === true;
  const resume = useDeed({
    said: () => ({ title: `Told: resume`, message: `${session} may open positions again.` }),
    onDone: onClose,
  });
  const body = { reason, ...(consents ? { consent: `resume ${session}` } : {}) };
  return (
    <Stack>
      <Text size="sm" component="div">
        {session} is held back: <State word={killState ?? 'run'} /> From here on its signals open positions again, and a
        drawdown is counted anew.
      </Text>
      {needsConsent ? (
        <Checkbox
          label={`It is known what happened: resume ${session}`}
          checked={consents}
          onChange={(event) => setConsents(event.currentTarget.checked)}
        />
      ) : null}
      <Reason value={reason} onChange={setReason} required />
      <Wrong error={resume.error} />
      <Choice onBack={onClose}>
        <Button
          loading={resume.isPending}
          disabled={reason.trim() === '' || (needsConsent && !consents)}
          onClick={() =>
            resume.mutate({ method: 'POST', path: `/api/v1/sessions/${encodeURIComponent(session)}/resume`, body })
          }
        >
          Resume
        </Button>
      </Choice>
    </Stack>
  );
}
