import { Button, Group, Menu, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ROLES } from '../../../../infra/auth/roles.ts';
import { useFormats } from '../parts/formats.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { State, Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { User } from '../service/shapes.ts';
import { useMe } from '../sign-in/me.tsx';
import { ChangeRiskProfile } from './change-risk-profile.tsx';
import { NewAccess, ShownOnce } from './new-access.tsx';

/** Who may sign in: roles, and the sessions that they see. */
export function UsersTable(): ReactNode {
  const formats = useFormats();
  const [isNew, adding] = useDisclosure(false);
  const { data, error, isPending } = useQuery({
    queryKey: ['users'],
    queryFn: async ({ signal }) => (await ask<{ users: User[] }>('GET', '/api/v1/users', { signal })).users,
  });
  const columns: readonly Column<User>[] = [
    { title: 'Name', width: 110, grow: 2, cell: ({ name }) => <strong>{name}</strong> },
    { title: 'Role', width: 90, cell: ({ role }) => role },
    { title: 'Sessions', width: 160, grow: 3, wide: true, cell: ({ sessions }) => sessions?.join(', ') ?? 'all' },
    { title: 'Code', width: 70, wide: true, cell: ({ secondFactor }) => (secondFactor ? 'yes' : 'no') },
    { title: 'Added', width: 184, wide: true, cell: ({ createdAt }) => formats.moment(createdAt) },
    { title: 'State', width: 150, wide: true, cell: (user) => <State word={stateOf(user)} /> },
    { title: 'Change', width: 110, cell: (user) => <UserMenu user={user} /> },
  ];
  return (
    <>
      <Group justify="flex-end" mb="xs">
        <Button size="xs" onClick={adding.open}>
          Add a user
        </Button>
      </Group>
      <Wrong error={error} />
      <RowsTable
        label="Users"
        columns={columns}
        rows={data ?? []}
        keyOf={({ id }) => id}
        empty={isPending ? 'Loading' : 'Nobody.'}
      />
      <NewAccess kind="user" path="/api/v1/users" isOpen={isNew} onClose={adding.close} />
    </>
  );
}

function stateOf({ disabledAt, hasPassword }: User): string {
  if (disabledAt !== null) return 'not let in';
  return hasPassword ? 'may sign in' : 'has a link';
}

function UserMenu({ user: { name, role, disabledAt, secondFactor } }: { readonly user: User }): ReactNode {
  const me = useMe();
  const queries = useQueryClient();
  const [link, setLink] = useState<string | null>(null);
  const change = useMutation({
    mutationFn: (body: object) => ask('PUT', `/api/v1/users/${encodeURIComponent(name)}`, { body }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users'] }),
  });
  const renew = useMutation({
    mutationFn: () => ask<{ link: string }>('POST', `/api/v1/users/${encodeURIComponent(name)}/link`),
    onSuccess: ({ link: made }) => setLink(`${location.origin}/welcome#${made}`),
  });
  const reset = useMutation({
    mutationFn: () => ask('DELETE', `/api/v1/users/${encodeURIComponent(name)}/second-factor`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['users'] }),
  });
  const [isBounding, bounding] = useDisclosure(false);
  const error = change.error ?? renew.error ?? reset.error;
  const forget = (): void => {
    setLink(null);
    change.reset();
    renew.reset();
    reset.reset();
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button size="compact-xs" variant="default" aria-label={`Change ${name}`}>
            Change
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Role</Menu.Label>
          {ROLES.map((one) => (
            <Menu.Item
              key={one}
              disabled={one === role || name === me.name}
              onClick={() => change.mutate({ role: one })}
            >
              {one}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={bounding.open}>Risk profile</Menu.Item>
          <Menu.Item onClick={() => renew.mutate()}>New one-time link</Menu.Item>
          <Menu.Item disabled={!secondFactor || name === me.name} onClick={() => reset.mutate()}>
            Reset second factor
          </Menu.Item>
          <Menu.Item disabled={name === me.name} onClick={() => change.mutate({ disabled: disabledAt === null })}>
            {disabledAt === null ? 'Let in no more' : 'Let in again'}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isBounding ? <BoundsOf name={name} onClose={bounding.close} /> : null}
      <Modal
        opened={link !== null || error !== null}
        onClose={forget}
        title={name}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {link === null ? <Wrong error={error} /> : <ShownOnce secret={link} onClose={forget} />}
      </Modal>
    </>
  );
}

/** The bounds of a user, in a window of their own. */
function BoundsOf({ name, onClose }: { readonly name: string; readonly onClose: () => void }): ReactNode {
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Risk profile of ${name}`}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <ChangeRiskProfile name={name} onDone={onClose} />
    </Modal>
  );
}
