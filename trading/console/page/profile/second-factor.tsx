import { Button, Card, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { useFormats } from '../parts/formats.ts';
import { State, Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { SecondFactor } from '../service/shapes.ts';
import { CodeInput } from './code-input.tsx';
import { Enrol, RecoveryCodes, StoredInClear } from './enrol.tsx';

const PATH = '/api/v1/me/second-factor';
type Doing = 'enrol' | 'recovery-codes' | 'remove';

/** Whether sign-ins ask for a code, and what may be done about it. */
export function SecondFactorCard(): ReactNode {
  const formats = useFormats();
  const queries = useQueryClient();
  const [doing, setDoing] = useState<Doing | null>(null);
  const { data, error } = useQuery({
    queryKey: ['second-factor'],
    queryFn: ({ signal }) => ask<SecondFactor>('GET', PATH, { signal }),
  });
  const done = (): void => {
    setDoing(null);
    void queries.invalidateQueries();
  };
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Group justify="space-between">
          <Title order={2} size="h5">
            Second factor
          </Title>
          {data === undefined ? null : <State word={data.enrolled ? 'on' : 'off'} size="md" />}
        </Group>
        <Wrong error={error} />
        <Text size="sm" c="dimmed">
          {data?.enrolled === true
            ? `Sign-ins ask for a code since ${formats.moment(data.since!)}. Recovery codes left: ${data.recoveryCodesLeft}.`
            : 'A code of an authenticator app beside the password: a stolen password alone lets nobody in.'}
        </Text>
        <StoredInClear sealed={data?.sealed ?? null} />
        {data === undefined ? null : <Deeds enrolled={data.enrolled} onDeed={setDoing} />}
      </Stack>
      <Modal
        opened={doing !== null}
        onClose={done}
        title="Second factor"
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {doing === 'enrol' ? <Enrol onDone={done} /> : null}
        {doing === 'remove' || doing === 'recovery-codes' ? <ByCode what={doing} onDone={done} /> : null}
      </Modal>
    </Card>
  );
}

function Deeds({
  enrolled,
  onDeed,
}: {
  readonly enrolled: boolean;
  readonly onDeed: (doing: Doing) => void;
}): ReactNode {
  if (!enrolled) {
    return (
      <Group>
        <Button size="xs" onClick={() => onDeed('enrol')}>
          Set it up
        </Button>
      </Group>
    );
  }
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" onClick={() => onDeed('recovery-codes')}>
        New recovery codes
      </Button>
      <Button size="xs" variant="default" onClick={() => onDeed('remove')}>
        Remove it
      </Button>
    </Group>
  );
}

/** What a code is given for. */
function ByCode({
  what,
  onDone,
}: {
  readonly what: 'recovery-codes' | 'remove';
  readonly onDone: () => void;
}): ReactNode {
  const [code, setCode] = useState('');
  const give = useMutation({
    mutationFn: () => ask<{ recoveryCodes?: string[] }>('POST', `${PATH}/${what}`, { body: { code: code.trim() } }),
    onSuccess: ({ recoveryCodes }) => (recoveryCodes === undefined ? onDone() : undefined),
  });
  if (give.data?.recoveryCodes !== undefined) return <RecoveryCodes codes={give.data.recoveryCodes} onDone={onDone} />;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate();
      }}
    >
      <Stack>
        <Text size="sm">
          {what === 'remove'
            ? 'The password alone lets in then. Recovery codes go with it.'
            : 'Recovery codes that you have are void then.'}
        </Text>
        <CodeInput
          label="Code"
          description="Six digits of your app, or a recovery code"
          value={code}
          onChange={setCode}
        />
        <Wrong error={give.error} />
        <Group justify="flex-end">
          <Button type="submit" loading={give.isPending} color={what === 'remove' ? 'red' : undefined}>
            {what === 'remove' ? 'Remove it' : 'Make new ones'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
