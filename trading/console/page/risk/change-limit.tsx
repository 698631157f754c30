import { Alert, Button, Checkbox, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { wordsOf } from '../parts/key-values.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask, Refused } from '../service/ask.ts';
import type { LimitRow } from '../../../sessions/operators/limit-use.ts';

interface ChangeProps {
  readonly session: string;
  readonly limit: LimitRow | null;
  readonly onClose: () => void;
}

/** Changes one limit of a session. A wider one takes a consent, which the service asks for by name. */
export function ChangeLimit({ session, limit, onClose }: ChangeProps): ReactNode {
  return (
    <Modal
      opened={limit !== null}
      onClose={onClose}
      title="Change a limit"
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {limit === null ? null : <ChangeForm session={session} limit={limit} onClose={onClose} />}
    </Modal>
  );
}

function ChangeForm({ session, limit, onClose }: ChangeProps & { readonly limit: LimitRow }): ReactNode {
  const [typed, setTyped] = useState(String(limit.value));
  const [reason, setReason] = useState('');
  const [consents, setConsents] = useState(false);
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: () => {
      const consent = consents ? { consent: `loosen ${session}` } : {};
      const body = { session, limits: { [limit.name]: valueOf(typed) }, reason, ...consent };
      return ask<{ running: boolean }>('PUT', '/api/v1/risk/thresholds', { body });
    },
    onSuccess: async ({ running }) => {
      const message = running ? 'The session takes it up at once.' : 'The session takes it up when it goes on.';
      notifications.show({ title: `${wordsOf(limit.name)} is ${typed}`, message, color: 'teal' });
      onClose();
      await queries.invalidateQueries();
    },
  });
  const loosens = change.error instanceof Refused && change.error.message.includes('allow more than before');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
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
        <Textarea
          label="Why"
          description="It is recorded with your name."
          required
          value={reason}
          maxLength={1_000}
          autosize
          minRows={1}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
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
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={change.isPending} disabled={reason.trim() === '' || (loosens && !consents)}>
            Change it
          </Button>
        </Group>
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
