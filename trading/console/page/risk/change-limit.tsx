import { Alert, Button, Checkbox, Stack, Text, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Choice, Dialog, Reason } from '../parts/dialog.tsx';
import { wordsOf } from '../parts/key-values.tsx';
import { Wrong } from '../parts/words.tsx';
import { Refused } from '../service/ask.ts';
import { useDeed } from '../service/deed.ts';
import type { LimitRow } from '../../../sessions/operators/limit-use.ts';

interface ChangeProps {
  readonly session: string;
  readonly limit: LimitRow | null;
  readonly onClose: () => void;
}

/** Changes one limit of a session. A wider one takes a consent, which the service asks for by name. */
export function ChangeLimit({ session, limit, onClose }: ChangeProps): ReactNode {
  return (
    <Dialog title="Change a limit" isOpen={limit !== null} onClose={onClose}>
      {limit === null ? null : <ChangeForm session={session} limit={limit} onClose={onClose} />}
    </Dialog>
  );
}

function ChangeForm({ session, limit, onClose }: ChangeProps & { readonly limit: LimitRow }): ReactNode {
  const [typed, setTyped] = useState(String(limit.value));
  const [reason, setReason] = useState('');
  const [consents, setConsents] = useState(false);
  const change = useDeed<{ running: boolean }>({
    onDone: onClose,
    said: ({ running }) => ({
      title: `${wordsOf(limit.name)} is ${typed}`,
      message: running ? 'The session takes it up at once.' : 'The session takes it up when it goes on.',
    }),
  });
  const consent = consents ? { consent: `loosen ${session}` } : {};
  const body = { session, limits: { [limit.name]: valueOf(typed) }, reason, ...consent };
  const loosens = change.error instanceof Refused && change.error.message.includes('allow more than before');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ method: 'PUT', path: '/api/v1/risk/thresholds', body });
      }}
    >
      <Stack>
        <Text size="sm">
          {wordsOf(limit.name)} of session {session}. Tighter limits hold at once; what would break them is cancelled.
        </Text>
        <TextInput
          label="New value"
          description="Shares of equity as a number from 0 to 1; none takes the limit away"
          required
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
        <Reason value={reason} onChange={setReason} required />
        {loosens || consents ? (
          <Alert color="yellow" title="This allows more than before">
            <Checkbox
              label={`Loosen ${session} all the same`}
              checked={consents}
              onChange={(event) => setConsents(event.currentTarget.checked)}
            />
          </Alert>
        ) : null}
        {loosens ? null : <Wrong error={change.error} />}
        <Choice onBack={onClose}>
          <Button type="submit" loading={change.isPending} disabled={reason.trim() === '' || (loosens && !consents)}>
            Change it
          </Button>
        </Choice>
      </Stack>
    </form>
  );
}

/** What was typed, as the service takes it: a number, yes or no, none, or words. */
function valueOf(typed: string): unknown {
  const text = typed.trim();
  if (text === '' || text === 'none') return null;
  if (text === 'true' || text === 'yes') return true;
  if (text === 'false' || text === 'no') return false;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
