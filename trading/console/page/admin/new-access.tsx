import {
  Button,
  Code,
  CopyButton,
  Group,
  Modal,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ROLES, type Role } from '../../../../infra/auth/roles.ts';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import { useSessions } from '../service/queries.ts';

interface NewProps {
  readonly kind: 'user' | 'token';
  readonly path: '/api/v1/users' | '/api/v1/tokens' | '/api/v1/me/tokens';
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Adds a user, who gets a link, or a token. Both secrets are shown once. */
export function NewAccess({ kind, path, isOpen, onClose }: NewProps): ReactNode {
  const title = kind === 'user' ? 'Add a user' : 'Make a token';
  return (
    <Modal opened={isOpen} onClose={onClose} title={title} centered closeButtonProps={{ 'aria-label': 'Close' }}>
      {isOpen ? <NewForm kind={kind} path={path} onClose={onClose} /> : null}
    </Modal>
  );
}

interface Made {
  readonly link?: string;
  readonly value?: string;
}

interface Wanted {
  readonly name: string;
  readonly role: Role;
  readonly sessions: readonly string[];
  readonly days: number;
}

function useMaking({ kind, path }: Pick<NewProps, 'kind' | 'path'>, { name, role, sessions, days }: Wanted) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => {
      const bound = sessions.length === 0 ? {} : { sessions };
      const body = { name, role, ...bound, ...(kind === 'token' ? { days } : {}) };
      return ask<Made>('POST', path, { body });
    },
    onSuccess: () => queries.invalidateQueries(),
  });
}

function NewForm({ kind, path, onClose }: Omit<NewProps, 'isOpen'>): ReactNode {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [chosen, setChosen] = useState<string[]>([]);
  const [days, setDays] = useState<number | string>(90);
  const { data: sessions = [] } = useSessions();
  const make = useMaking({ kind, path }, { name, role, sessions: chosen, days: Number(days) });
  if (make.data !== undefined) {
    const secret = make.data.value ?? `${location.origin}/welcome#${make.data.link ?? ''}`;
    return <ShownOnce secret={secret} onClose={onClose} />;
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack>
        <TextInput
          label="Name"
          required
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <Select
          label="Role"
          allowDeselect={false}
          data={[...ROLES]}
          value={role}
          onChange={(value) => setRole(value as Role)}
        />
        <MultiSelect
          label="Sessions"
          description="Those that may be seen; none for all"
          data={sessions.map(({ session }) => session)}
          value={chosen}
          onChange={setChosen}
          searchable
          clearable
          limit={100}
        />
        {kind === 'token' ? (
          <NumberInput
            label="Days"
            description="Until it expires"
            min={1}
            max={3_650}
            value={days}
            onChange={setDays}
          />
        ) : null}
        <Wrong error={make.error} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Back
          </Button>
          <Button type="submit" loading={make.isPending}>
            {kind === 'user' ? 'Add the user' : 'Make the token'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A secret that is nowhere else. */
export function ShownOnce({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }): ReactNode {
  return (
    <Stack>
      <Text size="sm">This is shown once. Whoever has it is let in: hand it over where nobody else reads.</Text>
      <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
        {secret}
      </Code>
      <Group justify="flex-end" gap="xs">
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  );
}
