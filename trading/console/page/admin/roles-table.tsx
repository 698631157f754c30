import { Checkbox, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { ROLES, type Role } from '../../../../infra/auth/roles.ts';
import { RowsTable, type Column } from '../parts/rows-table.tsx';
import { Wrong } from '../parts/words.tsx';
import { ask } from '../service/ask.ts';
import type { Access } from '../service/shapes.ts';

interface Roles {
  readonly access: readonly Access[];
  readonly secondFactor: readonly Role[];
}

/** Which role may ask for what, as the service is made, and which of them needs a second factor. */
export function RolesTable(): ReactNode {
  const [typed, setTyped] = useState('');
  const { data, error, isPending } = useQuery({
    queryKey: ['roles'],
    queryFn: ({ signal }) => ask<Roles>('GET', '/api/v1/roles', { signal }),
  });
  const columns: readonly Column<Access>[] = [
    { title: 'Route or channel', width: 210, grow: 4, cell: ({ name }) => <span title={name}>{name}</span> },
    { title: 'Takes', width: 140, wide: true, cell: ({ permission }) => permission },
    {
      title: 'Roles',
      width: 120,
      grow: 2,
      cell: ({ roles }) => (roles.length === ROLES.length ? 'all' : roles.join(', ')),
    },
  ];
  const wanted = typed.trim().toLowerCase();
  return (
    <Stack gap="sm">
      <Wrong error={error} />
      {data === undefined ? null : <NeedsCode roles={data.secondFactor} />}
      <TextInput
        size="xs"
        maw={320}
        placeholder="Route, channel or permission"
        aria-label="Only these routes and channels"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <RowsTable
        label="Roles"
        columns={columns}
        rows={
          data?.access.filter(({ name, permission }) => `${name} ${permission}`.toLowerCase().includes(wanted)) ?? []
        }
        keyOf={({ name }) => name}
        empty={isPending ? 'Loading' : 'None is called so.'}
        heightMax="56vh"
      />
    </Stack>
  );
}

/** Roles whose users do nothing before they have a second factor. */
function NeedsCode({ roles }: { readonly roles: readonly Role[] }): ReactNode {
  const queries = useQueryClient();
  const change = useMutation({
    mutationFn: ({ role, needed }: { role: Role; needed: boolean }) =>
      ask('PUT', `/api/v1/roles/${role}/second-factor`, { body: { needed } }),
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <Stack gap={4}>
      <Text size="sm">Roles that need a second factor:</Text>
      <Group gap="md">
        {ROLES.map((role) => (
          <Checkbox
            key={role}
            label={role}
            aria-label={`A second factor for every ${role}`}
            checked={roles.includes(role)}
            disabled={change.isPending}
            onChange={(event) => change.mutate({ role, needed: event.currentTarget.checked })}
          />
        ))}
      </Group>
      <Wrong error={change.error} />
    </Stack>
  );
}
